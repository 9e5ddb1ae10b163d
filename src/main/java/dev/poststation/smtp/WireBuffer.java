package dev.poststation.smtp;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Collects octets so that many small pieces go out in one write; grows to a limit. Confined to one
/// thread.
public final class WireBuffer {
  private static final int FIRST = 2048;

  private final Outlet outlet;
  private final int max;
  private byte[] octets;
  private int size;

  /// Where the octets go.
  @FunctionalInterface
  public interface Outlet {
    /// Writes all of it.
    void write(byte[] octets, int offset, int length) throws IOException;
  }

  /// @param max octets that are collected before they go out by themselves
  public WireBuffer(Outlet outlet, int max) {
    this.outlet = outlet;
    this.max = max;
    this.octets = new byte[Math.min(FIRST, max)];
  }

  /// Octets that wait.
  public int size() {
    return size;
  }

  /// How many octets it can take before it writes by itself.
  public int room() {
    return max - size;
  }

  /// Adds octets. What is larger than the buffer goes out without being copied.
  public void put(byte[] source, int offset, int length) throws IOException {
    if (length > max - size) {
      flush();
      if (length >= max) {
        outlet.write(source, offset, length);
        return;
      }
    }
    reserve(length);
    System.arraycopy(source, offset, octets, size, length);
    size += length;
  }

  /// Adds one octet.
  public void put(byte octet) throws IOException {
    if (size == max) {
      flush();
    }
    reserve(1);
    octets[size++] = octet;
  }

  /// Adds a text in UTF-8.
  public void put(String text) throws IOException {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    put(encoded, 0, encoded.length);
  }

  private void reserve(int more) {
    if (octets.length - size < more) {
      octets = Arrays.copyOf(octets, Math.min(max, Math.max(2 * octets.length, size + more)));
    }
  }

  /// Writes what waits.
  public void flush() throws IOException {
    if (size > 0) {
      int length = size;
      size = 0;
      outlet.write(octets, 0, length);
    }
  }

  /// Throws away what waits: the connection is of no use any more.
  public void clear() {
    size = 0;
  }
}
