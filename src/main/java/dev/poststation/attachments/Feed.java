package dev.poststation.attachments;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// Bounds what the library takes of an archive for one header, or to look for an end: it keeps that
/// in memory, whatever length the archive says. Confined to one thread.
final class Feed extends FilterInputStream {
  /// A name in a TAR that has a header of its own (GNU), or attributes of a file (POSIX.1 pax).
  static final int TAR_HEADER_MAX = 64 * 1024;

  /// A file in a ZIP that is not compressed, and whose length stands behind it.
  static final int STORED_MAX = 1024 * 1024;

  private long most = Long.MAX_VALUE;
  private long left = Long.MAX_VALUE;

  Feed(InputStream in) {
    super(in);
  }

  /// How many octets may be taken from now on.
  void allow(long octets) {
    most = octets;
    left = octets;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (left <= 0 && length > 0) {
      throw new IOException(
          "it has a header, or a file without a length, of more than " + most + " octets");
    }
    int count = in.read(into, offset, (int) Math.min(length, left));
    left -= Math.max(0, count);
    return count;
  }

  @Override
  public long skip(long count) throws IOException {
    return Math.max(0, read(new byte[(int) Math.min(count, 8192)]));
  }
}
