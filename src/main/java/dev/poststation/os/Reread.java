package dev.poststation.os;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/// An input whose first octets were read before, and are read again. At its end it fails instead of
/// saying so: JSSE joins it to the input that it reads from, and would close that, and with it the
/// socket, while we still have something to say. JSSE takes either for the same. Confined to the
/// thread that reads.
final class Reread extends InputStream {
  private final byte[] first;
  private final InputStream rest;
  private int position;

  Reread(byte[] first, InputStream rest) {
    this.first = first;
    this.rest = rest;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    int count = read(one, 0, 1); // It is one, or a failure.
    return count < 1 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int left = first.length - position;
    if (left > 0) {
      int count = Math.min(left, length);
      System.arraycopy(first, position, buffer, offset, count);
      position += count;
      return count;
    }
    int count = rest.read(buffer, offset, length);
    if (count < 0) {
      throw new EOFException("the peer ended the connection");
    }
    return count;
  }

  @Override
  public int available() throws IOException {
    return Math.max(first.length - position, 0) + rest.available();
  }

  /// Whoever has the socket closes it.
  @Override
  public void close() {}
}
