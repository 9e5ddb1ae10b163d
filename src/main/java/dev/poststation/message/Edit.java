package dev.poststation.message;

import dev.poststation.smtp.Address;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A change of some octets: those from `start` to before `end` become others. Immutable.
public record Edit(int start, int end, byte[] octets) {
  private static final int LINE_MAX = 998;

  /// One that puts a text there.
  ///
  /// @param text one octet per character (ISO 8859-1)
  public static Edit of(int start, int end, String text) {
    return new Edit(start, end, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /// One that puts an address there, in UTF-8 (RFC 6532 3.2).
  public static Edit of(int start, int end, Address address) {
    return new Edit(start, end, address.toString().getBytes(StandardCharsets.UTF_8));
  }

  /// How much longer the whole becomes.
  public int growth() {
    return octets.length - (end - start);
  }

  /// Whether a line has more than 998 octets (RFC 5321 4.5.3.1.6).
  public static boolean longLines(byte[] octets) {
    int column = 0;
    for (byte octet : octets) {
      column = octet == '\n' ? 0 : column + 1;
      if (column > LINE_MAX && octet != '\r') {
        return true;
      }
    }
    return false;
  }

  /// A piece of a whole, changed.
  ///
  /// @param edits of the whole, by rising place, none within another
  /// @param from where the piece begins in the whole
  public static byte[] apply(List<Edit> edits, byte[] piece, int from) {
    int to = from + piece.length;
    var changed = new ByteArrayOutputStream(piece.length + 256);
    int at = from;
    for (Edit edit : edits) {
      int start = Math.clamp(edit.start, at, to);
      changed.write(piece, at - from, start - at);
      if (edit.start >= from && edit.start < to) {
        changed.writeBytes(edit.octets);
      }
      at = Math.clamp(edit.end, start, to);
    }
    changed.write(piece, at - from, to - at);
    return changed.toByteArray();
  }
}
