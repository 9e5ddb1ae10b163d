package dev.poststation.queue;

import dev.poststation.os.Chance;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// When to try again: the waits of `queue.retry`, the last one repeated, each up to a tenth longer
/// so that mails that were deferred together do not come back together. Safe for any thread.
final class Retry {
  private static final int SPREAD = 10;

  private final List<Duration> waits;
  private final Chance chance;

  Retry(List<Duration> waits, Chance chance) {
    this.waits = List.copyOf(waits);
    this.chance = chance;
  }

  /// @param attempts attempts made so far, at least one
  /// @param last not later than this
  Instant next(int attempts, Instant now, Instant last) {
    Instant next = now.plus(wait(attempts));
    return next.isBefore(last) ? next : last;
  }

  /// The wait after so many attempts.
  Duration wait(int attempts) {
    Duration wait = waits.get(Math.clamp(attempts - 1L, 0, waits.size() - 1));
    int spread = Math.clamp(wait.toMillis() / SPREAD, 1, Integer.MAX_VALUE - 1);
    return wait.plusMillis(chance.below(spread));
  }
}
