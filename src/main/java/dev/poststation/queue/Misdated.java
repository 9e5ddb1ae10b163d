package dev.poststation.queue;

import dev.poststation.message.Envelope;
import dev.poststation.message.QueueId;
import dev.poststation.message.RecipientState;
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

  /// Whether there may be more.
  boolean pending() {
    return read != null;
  }

  /// The next mail that may wait by a wrong date; null: there is none.
  @Nullable QueueId next() throws SpoolException {
    var after = read;
    if (after == null) {
      return null;
    }
    var found = spool.deferred(after, Claims.NEVER, 1);
    read = found.isEmpty() ? null : found.getFirst();
    return found.isEmpty() ? null : found.getFirst().id();
  }

  /// Whether a mail that was found does.
  boolean still(Spool.Stored stored) {
    return stored.placement() instanceof Placement.Deferred(Instant due)
        && due.isAfter(bound())
        && maybe(stored.mail().envelope(), stored.mail().states(), time.now());
  }

  /// Makes due now what this mail waits for, if a clock has put it off that was set back since. A
  /// notice that never came to a destination may have been put off for longer than any wait, by
  /// `bounces.per-hour`; other mail may have come to one that was set aside, with no attempt; and
  /// the hours of a connector may be further away than any wait.
  static void correct(ActiveMail mail, Retry retry, OpeningHours hours, Instant now) {
    if (maybe(mail.mail().envelope(), mail.states(), now)) {
      var facts = hours.facts(mail.mail());
      mail.makeDue(
          retry.bound(now),
          now,
          (recipient, state) -> !hours.explain(facts, mail.mail(), recipient, state, now));
    }
  }

  private static boolean maybe(Envelope envelope, List<RecipientState> states, Instant now) {
    return envelope.arrived().isAfter(now) || states.stream().anyMatch(RecipientState::onItsWay);
  }
}
