package dev.poststation.attachments;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Tells whether a RAR archive is encrypted, by its first headers; no library reads its format
/// freely. Pure functions.
final class Rar {
  private static final byte[] RAR5 = "Rar!\032\007\001\000".getBytes(StandardCharsets.ISO_8859_1);
  private static final int RAR4_SIGNATURE = 7;
  private static final int RAR4_MAIN = 0x73;
  private static final int RAR4_FILE = 0x74;
  private static final int ENCRYPTED_HEADERS = 4;
  private static final int FILE = 2;
  private static final int HAS_EXTRA = 1;
  private static final int HAS_DATA = 2;
  private static final int ENCRYPTION_RECORD = 1;

  private final byte[] head;
  private int at;

  private Rar(byte[] head, int at) {
    this.head = head;
    this.at = at;
  }

  /// Whether the headers, or the first file, are encrypted.
  static boolean isEncrypted(byte[] head) {
    boolean five = head.length > RAR5.length && Arrays.equals(Arrays.copyOf(head, 8), RAR5);
    return five ? new Rar(head, RAR5.length).five() : new Rar(head, RAR4_SIGNATURE).four();
  }

  /// CRC (2), type (1), flags (2), size (2).
  private boolean four() {
    while (at + 7 <= head.length) {
      int type = head[at + 2] & 0xFF;
      int flags = little(at + 3);
      if (type == RAR4_MAIN && (flags & 0x80) != 0 || type == RAR4_FILE && (flags & 4) != 0) {
        return true;
      }
      if (type != RAR4_MAIN) {
        return false;
      }
      at += Math.max(7, little(at + 5));
    }
    return false;
  }

  private int little(int from) {
    return (head[from] & 0xFF) | (head[from + 1] & 0xFF) << 8;
  }

  /// CRC (4), size, type, flags, size of extra area if flagged, size of data if flagged.
  private boolean five() {
    while (at + 7 <= head.length) {
      at += 4;
      long size = number();
      int end = (int) Math.min(head.length, at + size);
      long type = number();
      long flags = number();
      if (type == ENCRYPTED_HEADERS) {
        return true;
      }
      long extra = (flags & HAS_EXTRA) != 0 ? number() : 0;
      if (type == FILE) {
        return hasRecord(end - extra, end);
      }
      if (size <= 0 || (flags & HAS_DATA) != 0) {
        return false;
      }
      at = end;
    }
    return false;
  }

  private boolean hasRecord(long from, int end) {
    at = (int) Math.max(at, from);
    while (at + 2 <= end) {
      long size = number();
      int next = (int) Math.min(end, at + Math.max(1, size));
      if (number() == ENCRYPTION_RECORD) {
        return true;
      }
      at = next;
    }
    return false;
  }

  /// Seven bits in each octet, the lowest first.
  private long number() {
    long number = 0;
    for (int shift = 0; shift < 63 && at < head.length; shift += 7) {
      int octet = head[at++] & 0xFF;
      number |= (long) (octet & 0x7F) << shift;
      if (octet < 128) {
        break;
      }
    }
    return number;
  }
}
