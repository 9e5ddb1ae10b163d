package dev.poststation.delivery;

import dev.poststation.smtp.Address;
import java.net.IDN;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How addresses stand in the commands to a next hop, international ones included. Pure functions.
final class WireAddress {
  private static final char[] HEX = "0123456789ABCDEF".toCharArray();

  private WireAddress() {}

  /// The address as it can be sent, or null when it cannot: without SMTPUTF8 an international domain goes as A-labels
  /// (RFC 5890 2.3.2.1), an international local part not at all.
  static @Nullable String of(Address address, boolean smtputf8) {
    if (smtputf8 || !address.isInternational()) {
      return address.toString();
    }
    if (!isAscii(address.local())) {
      return null;
    }
    try {
      return address.local() + "@" + IDN.toASCII(address.domain(), IDN.ALLOW_UNASSIGNED);
    } catch (IllegalArgumentException _) {
      return null;
    }
  }

  static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 127) {
        return false;
      }
    }
    return true;
  }

  /// The value of ORCPT (RFC 3461 4.2, RFC 6533 3): as it came, or made from the address. Without SMTPUTF8 it is all ASCII.
  static String originalRecipient(@Nullable String orcpt, String address, boolean smtputf8) {
    if (orcpt == null && isAscii(address)) {
      return "rfc822;" + xtext(address);
    }
    String value = orcpt == null ? "utf-8;" + unitext(address) : orcpt;
    return smtputf8 || isAscii(value) ? value : escape(value, true);
  }

  /// xtext of RFC 3461 4.
  private static String xtext(String text) {
    StringBuilder out = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean plain = c > ' ' && c < 127 && c != '+' && c != '=';
      if (!plain && out == null) {
        out = new StringBuilder(text.length() + 8).append(text, 0, i);
      }
      if (out != null) {
        if (plain) {
          out.append(c);
        } else {
          out.append('+').append(HEX[c >> 4 & 15]).append(HEX[c & 15]);
        }
      }
    }
    return out == null ? text : out.toString();
  }

  /// utf-8-addr-unitext of RFC 6533 3, from a bare address.
  private static String unitext(String address) {
    return escape(address, false);
  }

  /// With `allAscii`, what is escaped already stays so.
  private static String escape(String text, boolean allAscii) {
    var out = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            c -> {
              boolean plain =
                  allAscii ? c < 127 : c > ' ' && c != 127 && c != '+' && c != '=' && c != '\\';
              if (plain) {
                out.appendCodePoint(c);
              } else {
                out.append("\\x{").append(Integer.toHexString(c).toUpperCase(Locale.ROOT)).append('}');
              }
            });
    return out.toString();
  }
}
