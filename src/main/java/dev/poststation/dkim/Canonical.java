package dev.poststation.dkim;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// The canonical form of header fields (RFC 6376 3.4.1, 3.4.2). Pure functions.
final class Canonical {
  private static final byte[] CRLF = {'\r', '\n'};

  private Canonical() {}

  /// A field as it is hashed.
  ///
  /// @param octets in which it stands
  /// @param start of its name
  /// @param value behind the colon
  /// @param end behind its last line end, if it has one
  /// @param ended whether a line end belongs behind it: of the signature itself none does
  static void field(
      Form form,
      byte[] octets,
      int start,
      int value,
      int end,
      boolean ended,
      ByteArrayOutputStream out) {
    int last = withoutLineEnd(octets, value, end);
    switch (form) {
      case SIMPLE -> out.write(octets, start, last - start);
      case RELAXED -> {
        String name = new String(octets, start, value - 1 - start, StandardCharsets.ISO_8859_1);
        out.writeBytes(name.strip().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.ISO_8859_1));
        out.write(':');
        relaxed(octets, value, last, out);
      }
    }
    if (ended) {
      out.writeBytes(CRLF);
    }
  }

  private static int withoutLineEnd(byte[] octets, int from, int end) {
    int last = end;
    if (last > from && octets[last - 1] == '\n') {
      last--;
      if (last > from && octets[last - 1] == '\r') {
        last--;
      }
    }
    return last;
  }

  /// Unfolded, with one space for each run of white space, and none at either end.
  private static void relaxed(byte[] octets, int from, int to, ByteArrayOutputStream out) {
    boolean some = false;
    boolean space = false;
    for (int i = from; i < to; i++) {
      byte octet = octets[i];
      switch (octet) {
        case ' ', '\t' -> space = true;
        case '\r', '\n' -> {} // A fold: white space follows it.
        default -> {
          if (space && some) {
            out.write(' ');
          }
          space = false;
          some = true;
          out.write(octet);
        }
      }
    }
  }
}
