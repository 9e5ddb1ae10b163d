package dev.poststation.smtp;

/// Goes through the parameters of MAIL or RCPT (RFC 5321 4.1.2, esmtp-param), one at a time.
/// Confined to one thread.
final class ParameterReader {
  private final byte[] octets;
  private final int to;
  private int at;
  private int keyword;
  private int equals;
  private int end;

  /// A reader of `octets` from `from`, where a space or the end is.
  ParameterReader(byte[] octets, int from, int to) {
    this.octets = octets;
    this.to = to;
    this.at = from;
  }

  /// Goes to the next parameter; false when there is none.
  boolean next() {
    keyword = Octets.afterSpaces(octets, at, to);
    if (keyword == to) {
      return false;
    }
    end = Octets.nextSpace(octets, keyword, to);
    at = end;
    equals = keyword;
    while (equals < end && octets[equals] != '=') {
      equals++;
    }
    return true;
  }

  /// Whether keyword and value are what RFC 5321 and RFC 6531 3.3 allow.
  boolean wellFormed() {
    if (equals == keyword || octets[keyword] == '-' || equals == end - 1) {
      return false;
    }
    for (int i = keyword; i < equals; i++) {
      byte c = octets[i];
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!letter && (c < '0' || c > '9') && c != '-') {
        return false;
      }
    }
    for (int i = equals + 1; i < end; i++) {
      if (octets[i] == '=') {
        return false;
      }
    }
    return true;
  }

  /// Whether the keyword is `name`, which is in upper case.
  boolean is(String name) {
    return Octets.is(octets, keyword, equals, name);
  }

  /// Whether there is a value.
  boolean hasValue() {
    return equals < end;
  }

  /// Whether the value is `text`, which is in upper case, in any case.
  boolean valueIs(String text) {
    return hasValue() && Octets.is(octets, equals + 1, end, text);
  }

  /// The value as a number; -1 if it is none.
  long number() {
    return hasValue() ? Octets.number(octets, equals + 1, end) : -1;
  }

  /// The value; empty if there is none.
  String value() {
    return hasValue() ? Octets.text(octets, equals + 1, end) : "";
  }
}
