package dev.poststation.spool;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Takes a record of the spool apart. Confined to one thread.
final class OctetReader {
  private final byte[] octets;
  private int at;

  OctetReader(byte[] octets) {
    this.octets = octets;
  }

  int octet() throws DamagedRecordException {
    need(1);
    return octets[at++] & 0xFF;
  }

  long number() throws DamagedRecordException {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int octet = octet();
      value |= (long) (octet & 0x7F) << shift;
      if (octet < 0x80) {
        return value;
      }
    }
    throw new DamagedRecordException("a number without end at octet " + at);
  }

  /// A number that counts something of which each takes at least an octet of this record.
  int count() throws DamagedRecordException {
    long value = number();
    need(value);
    return (int) value;
  }

  int integer() throws DamagedRecordException {
    long value = number();
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw new DamagedRecordException("a number out of range at octet " + at);
    }
    return (int) value;
  }

  long signed() throws DamagedRecordException {
    long value = number();
    return value >>> 1 ^ -(value & 1);
  }

  long fixedLong() throws DamagedRecordException {
    return (long) fixedInt() << 32 | fixedInt() & 0xFFFF_FFFFL;
  }

  int fixedInt() throws DamagedRecordException {
    need(4);
    int value = 0;
    for (int i = 0; i < 4; i++) {
      value = value << 8 | octets[at++] & 0xFF;
    }
    return value;
  }

  byte[] bytes() throws DamagedRecordException {
    int length = count();
    at += length;
    return Arrays.copyOfRange(octets, at - length, at);
  }

  String text() throws DamagedRecordException {
    int length = count();
    at += length;
    return new String(octets, at - length, length, StandardCharsets.UTF_8);
  }

  boolean atEnd() {
    return at == octets.length;
  }

  void end() throws DamagedRecordException {
    if (at != octets.length) {
      throw new DamagedRecordException((octets.length - at) + " octets too many");
    }
  }

  private void need(long more) throws DamagedRecordException {
    if (more < 0 || more > octets.length - at) {
      throw new DamagedRecordException(
          "ends at octet " + octets.length + " in the middle of a field");
    }
  }
}
