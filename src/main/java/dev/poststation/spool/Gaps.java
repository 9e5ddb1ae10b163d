package dev.poststation.spool;

import dev.poststation.spool.Engine.Family;
import java.math.BigInteger;
import java.util.Arrays;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads a damaged family: visits all entries that can be read, and has what lies in a gap, where
/// the engine meets a damaged block of a table or a blob, read in another way. Used by one thread.
final class Gaps {
  private static final Logger LOG = LoggerFactory.getLogger(Gaps.class);

  /// Positions are found to this many octets of a key; ours are no longer, except those of parked
  /// mail.
  private static final int PRECISION = 24;

  private final RocksEngine engine;
  private final Family family;
  private final Gap gap;
  private int found;

  /// Reads what lies in a gap, as far as it can be read.
  interface Gap {
    /// Visits entries from a key (inclusive) to another (exclusive), in order.
    void visit(byte[] from, byte[] to, Engine.Visitor visitor)
        throws RocksDBException, SpoolException;
  }

  Gaps(RocksEngine engine, Family family, Gap gap) {
    this.engine = engine;
    this.family = family;
    this.gap = gap;
  }

  /// How many gaps were met.
  int found() {
    return found;
  }

  /// Visits what can be read from a key (inclusive) to another (exclusive), in order.
  void visit(byte[] from, byte[] to, Engine.Visitor visitor)
      throws RocksDBException, SpoolException {
    byte[][] next = {from};
    while (Arrays.compareUnsigned(next[0], to) < 0) {
      try {
        engine.visit(
            family,
            next[0],
            to,
            (key, value) -> {
              next[0] = after(key);
              return visitor.visit(key, value);
            });
        return;
      } catch (RocksDBException e) {
        if (!Engine.damaged(e)) {
          throw e;
        }
        found++;
        LOG.error("Damage in the {} of the spool: {}", family, e.getMessage());
        byte[] behind =
            behindGap(next[0], to, position -> engine.readableFrom(family, position, to));
        gap.visit(next[0], behind, visitor);
        next[0] = behind;
      }
    }
  }

  /// The first key after another one.
  static byte[] after(byte[] key) {
    return Arrays.copyOf(key, key.length + 1);
  }

  /// Tells whether entries can be read from a key on.
  interface Reading {
    /// Whether at least the first one can.
    boolean from(byte[] key) throws RocksDBException, SpoolException;
  }

  /// The first key from which on entries can be read again; at most the end.
  static byte[] behindGap(byte[] bad, byte[] end, Reading readable)
      throws RocksDBException, SpoolException {
    BigInteger behind =
        behindGap(position(bad), position(end), position -> readable.from(key(position)));
    return behind.equals(position(end)) ? end : key(behind);
  }

  /// Tells whether entries can be read from a position on.
  interface Probe {
    /// Whether at least the first one can.
    boolean from(BigInteger position) throws RocksDBException, SpoolException;
  }

  /// The first position from which on entries can be read again: it is looked for in steps that
  /// double, then by bisection of the last step. Bisection of the whole would take a second gap for
  /// a part of this one, and skip what lies between.
  static BigInteger behindGap(BigInteger bad, BigInteger end, Probe readable)
      throws RocksDBException, SpoolException {
    BigInteger fails = bad;
    BigInteger works = end;
    BigInteger step = BigInteger.ONE;
    for (BigInteger next = bad.add(step); next.compareTo(end) < 0; next = bad.add(step)) {
      if (readable.from(next)) {
        works = next;
        break;
      }
      fails = next;
      step = step.shiftLeft(1);
    }
    while (works.subtract(fails).compareTo(BigInteger.ONE) > 0) {
      BigInteger middle = fails.add(works).shiftRight(1);
      if (readable.from(middle)) {
        works = middle;
      } else {
        fails = middle;
      }
    }
    return works;
  }

  private static BigInteger position(byte[] key) {
    return new BigInteger(1, Arrays.copyOf(key, PRECISION));
  }

  private static byte[] key(BigInteger position) {
    byte[] octets = position.toByteArray();
    byte[] key = new byte[PRECISION];
    int length = Math.min(PRECISION, octets.length);
    System.arraycopy(octets, octets.length - length, key, PRECISION - length, length);
    return key;
  }
}
