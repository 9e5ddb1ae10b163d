package dev.poststation.smtp;

import java.nio.charset.StandardCharsets;

/// Text that a peer chose, made harmless for logs, terminals and notices: what is not printable
/// becomes `?`, so that nobody can end our line, start another one, colour a terminal or turn the
/// direction of writing. Pure functions.
public final class PeerText {
  private PeerText() {}

  /// Decodes octets of a peer as UTF-8 (RFC 6531 3.7.4) and makes them harmless.
  public static String of(byte[] octets, int from, int to) {
    for (int i = from; i < to; i++) {
      if (octets[i] < ' ' || octets[i] == 0x7f) {
        return of(new String(octets, from, to - from, StandardCharsets.UTF_8));
      }
    }
    // Printable ASCII, as nearly always.
    return new String(octets, from, to - from, StandardCharsets.ISO_8859_1);
  }

  /// Makes a text harmless. A tab becomes a space.
  public static String of(String text) {
    StringBuilder harmless = null;
    int width;
    for (int i = 0; i < text.length(); i += width) {
      int c = text.codePointAt(i);
      width = Character.charCount(c);
      if (isHarmless(c)) {
        if (harmless != null) {
          harmless.appendCodePoint(c);
        }
        continue;
      }
      if (harmless == null) {
        harmless = new StringBuilder(text.length()).append(text, 0, i);
      }
      harmless.append(c == '\t' ? ' ' : '?');
    }
    return harmless == null ? text : harmless.toString();
  }

  private static boolean isHarmless(int c) {
    if (c < 0x7f) {
      return c >= ' ';
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          false;
      default -> c != 0xfffd;
    };
  }
}
