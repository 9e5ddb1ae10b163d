package dev.poststation.bounce;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Works on the lines of headers and of our own text. Pure functions.
final class Lines {
  static final byte[] CRLF = {'\r', '\n'};

  /// RFC 5322 2.1.1, without CRLF.
  static final int LINE_MAX = 998;

  private Lines() {}

  /// Where the header ends, the empty line excluded; -1 when it does not end here.
  static int endOfHeader(byte[] octets, int from) {
    for (int i = from; i + 3 < octets.length; i++) {
      if (octets[i] == '\r'
          && octets[i + 1] == '\n'
          && octets[i + 2] == '\r'
          && octets[i + 3] == '\n') {
        return i + 2;
      }
    }
    return -1;
  }

  static boolean hasNul(byte[] octets) {
    for (byte octet : octets) {
      if (octet == 0) {
        return true;
      }
    }
    return false;
  }

  /// Makes lines that may stand in any mail: ended by CRLF, none too long, none empty, no NUL, no
  /// lone CR.
  static byte[] tidy(byte[] header) {
    var out = new ByteArrayOutputStream(header.length + 16);
    int column = 0;
    for (byte octet : header) {
      if (octet == '\n') {
        if (column > 0) {
          out.writeBytes(CRLF);
        }
        column = 0;
      } else if (octet != '\r') {
        if (column == LINE_MAX) {
          // Folded where it must be, so that it stays one field.
          out.writeBytes(CRLF);
          out.write(' ');
          column = 1;
        }
        out.write(octet == 0 ? '?' : octet);
        column++;
      }
    }
    if (column > 0) {
      out.writeBytes(CRLF);
    }
    return out.toByteArray();
  }

  /// The unfolded value of the first field of that name in a tidy header, cut; empty when there is
  /// none.
  ///
  /// @param name in lower case
  static String field(byte[] header, String name, int most) {
    int at = 0;
    while (at < header.length) {
      int end = endOfField(header, at);
      int colon = at + name.length();
      if (colon < end
          && header[colon] == ':'
          && new String(header, at, name.length(), StandardCharsets.ISO_8859_1)
              .equalsIgnoreCase(name)) {
        int length = Math.min(end - colon - 1, most);
        var raw = new String(header, colon + 1, length, StandardCharsets.UTF_8);
        return raw.replace("\r\n", "").strip();
      }
      at = end;
    }
    return "";
  }

  private static int endOfField(byte[] header, int from) {
    int at = from;
    while (at < header.length) {
      if (header[at++] == '\n'
          && (at == header.length || (header[at] != ' ' && header[at] != '\t'))) {
        return at;
      }
    }
    return at;
  }

  /// Whether any octet is above 127.
  static boolean eightBit(byte[] octets) {
    for (byte octet : octets) {
      if (octet < 0) {
        return true;
      }
    }
    return false;
  }

  /// On one line and cut: controls, and what turns the direction of writing, become spaces.
  static String plain(String text, int most) {
    var out = new StringBuilder();
    for (int i = 0; i < text.length() && out.length() < most; ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      out.appendCodePoint(isPlain(c) ? c : ' ');
    }
    return out.toString().strip();
  }

  private static boolean isPlain(int c) {
    if (c < 0x7f) {
      return c >= ' ';
    }
    boolean control = c <= 0x9f || (c >= 0xd800 && c <= 0xdfff) || c == 0xfeff;
    boolean direction =
        c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    return !control && !direction;
  }

  /// Appends text broken at spaces, each line indented and ended by CRLF. A word that is too long
  /// for the width stays whole; only one that no mail can carry is broken.
  static void wrap(StringBuilder out, String text, String indent, int width) {
    int column = 0;
    for (var word : text.split(" ", -1)) {
      if (word.isEmpty()) {
        continue;
      }
      if (column > 0 && column + 1 + word.length() > width) {
        out.append("\r\n");
        column = 0;
      }
      out.append(column == 0 ? indent : " ");
      column += (column == 0 ? indent.length() : 1) + word.length();
      unbroken(out, word, indent);
    }
    if (column > 0) {
      out.append("\r\n");
    }
  }

  private static void unbroken(StringBuilder out, String word, String indent) {
    // With room for what stands before it on the line.
    int octetsMax = LINE_MAX - 100;
    int octets = 0;
    for (int i = 0; i < word.length(); ) {
      int c = word.codePointAt(i);
      int width = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
      if (octets + width > octetsMax) {
        out.append("\r\n").append(indent);
        octets = 0;
      }
      out.appendCodePoint(c);
      octets += width;
      i += Character.charCount(c);
    }
  }
}
