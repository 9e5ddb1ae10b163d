package dev.poststation.queue;

import dev.poststation.config.Units;
import dev.poststation.os.Time;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends what was long enough in quarantine. Confined to the scheduler's thread.
///
/// What is deleted by a clock that is wrong does not come back when it is set right: a clock that
/// was not watched, or that jumps ahead, is not believed at once.
final class Expiry {
  private static final Logger LOG = LoggerFactory.getLogger(Expiry.class);
  private static final int PAGE = 256;

  /// A flood that came in one minute must not keep the scheduler from mail.
  private static final int PAGES_MAX = 8;

  /// Clocks are slewed, and leap.
  private static final Duration NOTICEABLE = Duration.ofMinutes(1);

  /// A machine may begin with a wrong clock, which the network sets right.
  private static final Duration AFTER_START = Duration.ofHours(1);

  /// Somebody should notice within a day.
  private static final Duration AFTER_JUMP = Duration.ofDays(1);

  private final Queue queue;
  private final Time time;
  private @Nullable Duration lead;
  private long patientUntilNanos;

  Expiry(Queue queue, Time time) {
    this.queue = queue;
    this.time = time;
  }

  void look(Instant now) throws SpoolException {
    if (!believes(now)) {
      return;
    }
    var custody = new Orders.Custody("expire", "quarantine.keep");
    var orders = new Orders(queue, Control.Action.DELETE, "nobody released it", custody);
    var last = Spool.Due.FIRST;
    for (int i = 0; i < PAGES_MAX; i++) {
      var page = queue.spool().quarantined(last, now, PAGE);
      page.forEach(due -> orders.carryOut(Control.Meant.whole(due.id())));
      if (page.size() < PAGE) {
        return;
      }
      last = page.getLast();
    }
  }

  private boolean believes(Instant now) {
    long nanos = time.nanos();
    var before = lead;
    var ahead = Duration.between(Instant.EPOCH, now).minusNanos(nanos);
    lead = ahead;
    if (before == null) {
      patientUntilNanos = nanos + AFTER_START.toNanos();
    } else if (ahead.minus(before).compareTo(NOTICEABLE) > 0) {
      LOG.warn(
          "The clock has jumped ahead by {}: nothing ends in quarantine for {}",
          Units.show(ahead.minus(before).truncatedTo(ChronoUnit.MINUTES)),
          Units.show(AFTER_JUMP));
      patientUntilNanos = nanos + AFTER_JUMP.toNanos();
    }
    return nanos - patientUntilNanos >= 0;
  }
}
