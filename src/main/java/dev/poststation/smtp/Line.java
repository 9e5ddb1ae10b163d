package dev.poststation.smtp;

import java.nio.charset.StandardCharsets;

/// What [SmtpReader#readLine] found. Confined to the session's thread.
public sealed interface Line {
  /// A line that ended with CRLF, seen in the reader's own buffer: valid until the reader is used
  /// again.
  final class Text implements Line {
    private byte[] buffer = new byte[0];
    private int offset;
    private int length;

    Text() {}

    /// The reader keeps one of these and points it at each line.
    Text at(byte[] buffer, int offset, int length) {
      this.buffer = buffer;
      this.offset = offset;
      this.length = length;
      return this;
    }

    /// Holds the line from `offset` on. Not to be changed or kept.
    public byte[] buffer() {
      return buffer;
    }

    /// Where the line begins.
    public int offset() {
      return offset;
    }

    /// Its octets without CRLF.
    public int length() {
      return length;
    }

    /// A copy of the first octets, for logs.
    public String start(int most) {
      return new String(buffer, offset, Math.min(length, most), StandardCharsets.UTF_8);
    }

    /// A copy, for logs and tests.
    @Override
    public String toString() {
      return new String(buffer, offset, length, StandardCharsets.UTF_8);
    }
  }

  /// Longer than a command line may be; it was skipped. Something that never ends gives this again
  /// and again, so that the limit of errors ends it.
  record TooLong() implements Line {}

  /// It ended with a bare LF, or held a bare CR: not a line (RFC 5321 2.3.8). It was skipped.
  record BareNewline() implements Line {}

  /// The client went away; half a line is thrown away.
  record End() implements Line {}
}
