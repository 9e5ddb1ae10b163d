package dev.poststation.smtp;

import java.nio.charset.StandardCharsets;

/// The productions of paths (RFC 5321 4.1.2, extended by RFC 6531 3.3) over octets that are valid
/// UTF-8. Each function takes a range, reads from its beginning as far as the production goes, and
/// returns the end, or [#NONE] where there is no such thing. Pure functions, safe for any thread.
final class PathSyntax {
  /// Not that production.
  static final int NONE = -1;

  private static final int LABEL_MAX = 63;
  private static final boolean[] ATEXT = new boolean[128];

  static {
    for (char c = 'a'; c <= 'z'; c++) {
      ATEXT[c] = true;
      ATEXT[c - 'a' + 'A'] = true;
    }
    for (char c = '0'; c <= '9'; c++) {
      ATEXT[c] = true;
    }
    for (char c : "!#$%&'*+-/=?^_`{|}~".toCharArray()) {
      ATEXT[c] = true;
    }
  }

  private PathSyntax() {}

  /// Whether it may stand in an atom (RFC 5322 3.2.3, RFC 6531 3.3).
  static boolean isAtext(byte octet) {
    return octet < 0 || ATEXT[octet];
  }

  /// Local-part = Dot-string / Quoted-string.
  static int localPart(byte[] octets, int from, int to) {
    return from < to && octets[from] == '"'
        ? quotedString(octets, from, to)
        : dotString(octets, from, to);
  }

  private static int dotString(byte[] octets, int from, int to) {
    int at = from;
    while (true) {
      int atom = at;
      while (at < to && isAtext(octets[at])) {
        at++;
      }
      if (at == atom) {
        return NONE;
      }
      if (at == to || octets[at] != '.') {
        return at;
      }
      at++;
    }
  }

  private static int quotedString(byte[] octets, int from, int to) {
    for (int at = from + 1; at < to; at++) {
      byte octet = octets[at];
      if (octet == '"') {
        return at + 1;
      }
      if (octet == '\\') {
        at++;
        // quoted-pairSMTP: only printable ASCII may be quoted.
        if (at == to || octets[at] < ' ' || octets[at] == 127) {
          return NONE;
        }
      } else if ((octet >= 0 && octet < ' ') || octet == 127) {
        return NONE;
      }
    }
    return NONE;
  }

  /// Domain = sub-domain *("." sub-domain), and a dot at the end, which belongs to the end
  /// returned.
  ///
  /// The underscore is no letter of RFC 5321, but of many a machine's name; other relays let it
  /// pass as well.
  static int domain(byte[] octets, int from, int to) {
    int at = from;
    while (true) {
      int label = at;
      while (at < to) {
        int length = lengthInLabel(octets, at, to);
        if (length == 0) {
          break;
        }
        at += length;
      }
      if (at == label) {
        return label > from ? at : NONE; // Behind a dot: the dot at the end.
      }
      if (at - label > LABEL_MAX || octets[label] == '-' || octets[at - 1] == '-') {
        return NONE;
      }
      if (at == to || octets[at] != '.') {
        return at;
      }
      at++;
    }
  }

  /// How many octets the letter, digit, hyphen at `at` takes; 0 if it is none.
  private static int lengthInLabel(byte[] octets, int at, int to) {
    byte octet = octets[at];
    if (octet < 0) {
      return lengthInULabel(octets, at, to);
    }
    boolean allowed =
        (octet >= 'a' && octet <= 'z')
            || (octet >= 'A' && octet <= 'Z')
            || (octet >= '0' && octet <= '9')
            || octet == '-'
            || octet == '_';
    return allowed ? 1 : 0;
  }

  /// RFC 5890 2.3.2.1 wants a label that IDNA can convert; this refuses what never can be (symbols,
  /// spaces, the full stops of other scripts, which some software takes for a dot) and leaves the
  /// rest to the resolver.
  private static int lengthInULabel(byte[] octets, int at, int to) {
    int length = (octets[at] & 0xE0) == 0xC0 ? 2 : (octets[at] & 0xF0) == 0xE0 ? 3 : 4;
    if (length > to - at) {
      return 0;
    }
    int codePoint = new String(octets, at, length, StandardCharsets.UTF_8).codePointAt(0);
    boolean allowed =
        switch (Character.getType(codePoint)) {
          case Character.LOWERCASE_LETTER,
              Character.UPPERCASE_LETTER,
              Character.TITLECASE_LETTER,
              Character.OTHER_LETTER,
              Character.MODIFIER_LETTER,
              Character.NON_SPACING_MARK,
              Character.COMBINING_SPACING_MARK,
              Character.DECIMAL_DIGIT_NUMBER ->
              true;
          // RFC 5892 A.1 to A.7: allowed in context.
          default ->
              codePoint == 0x200C
                  || codePoint == 0x200D
                  || codePoint == 0xB7
                  || codePoint == 0x375
                  || codePoint == 0x5F3
                  || codePoint == 0x5F4
                  || codePoint == 0x30FB;
        };
    return allowed ? length : 0;
  }

  /// address-literal = "[" ( IPv4-address-literal / IPv6-address-literal ) "]". No other tag is
  /// registered.
  static int addressLiteral(byte[] octets, int from, int to) {
    if (from >= to || octets[from] != '[') {
      return NONE;
    }
    int close = from + 1;
    while (close < to && octets[close] != ']') {
      close++;
    }
    if (close == to) {
      return NONE;
    }
    boolean valid =
        Octets.startsWith(octets, from + 1, close, "IPV6:")
            ? isIpv6(octets, from + 6, close)
            : isIpv4(octets, from + 1, close);
    return valid ? close + 1 : NONE;
  }

  private static boolean isIpv4(byte[] octets, int from, int to) {
    int numbers = 0;
    int at = from;
    while (true) {
      int begin = at;
      int value = 0;
      while (at < to && octets[at] >= '0' && octets[at] <= '9' && at - begin < 3) {
        value = value * 10 + octets[at] - '0';
        at++;
      }
      if (at == begin || value > 255) {
        return false;
      }
      numbers++;
      if (at == to) {
        return numbers == 4;
      }
      if (octets[at] != '.') {
        return false;
      }
      at++;
    }
  }

  private static boolean isIpv6(byte[] octets, int from, int to) {
    int groups = 0;
    boolean compressed = to - from >= 2 && octets[from] == ':' && octets[from + 1] == ':';
    int at = compressed ? from + 2 : from;
    while (at < to) {
      int begin = at;
      while (at < to && isHex(octets[at])) {
        at++;
      }
      if (at < to && octets[at] == '.') {
        // The last two groups in the form of IPv4.
        return isIpv4(octets, begin, to) && (compressed ? groups <= 5 : groups == 6);
      }
      if (at == begin || at - begin > 4) {
        return false;
      }
      groups++;
      if (at == to) {
        break;
      }
      if (octets[at] != ':' || at + 1 == to) {
        return false;
      }
      at++;
      if (octets[at] == ':') {
        if (compressed) {
          return false;
        }
        compressed = true;
        at++;
      }
    }
    return compressed ? groups <= 7 : groups == 8;
  }

  private static boolean isHex(byte octet) {
    return (octet >= '0' && octet <= '9')
        || (octet >= 'a' && octet <= 'f')
        || (octet >= 'A' && octet <= 'F');
  }
}
