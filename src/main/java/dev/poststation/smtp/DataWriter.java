package dev.poststation.smtp;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// Writes the content of one mail after DATA (RFC 5321 4.1.1.4): with dot-stuffing, with a CRLF at
/// the end, and then the final dot. Used once; confined to one thread.
///
/// Whatever goes in, nothing but the final dot can end DATA: an octet sequence that some server
/// might take for a line end (a bare CR, a bare LF) leaves as CRLF, and a dot after it is doubled.
/// So is one behind NULs at the start of a line, for a server that throws them away would see it
/// there. Content that is known to have neither such octets nor lines with a dot in front goes out
/// `verbatim`, without being looked at.
public final class DataWriter {
  private static final byte[] CRLF = {'\r', '\n'};
  private static final byte[] END = ".\r\n".getBytes(StandardCharsets.US_ASCII);

  private final WireBuffer out;
  private final boolean verbatim;

  // Before the first octet we stand at the start of a line: the one after DATA.
  private boolean lineStart = true;
  private boolean afterCr;

  /// Nothing but NUL has come in this line.
  private boolean blank = true;

  /// @param verbatim whether the content surely has no line with a dot in front and no bare CR or
  ///   LF
  public DataWriter(WireBuffer out, boolean verbatim) {
    this.out = out;
    this.verbatim = verbatim;
  }

  /// Writes a piece of the content. Pieces may end anywhere.
  public void write(byte[] octets, int offset, int length) throws IOException {
    if (length == 0) {
      return;
    }
    if (!verbatim) {
      writeCarefully(octets, offset, offset + length);
      return;
    }
    out.put(octets, offset, length);
    byte last = octets[offset + length - 1];
    boolean crBefore = length > 1 ? octets[offset + length - 2] == '\r' : afterCr;
    lineStart = last == '\n' && crBefore;
    afterCr = last == '\r';
  }

  private void writeCarefully(byte[] octets, int from, int to) throws IOException {
    int i = from;
    while (i < to) {
      byte b = octets[i];
      if (b == '\n' || afterCr) {
        // CRLF, or a CR or LF that stands alone: either way one line end.
        out.put(CRLF, 0, 2);
        lineStart = true;
        blank = true;
        afterCr = false;
        if (b == '\n') {
          i++;
        }
        continue;
      }
      if (b == '\r') {
        afterCr = true;
        i++;
        continue;
      }
      lineStart = false;
      if (blank && b == 0) {
        out.put(b);
        i++;
        continue;
      }
      if (blank && b == '.') {
        out.put((byte) '.');
      }
      blank = false;
      int end = i + 1;
      while (end < to && octets[end] != '\r' && octets[end] != '\n') {
        end++;
      }
      out.put(octets, i, end - i);
      i = end;
    }
  }

  /// Writes the end of the content: CRLF where the last line lacks it (RFC 5321 4.1.1.4), and the
  /// final dot. Does not flush.
  public void finish() throws IOException {
    if (!lineStart || (afterCr && !verbatim)) {
      // In careful mode a CR at the very end was held back.
      out.put(CRLF, 0, 2);
    }
    out.put(END, 0, END.length);
  }
}
