package dev.poststation.delivery;

import dev.poststation.dns.DomainName;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.Xtext;
import org.jspecify.annotations.Nullable;

/// How addresses stand in the commands to a next hop, international ones included. Pure functions.
final class WireAddress {
  private WireAddress() {}

  /// The address as it can be sent, or null when it cannot: without SMTPUTF8 an international
  /// domain goes as A-labels (RFC 5890 2.3.2.1), an international local part not at all.
  static @Nullable String of(Address address, boolean smtputf8) {
    if (smtputf8 || !address.isInternational()) {
      return address.toString();
    }
    if (!isAscii(address.local())) {
      return null;
    }
    // The same spelling by which the domain was looked up: `java.net.IDN` would send the mail for
    // straße.example to strasse.example.
    return DomainName.ascii(address.domain())
        .map(domain -> address.local() + "@" + domain)
        .orElse(null);
  }

  static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 127) {
        return false;
      }
    }
    return true;
  }

  /// The value of ORCPT (RFC 3461 4.2, RFC 6533 3): as it came, or made from the address. Without
  /// SMTPUTF8 it is all ASCII.
  static String originalRecipient(@Nullable String orcpt, String address, boolean smtputf8) {
    if (orcpt == null) {
      return isAscii(address)
          ? "rfc822;" + Xtext.encode(address)
          : "utf-8;" + Xtext.encodeUtf8Address(address);
    }
    if (smtputf8 || isAscii(orcpt)) {
      return orcpt;
    }
    int semicolon = orcpt.indexOf(';');
    return Xtext.decodeUtf8Address(orcpt.substring(semicolon + 1))
        .map(original -> "utf-8;" + Xtext.encodeUtf8Address(original))
        .orElseGet(() -> originalRecipient(null, address, false));
  }
}
