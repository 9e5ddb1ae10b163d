package dev.poststation.queue;

import dev.poststation.os.Chance;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/// When to try again: the waits of `queue.retry`, the last one repeated, each up to a tenth longer
/// so that mails that were deferred together do not come back together. Safe for any thread.
final class Retry {
  private static final int SPREAD = 10;

  private final List<Duration> waits;
  private final Duration longest;
  private final Chance chance;

  Retry(List<Duration> waits, Chance chance) {
    this.waits = List.copyOf(waits);
    this.longest = withSpread(waits.stream().max(Comparator.naturalOrder()).orElseThrow());
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
    return wait.plusMillis(chance.below(spreadMillis(wait)));
  }

  /// Who waits for a later time than this was put off by a clock that has been set back since.
  Instant bound(Instant now) {
    return now.plus(longest);
  }

  /// What the longest may become of this wait.
  static Duration withSpread(Duration wait) {
    return wait.plusMillis(spreadMillis(wait));
  }

  private static int spreadMillis(Duration wait) {
    return Math.clamp(wait.toMillis() / SPREAD, 1, Integer.MAX_VALUE - 1);
  }
}
