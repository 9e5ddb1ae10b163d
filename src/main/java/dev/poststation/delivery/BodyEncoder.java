package dev.poststation.delivery;

import dev.poststation.smtp.WireBuffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// Encodes the body of a part while it streams by (RFC 2045 6.7, 6.8). Confined to one thread.
final class BodyEncoder {
  private static final int LINE_MAX = 76;
  private static final byte[] CRLF = {'\r', '\n'};
  private static final byte[] SOFT_BREAK = {'=', '\r', '\n'};
  private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] BASE64 =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
          .getBytes(StandardCharsets.US_ASCII);

  private final MimeSurvey.Encoding encoding;
  private final WireBuffer out;
  private int column;
  private int heldSpace;
  private boolean afterCr;
  private boolean softBroken;
  private int group;
  private int groupSize;

  BodyEncoder(MimeSurvey.Encoding encoding, WireBuffer out) {
    this.encoding = encoding;
    this.out = out;
  }

  void body(byte[] octets, int from, int to) throws IOException {
    switch (encoding) {
      case KEEP -> out.put(octets, from, to - from);
      case QUOTED_PRINTABLE, MEND_QUOTED_PRINTABLE -> {
        for (int i = from; i < to; i++) {
          quote(octets[i]);
        }
      }
      case BASE64 -> {
        for (int i = from; i < to; i++) {
          group = (group << 8) | (octets[i] & 255);
          if (++groupSize == 3) {
            putGroup(4);
          }
        }
      }
      case MEND_BASE64 -> {
        for (int i = from; i < to; i++) {
          if (isBase64(octets[i])) {
            putBase64(octets[i]);
          }
        }
      }
    }
  }

  /// @param atEnd whether the mail ends here: then with a line end
  void end(boolean atEnd) throws IOException {
    switch (encoding) {
      case KEEP -> {}
      case QUOTED_PRINTABLE, MEND_QUOTED_PRINTABLE -> {
        // RFC 2045 6.7 (3): no white space at the end of a line.
        releaseSpace(true);
        if (afterCr) {
          putEscaped((byte) '\r');
        }
      }
      case BASE64, MEND_BASE64 -> {
        if (groupSize > 0) {
          int characters = groupSize + 1;
          group <<= 8 * (3 - groupSize);
          putGroup(characters);
        }
        if (atEnd && column > 0) {
          out.put(CRLF, 0, 2);
        }
      }
    }
  }

  private void quote(byte b) throws IOException {
    if (afterCr) {
      afterCr = false;
      if (b == '\n') {
        releaseSpace(encoding == MimeSurvey.Encoding.QUOTED_PRINTABLE);
        out.put(CRLF, 0, 2);
        column = 0;
        softBroken = false;
        return;
      }
      releaseSpace(false);
      putEscaped((byte) '\r');
    }
    if (b == '\r') {
      afterCr = true;
      return;
    }
    releaseSpace(false);
    if (b == ' ' || b == '\t') {
      heldSpace = b;
    } else if (b <= ' ' || b == 127) {
      putEscaped(b);
    } else if (b == '=') {
      if (encoding == MimeSurvey.Encoding.QUOTED_PRINTABLE) {
        putEscaped(b);
      } else {
        // What it escapes must follow on the same line.
        putLiteral(b, 3);
      }
    } else if (b == '-') {
      makeRoom(1);
      if (softBroken && column == 0) {
        // A line that our own break has made must not look like a delimiter.
        putEscaped(b);
      } else {
        putLiteral(b, 1);
      }
    } else {
      putLiteral(b, 1);
    }
  }

  private void releaseSpace(boolean atLineEnd) throws IOException {
    if (heldSpace != 0) {
      byte space = (byte) heldSpace;
      heldSpace = 0;
      if (atLineEnd) {
        putEscaped(space);
      } else {
        putLiteral(space, 1);
      }
    }
  }

  private void makeRoom(int characters) throws IOException {
    // One place is for the soft break.
    if (column + characters > LINE_MAX - 1) {
      out.put(SOFT_BREAK, 0, 3);
      column = 0;
      softBroken = true;
    }
  }

  private void putLiteral(byte b, int room) throws IOException {
    makeRoom(room);
    out.put(b);
    column++;
  }

  private void putEscaped(byte b) throws IOException {
    makeRoom(3);
    out.put((byte) '=');
    out.put(HEX[(b >> 4) & 15]);
    out.put(HEX[b & 15]);
    column += 3;
  }

  private void putGroup(int characters) throws IOException {
    for (int i = 0; i < 4; i++) {
      putBase64(i < characters ? BASE64[(group >> (18 - 6 * i)) & 63] : (byte) '=');
    }
    group = 0;
    groupSize = 0;
  }

  private void putBase64(byte b) throws IOException {
    if (column == LINE_MAX) {
      out.put(CRLF, 0, 2);
      column = 0;
    }
    out.put(b);
    column++;
  }

  private static boolean isBase64(byte b) {
    return (b >= 'A' && b <= 'Z')
        || (b >= 'a' && b <= 'z')
        || (b >= '0' && b <= '9')
        || b == '+'
        || b == '/'
        || b == '=';
  }
}
