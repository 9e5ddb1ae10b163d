package dev.poststation.delivery;

import dev.poststation.config.Connector;
import dev.poststation.os.Time;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Lets so many octets a second through, over all connections of a connector (a token bucket that
/// holds a second's worth). Who comes first goes first. Safe for any thread.
final class Pace {
  private static final long SECOND = 1_000_000_000L;

  /// What one connection writes at a time: small enough that others get their turn, and that the
  /// next hop hears of us.
  private static final int PIECE_MAX = 16 * 1024;

  private static final int PIECE_MIN = 64;

  private final Time time;
  private final long bandwidth;

  /// When the bucket will be full again, by the monotonic clock.
  private long full;

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
  long take(int octets) throws InterruptedException {
    long wait = reserve(octets);
    if (wait > 0) {
      time.sleep(Duration.ofNanos(wait));
    }
    return Math.max(0, wait);
  }

  private synchronized long reserve(int octets) {
    long now = time.nanos();
    full = (full - now > 0 ? full : now) + octets * SECOND / bandwidth;
    return full - now - SECOND;
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
