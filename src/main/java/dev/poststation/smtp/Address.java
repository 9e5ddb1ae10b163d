package dev.poststation.smtp;

import java.util.Locale;

/// A mailbox address as it stands in an envelope (RFC 5321 4.1.2, RFC 6531): local part and domain,
/// spelled as the client spelled them. `NULL` is the null reverse-path `<>`; `<Postmaster>` has an
/// empty domain.
///
/// @param local the local part, quoted if it came quoted; empty for the null reverse-path
/// @param domain the domain or address literal (`[192.0.2.1]`), without dot at the end
public record Address(String local, String domain) {
  /// The null reverse-path.
  public static final Address NULL = new Address("", "");

  /// Whether this is the null reverse-path.
  public boolean isNull() {
    return local.isEmpty();
  }

  /// The domain for comparing and looking up: lower case.
  public String domainKey() {
    return domain.toLowerCase(Locale.ROOT);
  }

  /// Whether both are the same mailbox, as far as we can know (RFC 5321 2.4).
  public boolean isSameMailbox(Address other) {
    return local.equals(other.local) && domainKey().equals(other.domainKey());
  }

  /// Whether it can only be sent with SMTPUTF8.
  public boolean isInternational() {
    return !isAscii(local) || !isAscii(domain);
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 127) {
        return false;
      }
    }
    return true;
  }

  /// `local@domain`, without angle brackets; empty for the null reverse-path.
  @Override
  public String toString() {
    return domain.isEmpty() ? local : local + "@" + domain;
  }
}
