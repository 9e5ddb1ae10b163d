package dev.poststation.smtp;

import java.util.Optional;

/// Parses mailboxes and paths (RFC 5321 4.1.2, RFC 6531 3.3). Safe for any thread.
public final class AddressParser {
  private AddressParser() {}

  /// Parses `local@domain`, without angle brackets, as people write it in configuration and on the
  /// command line.
  public static Optional<Address> parse(String mailbox) {
    return Optional.empty();
  }

  /// Whether it is a domain name (RFC 5321 4.1.2, RFC 6531), without dot at the end.
  public static boolean isDomain(String text) {
    return false;
  }

  /// Whether it is an address literal: `[192.0.2.1]`, `[IPv6:2001:db8::1]`.
  public static boolean isAddressLiteral(String text) {
    return false;
  }
}
