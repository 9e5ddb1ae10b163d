package dev.poststation.oauth;

import java.util.Comparator;

/// An account at the next hop of a connector.
public record AccountName(String connector, String user) implements Comparable<AccountName> {
  private static final Comparator<AccountName> ORDER =
      Comparator.comparing(AccountName::connector).thenComparing(AccountName::user);

  @Override
  public int compareTo(AccountName other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return connector + " (" + user + ")";
  }
}
