package dev.poststation.message;

import java.io.IOException;
import java.io.InputStream;

/// Reads octets from the first one to the last. Confined to one thread.
final class OctetStream extends InputStream {
  private static final int WINDOW = 64 * 1024;

  private final Octets octets;
  private byte[] window = {};
  private int at;
  private int filled;
  private long next;

  OctetStream(Octets octets) {
    this.octets = octets;
  }

  @Override
  public int read() throws IOException {
    return at < filled || fill() ? window[at++] & 0xFF : -1;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (at == filled && length >= WINDOW) {
      int count = octets.read(next, into, offset, length);
      next += Math.max(0, count);
      return count;
    }
    if (at == filled && !fill()) {
      return -1;
    }
    int count = Math.min(length, filled - at);
    System.arraycopy(window, at, into, offset, count);
    at += count;
    return count;
  }

  private boolean fill() throws IOException {
    if (window.length == 0) {
      window = new byte[Math.clamp(octets.size(), 1, WINDOW)];
    }
    int count = octets.read(next, window, 0, window.length);
    at = 0;
    filled = Math.max(0, count);
    next += filled;
    return count > 0;
  }
}
