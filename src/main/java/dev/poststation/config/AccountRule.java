package dev.poststation.config;

import java.util.List;

/// Which mail an account at a next hop is for: an entry of `auth` where that is a list. A rule
/// without a condition is for all mail. Immutable.
///
/// @param from sender patterns, as in `routes`; empty: any
/// @param client names of client rules; empty: any
public record AccountRule(List<String> from, List<String> client, Account account, Origin origin) {
  public AccountRule {
    from = List.copyOf(from);
    client = List.copyOf(client);
  }

  /// Whether it is for all mail.
  boolean matchesAll() {
    return from.isEmpty() && client.isEmpty();
  }

  /// Whether all mail that `later` is for is taken by this one already. Only what can be seen from
  /// the patterns as they are written.
  boolean covers(AccountRule later) {
    return covers(from, later.from) && covers(client, later.client);
  }

  private static boolean covers(List<String> mine, List<String> others) {
    return mine.isEmpty() || (!others.isEmpty() && mine.containsAll(others));
  }
}
