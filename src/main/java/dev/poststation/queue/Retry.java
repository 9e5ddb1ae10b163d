package dev.poststation.queue;

import dev.poststation.message.Schedule;
import dev.poststation.os.Chance;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// When to try again: the waits of `queue.retry`, the last one repeated, each up to a tenth longer
/// so that mails that were deferred together do not come back together; but the recipients of one
/// mail do. Safe for any thread.
final class Retry {
  private static final int SPREAD = 10;

  private final List<Duration> waits;
  private final Duration longest;
  private final Chance chance;

  /// The other recipients of a mail.
  interface Companions {
    /// When one of them is due in this span; null: none is.
    @Nullable Instant due(Instant from, Instant until);
  }

  Retry(List<Duration> waits, Chance chance) {
    this.waits = List.copyOf(waits);
    this.longest = withSpread(waits.stream().max(Comparator.naturalOrder()).orElseThrow());
    this.chance = chance;
  }

  /// The schedule after an attempt that failed now. Only one at its time makes the next wait
  /// longer; what an administrator, a reload or a destination that is back made due earlier leaves
  /// the turn as it was.
  ///
  /// @param answered whether a next hop said something about the mail or the recipient
  Schedule after(Schedule old, boolean answered, Instant now, Companions companions) {
    boolean early = early(old, now);
    if (!answered) {
      int misses = old.misses() + (early ? 0 : 1);
      return early
          ? new Schedule(old.answers(), misses, notBefore(old.turn(), now, companions))
          : new Schedule(old.answers(), misses, next(misses, now, companions));
    }
    if (early && old.misses() == 0) {
      return new Schedule(old.answers(), 0, notBefore(old.turn(), now, companions));
    }
    int answers = Math.max(1, old.answers() + (early ? 0 : 1));
    return new Schedule(answers, 0, next(answers, now, companions));
  }

  /// Whether its turn is still to come; a turn further away than any wait is none, but a clock that
  /// was set back.
  private boolean early(Schedule old, Instant now) {
    if (old.failures() == 0 || !now.isBefore(old.turn())) {
      return false;
    }
    Duration wait = shortest(old.failures());
    return !now.plus(wait).plusMillis(spread(wait)).isBefore(old.turn());
  }

  /// The turn, but not sooner than after the first wait.
  private Instant notBefore(Instant turn, Instant now, Companions companions) {
    return turn.isAfter(now.plus(shortest(1))) ? turn : next(1, now, companions);
  }

  /// @param failures attempts that count, at least one
  private Instant next(int failures, Instant now, Companions companions) {
    Duration wait = shortest(failures);
    int spread = spread(wait);
    Instant from = now.plus(wait);
    // A little earlier will do: theirs began when an earlier job of the mail ended.
    Instant together = companions.due(from.minusMillis(spread / 2), from.plusMillis(spread));
    return together == null ? from.plusMillis(chance.below(spread)) : together;
  }

  /// The wait after so many failures.
  Duration wait(int failures) {
    Duration wait = shortest(failures);
    return wait.plusMillis(chance.below(spread(wait)));
  }

  private Duration shortest(int failures) {
    return waits.get(Math.clamp(failures - 1L, 0, waits.size() - 1));
  }

  /// Who waits for a later time than this was put off by a clock that has been set back since.
  Instant bound(Instant now) {
    return now.plus(longest);
  }

  /// What the longest may become of this wait.
  static Duration withSpread(Duration wait) {
    return wait.plusMillis(spread(wait));
  }

  private static int spread(Duration wait) {
    return Math.clamp(wait.toMillis() / SPREAD, 1, Integer.MAX_VALUE - 1);
  }
}
