package dev.poststation.mime;

import dev.poststation.message.Octets;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Base64;
import org.apache.james.mime4j.codec.Base64InputStream;
import org.apache.james.mime4j.codec.DecodeMonitor;
import org.apache.james.mime4j.codec.QuotedPrintableInputStream;
import org.apache.james.mime4j.codec.QuotedPrintableOutputStream;

/// Transfer encodings (RFC 2045 6). Pure functions.
public final class Transfer {
  private static final String BASE64 = "base64";
  private static final byte[] PADDING = {'=', '='};
  private static final String QUOTED = "quoted-printable";

  private Transfer() {}

  /// Whether something is encoded by it that is known here: not 7bit, 8bit and binary, and not what
  /// nobody knows.
  public static boolean encodes(String encoding) {
    return encoding.equals(BASE64) || encoding.equals(QUOTED);
  }

  /// Whether it is one of those of RFC 2045.
  public static boolean isKnown(String encoding) {
    return encodes(encoding)
        || encoding.equals("7bit")
        || encoding.equals("8bit")
        || encoding.equals("binary");
  }

  /// Decodes; what is no such encoding in the middle of it is passed over.
  ///
  /// @param encoding in lower case; the octets of any that nobody knows are as they were
  /// @throws IOException when the spool cannot read them
  public static InputStream decode(Octets octets, String encoding) throws IOException {
    return switch (encoding) {
      // The library forgets the last octets where padding is missing; too much does no harm.
      case BASE64 ->
          new Base64InputStream(
              new SequenceInputStream(octets.open(), new ByteArrayInputStream(PADDING)),
              DecodeMonitor.SILENT);
      case QUOTED ->
          new QuotedPrintableInputStream(withoutLastBreak(octets).open(), DecodeMonitor.SILENT);
      default -> octets.open();
    };
  }

  /// A soft line break at the very end: its line end belongs to the delimiter behind it.
  private static Octets withoutLastBreak(Octets octets) throws IOException {
    byte[] last = new byte[1];
    long size = octets.size();
    boolean soft = size > 0 && octets.read(size - 1, last, 0, 1) == 1 && last[0] == '=';
    return soft ? octets.slice(0, size - 1) : octets;
  }

  /// Encodes what is text, with its line ends, or anything else.
  ///
  /// @param encoding in lower case
  /// @return with CRLF at the end of each line
  public static byte[] encode(byte[] octets, String encoding) {
    return switch (encoding) {
      case BASE64 -> base64(octets);
      case QUOTED -> quoted(octets);
      default -> octets;
    };
  }

  private static byte[] base64(byte[] octets) {
    byte[] lines = Base64.getMimeEncoder().encode(octets);
    byte[] ended = Arrays.copyOf(lines, lines.length + (lines.length == 0 ? 0 : 2));
    if (lines.length > 0) {
      ended[lines.length] = '\r';
      ended[lines.length + 1] = '\n';
    }
    return ended;
  }

  /// Line by line: as one text the library would change a CR or LF that stands alone, and leave
  /// white space at the end of the last line.
  private static byte[] quoted(byte[] octets) {
    var encoded = new ByteArrayOutputStream(octets.length + octets.length / 8);
    for (int at = 0; at < octets.length; ) {
      int end = at;
      while (end < octets.length && !isLineEnd(octets, end)) {
        end++;
      }
      boolean ended = end < octets.length;
      boolean binary =
          (!ended && octets[end - 1] <= ' ' && octets[end - 1] >= 0) || alone(octets, at, end);
      int next = ended ? end + 2 : end;
      if (binary) {
        quoted(octets, at, end, true, encoded);
        encoded.write(octets, end, next - end);
      } else {
        quoted(octets, at, next, false, encoded);
      }
      at = next;
    }
    return encoded.toByteArray();
  }

  private static boolean isLineEnd(byte[] octets, int at) {
    return octets[at] == '\r' && at + 1 < octets.length && octets[at + 1] == '\n';
  }

  private static boolean alone(byte[] octets, int from, int to) {
    for (int i = from; i < to; i++) {
      if (octets[i] == '\r' || octets[i] == '\n') {
        return true;
      }
    }
    return false;
  }

  private static void quoted(
      byte[] octets, int from, int to, boolean binary, ByteArrayOutputStream into) {
    try (var out = new QuotedPrintableOutputStream(into, binary)) {
      out.write(octets, from, to - from);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // There is no disk in it.
    }
  }
}
