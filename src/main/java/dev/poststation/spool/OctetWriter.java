package dev.poststation.spool;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Builds a record of the spool, octet by octet. Confined to one thread.
final class OctetWriter {
  private byte[] octets;
  private int length;

  OctetWriter(int expected) {
    octets = new byte[expected];
  }

  OctetWriter octet(int value) {
    room(1);
    octets[length++] = (byte) value;
    return this;
  }

  /// A number of any size, small ones in few octets: seven bits each, the highest bit says that
  /// more follow.
  OctetWriter number(long value) {
    room(10);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      octets[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    octets[length++] = (byte) rest;
    return this;
  }

  /// A number that may be negative.
  OctetWriter signed(long value) {
    return number(value << 1 ^ value >> 63);
  }

  /// Eight octets, the highest first: they sort as the numbers do, if these are not negative.
  OctetWriter fixed(long value) {
    room(8);
    for (int shift = 56; shift >= 0; shift -= 8) {
      octets[length++] = (byte) (value >>> shift);
    }
    return this;
  }

  /// Four octets, the highest first.
  OctetWriter fixed(int value) {
    room(4);
    for (int shift = 24; shift >= 0; shift -= 8) {
      octets[length++] = (byte) (value >>> shift);
    }
    return this;
  }

  OctetWriter bytes(byte[] value) {
    number(value.length);
    room(value.length);
    System.arraycopy(value, 0, octets, length, value.length);
    length += value.length;
    return this;
  }

  OctetWriter text(String value) {
    return bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  byte[] finished() {
    return length == octets.length ? octets : Arrays.copyOf(octets, length);
  }

  private void room(int more) {
    if (length + more > octets.length) {
      octets = Arrays.copyOf(octets, Math.max(2 * octets.length, length + more));
    }
  }
}
