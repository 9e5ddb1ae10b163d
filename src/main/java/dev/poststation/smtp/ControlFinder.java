package dev.poststation.smtp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Finds the octets that end lines, eight at a time, and notes on the way whether any octet is
/// above 127. Confined to one thread.
///
/// A comparison with CR and one with LF would cost twice as much as one with "below 14", which also
/// finds a tab now and then.
final class ControlFinder {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int BOUND = 14;
  private static final long BOUNDS = 0x0101010101010101L * BOUND;
  private static final long HIGH_BITS = 0x8080808080808080L;

  private long seen;

  /// The first octet below 14 at or after `from`, or `to`.
  int next(byte[] octets, int from, int to) {
    int at = from;
    long passed = 0;
    while (at <= to - 8) {
      long word = (long) LONG.get(octets, at);
      // The lowest octet below the bound gets its high bit; higher ones may err by the borrow.
      long below = (word - BOUNDS) & ~word & HIGH_BITS;
      if (below != 0) {
        int bits = Long.numberOfTrailingZeros(below) - 7;
        seen |= passed | (word & ((1L << bits) - 1));
        return at + (bits >>> 3);
      }
      passed |= word;
      at += 8;
    }
    while (at < to && (octets[at] < 0 || octets[at] >= BOUND)) {
      passed |= octets[at];
      at++;
    }
    seen |= passed;
    return at;
  }

  /// Whether any octet that was passed is above 127.
  boolean eightBit() {
    return (seen & HIGH_BITS) != 0;
  }
}
