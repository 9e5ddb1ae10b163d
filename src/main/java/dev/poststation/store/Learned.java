package dev.poststation.store;

import java.util.List;

/// The files in `data` with what was learned: each is kept by a [Ledger].
public final class Learned {
  /// Their names.
  public static final List<String> FILES =
      List.of(
          "clients.usual",
          "clients.used",
          "correspondents",
          "mta-sts.policies",
          "outbreaks",
          "peers.ranges",
          "profiles",
          "quarantine.told",
          "quotas.used",
          "rates.used",
          "sources.listed",
          "suppressed",
          "tls-reports.counted",
          "tls-reports.sent",
          "users.used",
          "warm-up.sent");

  private Learned() {}
}
