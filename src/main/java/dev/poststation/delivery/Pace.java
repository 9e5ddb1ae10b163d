package dev.poststation.delivery;

import dev.poststation.config.Connector;
import dev.poststation.os.Time;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Lets so many octets a second through, over all connections of a connector (a token bucket that
/// holds a second's worth). Who comes first goes first; but bulk has only what other mail leaves of
/// the line, and a twentieth while that leaves nothing: a next hop that hears nothing for minutes
/// hangs up, and all that it has of a mail was sent in vain. Safe for any thread.
final class Pace {
  private static final long SECOND = 1_000_000_000L;

  /// What one connection writes at a time: small enough that others get their turn, and that the
  /// next hop hears of us.
  private static final int PIECE_MAX = 16 * 1024;

  private static final int PIECE_MIN = 64;

  /// Other mail has had so much more than the bulk that waits: then it is the turn of that.
  private static final int OTHERS = 19;

  private final Time time;
  private final long bandwidth;

  /// When the bucket will be full again, by the monotonic clock.
  private long full;

  /// The bulk that waits: the first for the bucket, each other one for the one before it.
  private final ArrayDeque<Time.Signal> line = new ArrayDeque<>();

  /// Octets of other mail since bulk waits, or has had its turn.
  private long passed;

  /// @param bandwidth octets in a second
  Pace(Time time, long bandwidth) {
    this.time = time;
    this.bandwidth = bandwidth;
    this.full = time.nanos();
  }

  /// How many octets to take at a time, at most: a tenth of a second's worth.
  int piece() {
    return Math.clamp(bandwidth / 10, PIECE_MIN, PIECE_MAX);
  }

  /// Waits until so many octets may go, at most a piece.
  ///
  /// @return how long it has waited, in nanoseconds
  long take(int octets, boolean bulk) throws InterruptedException {
    long begun = time.nanos();
    sleep(bulk ? inLine(octets) : reserve(octets, false));
    return time.nanos() - begun;
  }

  private void sleep(long nanos) throws InterruptedException {
    if (nanos > 0) {
      time.sleep(Duration.ofNanos(nanos));
    }
  }

  /// What is not bulk need not look for others: they look for it.
  private synchronized long reserve(int octets, boolean bulk) {
    passed = bulk || line.isEmpty() ? 0 : passed + octets;
    long now = time.nanos();
    full = filled(now, octets);
    return full - now - SECOND;
  }

  /// When the bucket would be full again, were so much taken.
  private long filled(long now, int octets) {
    return (full - now > 0 ? full : now) + octets * SECOND / bandwidth;
  }

  /// Waits until the bucket has so much that nobody else has taken.
  ///
  /// @return how long it is to wait still
  private long inLine(int octets) throws InterruptedException {
    var self = time.signal();
    try {
      if (!joins(self)) {
        self.await();
      }
      for (long wait = lacks(octets); wait > 0; wait = lacks(octets)) {
        sleep(wait);
      }
      return reserve(octets, true);
    } finally {
      leaves(self);
    }
  }

  /// @return whether it is the first
  private synchronized boolean joins(Time.Signal self) {
    line.addLast(self);
    return line.size() == 1;
  }

  private synchronized void leaves(Time.Signal self) {
    boolean first = self.equals(line.peekFirst());
    line.remove(self);
    var next = line.peekFirst();
    if (first && next != null) {
      next.raise();
    }
  }

  /// How long the first in line has to wait before it looks again; 0: no longer. Many others may
  /// have reserved the line far ahead, and have had enough long before that is used up.
  private synchronized long lacks(int octets) {
    long now = time.nanos();
    long enough = (long) OTHERS * octets;
    return passed >= enough
        ? 0
        : Math.min(filled(now, octets) - now - SECOND, enough * SECOND / bandwidth);
  }

  /// The paces of all connectors: a reload that leaves the bandwidth as it is leaves the pace. Safe
  /// for any thread.
  static final class Book {
    private final Time time;
    private final Map<String, Pace> paces = new ConcurrentHashMap<>();

    Book(Time time) {
      this.time = time;
    }

    /// That of a connector; null: it has none.
    @Nullable Pace of(Connector connector) {
      long bandwidth = connector.line().bandwidth();
      return bandwidth == 0
          ? null
          : paces.compute(
              connector.name(),
              (_, old) ->
                  old != null && old.bandwidth == bandwidth ? old : new Pace(time, bandwidth));
    }
  }
}
