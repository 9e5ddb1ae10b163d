package dev.poststation.smtp;

import java.nio.charset.StandardCharsets;

/// Small questions about a range of octets, without making strings of it. Pure functions, safe for
/// any thread.
final class Octets {
  private Octets() {}

  /// The first octet at or after `from` that is no space, or `to`.
  static int afterSpaces(byte[] octets, int from, int to) {
    int at = from;
    while (at < to && octets[at] == ' ') {
      at++;
    }
    return at;
  }

  /// The first space at or after `from`, or `to`.
  static int nextSpace(byte[] octets, int from, int to) {
    int at = from;
    while (at < to && octets[at] != ' ') {
      at++;
    }
    return at;
  }

  /// Whether the range is `word`, whose letters are upper case, in any case.
  static boolean is(byte[] octets, int from, int to, String word) {
    return to - from == word.length() && startsWith(octets, from, to, word);
  }

  /// Whether the range begins with `word`, whose letters are upper case, in any case.
  static boolean startsWith(byte[] octets, int from, int to, String word) {
    if (to - from < word.length()) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      int c = octets[from + i];
      if (c >= 'a' && c <= 'z') {
        c -= 'a' - 'A';
      }
      if (c != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /// Whether any octet is above 127.
  static boolean eightBit(byte[] octets, int from, int to) {
    int seen = 0;
    for (int i = from; i < to; i++) {
      seen |= octets[i];
    }
    return seen < 0;
  }

  /// A number of one to twenty digits (RFC 1870 3), at most `Long.MAX_VALUE`; -1 if it is none.
  static long number(byte[] octets, int from, int to) {
    if (from >= to || to - from > 20) {
      return -1;
    }
    long value = 0;
    for (int i = from; i < to; i++) {
      int digit = octets[i] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value > (Long.MAX_VALUE - digit) / 10 ? Long.MAX_VALUE : value * 10 + digit;
    }
    return value;
  }

  /// The range as text.
  static String text(byte[] octets, int from, int to) {
    return new String(octets, from, to - from, StandardCharsets.UTF_8);
  }
}
