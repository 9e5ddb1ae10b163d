package dev.poststation.smtp;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/// The encoding of ENVID and ORCPT (RFC 3461 4), and of international addresses in ORCPT and in
/// notifications (RFC 6533 3). Safe for any thread.
///
/// What is decoded goes into the fields of notifications; so nothing decodes to a control
/// character, though both RFCs could write one.
public final class Xtext {
  private static final String HEX = "0123456789ABCDEF";

  private Xtext() {}

  /// Encodes text as xtext; octets above 127 as those of UTF-8.
  public static String encode(String text) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    var encoded = new StringBuilder(octets.length + 8);
    for (byte octet : octets) {
      if (isXchar(octet)) {
        encoded.append((char) octet);
      } else {
        encoded.append('+').append(HEX.charAt((octet >> 4) & 15)).append(HEX.charAt(octet & 15));
      }
    }
    return encoded.toString();
  }

  /// Decodes xtext; empty when it is none, or stands for anything but printable ASCII.
  public static Optional<String> decode(String xtext) {
    if (!isXtext(xtext)) {
      return Optional.empty();
    }
    var decoded = new StringBuilder(xtext.length());
    for (int i = 0; i < xtext.length(); i++) {
      char c = xtext.charAt(i);
      if (c == '+') {
        c = (char) (HEX.indexOf(xtext.charAt(i + 1)) << 4 | HEX.indexOf(xtext.charAt(i + 2)));
        i += 2;
      }
      decoded.append(c);
    }
    return Optional.of(decoded.toString());
  }

  /// Whether it is xtext that stands for printable ASCII.
  public static boolean isXtext(String text) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c == '+') {
        // RFC 3461 4: two upper case hexadecimal digits.
        int high = i + 2 < length ? HEX.indexOf(text.charAt(i + 1)) : -1;
        int low = high >= 0 ? HEX.indexOf(text.charAt(i + 2)) : -1;
        int value = high << 4 | low;
        if (low < 0 || value < ' ' || value > '~') {
          return false;
        }
        i += 2;
      } else if (!isXchar(c)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isXchar(int c) {
    return c > ' ' && c <= '~' && c != '+' && c != '=';
  }

  /// Encodes an international address as utf-8-addr-xtext: ASCII only, `\x{E4}` for the rest.
  public static String encodeUtf8Address(String address) {
    var encoded = new StringBuilder(address.length() + 16);
    for (int i = 0; i < address.length(); ) {
      int codePoint = address.codePointAt(i);
      if (isQchar(codePoint)) {
        encoded.append((char) codePoint);
      } else {
        String digits = Integer.toHexString(codePoint).toUpperCase(Locale.ROOT);
        encoded.append("\\x{").append(digits.length() < 2 ? "0" : "").append(digits).append('}');
      }
      i += Character.charCount(codePoint);
    }
    return encoded.toString();
  }

  /// Decodes utf-8-addr-xtext, or utf-8-addr-unitext, which has characters above 127 as they are;
  /// empty when it is neither, or hides control characters.
  public static Optional<String> decodeUtf8Address(String text) {
    var decoded = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); ) {
      int codePoint = text.codePointAt(i);
      if (codePoint == '\\') {
        int close = text.indexOf('}', i);
        codePoint = close < 0 ? -1 : hexpoint(text, i, close);
        i = close + 1;
      } else if (codePoint < 128 && !isQchar(codePoint)) {
        return Optional.empty();
      } else {
        i += Character.charCount(codePoint);
      }
      if (codePoint < 0) {
        return Optional.empty();
      }
      decoded.appendCodePoint(codePoint);
    }
    String address = decoded.toString();
    boolean valid = !address.isEmpty() && AddressParser.isPrintable(address);
    return valid ? Optional.of(address) : Optional.empty();
  }

  private static boolean isQchar(int c) {
    return isXchar(c) && c != '\\';
  }

  /// The code point of `\x{…}` (RFC 6533 3, HEXPOINT): one that needs it, in as few digits as are
  /// needed.
  private static int hexpoint(String text, int from, int close) {
    int begin = from + 3;
    int digits = close - begin;
    if (!text.startsWith("\\x{", from) || digits < 2 || digits > 6) {
      return -1;
    }
    int value = 0;
    for (int i = begin; i < close; i++) {
      int digit = Character.digit(text.charAt(i), 16);
      if (digit < 0 || text.charAt(i) > 'f') {
        return -1;
      }
      value = value << 4 | digit;
    }
    boolean padded = digits > 2 && text.charAt(begin) == '0';
    return padded || isQchar(value) || !Character.isValidCodePoint(value) ? -1 : value;
  }
}
