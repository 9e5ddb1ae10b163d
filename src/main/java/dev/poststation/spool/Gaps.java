package dev.poststation.spool;

import dev.poststation.spool.Engine.Family;
import java.math.BigInteger;
import java.util.Arrays;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads a damaged family: visits all entries that can be read and steps over the gaps where a
/// block of a table, or a blob, is damaged. Used by one thread.
final class Gaps {
  private static final Logger LOG = LoggerFactory.getLogger(Gaps.class);

  /// Positions are found to this many octets of a key; ours are no longer, except those of parked
  /// mail.
  private static final int PRECISION = 24;

  private final Engine engine;
  private int found;

  Gaps(Engine engine) {
    this.engine = engine;
  }

  /// How many gaps were stepped over.
  int found() {
    return found;
  }

  /// Visits what can be read from a key (inclusive) to another (exclusive).
  void visit(Family family, byte[] from, byte[] to, Engine.Visitor visitor)
      throws RocksDBException, SpoolException {
    byte[][] next = {from};
    while (Arrays.compareUnsigned(next[0], to) < 0) {
      try {
        engine.visit(
            family,
            next[0],
            to,
            (key, value) -> {
              next[0] = Arrays.copyOf(key, key.length + 1);
              return visitor.visit(key, value);
            });
        return;
      } catch (RocksDBException e) {
        if (!Engine.damaged(e)) {
          throw e;
        }
        found++;
        LOG.error("Damage in the {} of the spool: {}", family, e.getMessage());
        next[0] = behindGap(family, next[0], to);
      }
    }
  }

  private byte[] behindGap(Family family, byte[] bad, byte[] end)
      throws RocksDBException, SpoolException {
    return key(
        behindGap(
            position(bad), position(end), position -> engine.readableFrom(family, key(position))));
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
