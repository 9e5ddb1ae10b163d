package dev.poststation.queue;

import dev.poststation.message.QueueId;
import dev.poststation.os.Time;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds what was put off by a wall clock that has been set back since: it would wait for as long
/// as the clock was wrong. Confined to the scheduler's thread.
final class Misdated {
  private static final Duration NOTICEABLE = Duration.ofMinutes(1);

  private final Spool spool;
  private final Time time;
  private final Retry retry;
  private @Nullable Duration lead;
  private Spool.@Nullable Due read;

  Misdated(Spool spool, Time time, Retry retry) {
    this.spool = spool;
    this.time = time;
    this.retry = retry;
  }

  /// What is due later than this was dated by another clock.
  Instant bound() {
    return retry.bound(time.now());
  }

  /// Looks at the clocks. After they were set back, and at the start, there may be something to
  /// find.
  ///
  /// @return whether there may
  boolean setBack() {
    var before = lead;
    var now = Duration.between(Instant.EPOCH, time.now()).minusNanos(time.nanos());
    lead = now;
    if (before != null && before.minus(now).compareTo(NOTICEABLE) < 0) {
      return false;
    }
    read = new Spool.Due(bound(), QueueId.FIRST);
    return true;
  }

  /// The next mails that wait by a wrong date.
  ///
  /// @param most there may be more when there are so many
  List<QueueId> next(int most) throws SpoolException {
    var after = read;
    if (after == null || most == 0) {
      return List.of();
    }
    var found = spool.deferred(after, Claims.NEVER, most);
    read = found.size() < most ? null : found.getLast();
    return found.stream().map(Spool.Due::id).toList();
  }

  /// Whether a mail that was found still waits so.
  boolean still(Spool.Stored stored) {
    return stored.placement() instanceof Placement.Deferred(Instant due) && due.isAfter(bound());
  }
}
