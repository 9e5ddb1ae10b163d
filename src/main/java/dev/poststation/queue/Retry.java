package dev.poststation.queue;

import dev.poststation.os.Chance;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// When to try again: the waits of `queue.retry`, the last one repeated, each up to a tenth longer
/// so that mails that were deferred together do not come back together; but the recipients of one
/// mail do. Safe for any thread.
final class Retry {
  private static final int SPREAD = 10;

  private final List<Duration> waits;
  private final Chance chance;

  /// The other recipients of a mail.
  interface Companions {
    /// When one of them is due in this span; null: none is.
    @Nullable Instant due(Instant from, Instant until);
  }

  Retry(List<Duration> waits, Chance chance) {
    this.waits = List.copyOf(waits);
    this.chance = chance;
  }

  /// @param attempts attempts made so far, at least one
  Instant next(int attempts, Instant now, Companions companions) {
    Duration wait = shortest(attempts);
    int spread = spread(wait);
    Instant from = now.plus(wait);
    // A little earlier will do: theirs began when an earlier job of the mail ended.
    Instant together = companions.due(from.minusMillis(spread / 2), from.plusMillis(spread));
    return together == null ? from.plusMillis(chance.below(spread)) : together;
  }

  /// The wait after so many attempts.
  Duration wait(int attempts) {
    Duration wait = shortest(attempts);
    return wait.plusMillis(chance.below(spread(wait)));
  }

  private Duration shortest(int attempts) {
    return waits.get(Math.clamp(attempts - 1L, 0, waits.size() - 1));
  }

  private static int spread(Duration wait) {
    return Math.clamp(wait.toMillis() / SPREAD, 1, Integer.MAX_VALUE - 1);
  }
}
