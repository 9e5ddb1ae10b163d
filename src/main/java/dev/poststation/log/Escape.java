package dev.poststation.log;

/// How text that others wrote is put into lines of ours: bounded, on one line, and without anything
/// that a terminal or a parser would obey. Pure functions.
final class Escape {
  /// Characters of one value in a line of the log.
  static final int LINE_MAX = 1000;

  /// Characters of one value in a trace entry.
  static final int TRACE_MAX = 4000;

  private static final String HEX = "0123456789abcdef";

  private Escape() {}

  /// Whether a character would not show, or would change how others show: controls of both sets,
  /// separators of lines, and the marks that turn the direction of writing.
  static boolean hidden(char c) {
    if (c < 0x7f) {
      return c < ' ';
    }
    return c <= 0x9f
        || (c >= 0x200e && c <= 0x200f)
        || (c >= 0x2028 && c <= 0x202e)
        || (c >= 0x2066 && c <= 0x2069)
        || c == 0xfeff;
  }

  /// Where to cut a text of which at most `most` characters may stay: never within a pair of
  /// surrogates.
  static int cut(String text, int most) {
    if (text.length() <= most) {
      return text.length();
    }
    return Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
  }

  /// Appends the inside of a quoted string, as JSON has it (RFC 8259 7); logfmt reads the same.
  static void inside(StringBuilder out, String text, int most) {
    int end = cut(text, most);
    int plain = 0;
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\' || hidden(c)) {
        out.append(text, plain, i);
        plain = i + 1;
        escaped(out, c);
      }
    }
    out.append(text, plain, end);
    if (end < text.length()) {
      out.append('…');
    }
  }

  private static void escaped(StringBuilder out, char c) {
    out.append('\\');
    switch (c) {
      case '"', '\\' -> out.append(c);
      case '\n' -> out.append('n');
      case '\r' -> out.append('r');
      case '\t' -> out.append('t');
      default ->
          out.append('u')
              .append(HEX.charAt(c >> 12))
              .append(HEX.charAt(c >> 8 & 15))
              .append(HEX.charAt(c >> 4 & 15))
              .append(HEX.charAt(c & 15));
    }
  }

  /// Appends as Postfix does: what does not show becomes a question mark. With `bracketed` angle
  /// brackets do too, so that nobody can end a `<…>` that we began.
  static void masked(StringBuilder out, String text, int most, boolean bracketed) {
    int end = cut(text, most);
    int plain = 0;
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      if (hidden(c) || (bracketed && (c == '<' || c == '>'))) {
        out.append(text, plain, i).append('?');
        plain = i + 1;
      }
    }
    out.append(text, plain, end);
    if (end < text.length()) {
      out.append('…');
    }
  }
}
