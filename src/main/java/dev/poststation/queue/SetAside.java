package dev.poststation.queue;

import dev.poststation.message.Outcome;
import dev.poststation.os.Time;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What is remembered of a destination that could not be reached: until when it is set aside, and
/// why. Guarded by the lock of its queue.
final class SetAside {
  /// A dead host is asked again after a quarter of an hour at the latest, however long the waits of
  /// its mails are.
  static final Duration BACK_OFF_MAX = Duration.ofMinutes(15);

  /// After so long without a new failure or a job a dead destination is forgotten.
  private static final Duration REMEMBERED = Duration.ofDays(1);

  private final Time time;
  private final Retry retry;
  private final Memory memory;
  private int failures;
  private @Nullable Instant until;
  private @Nullable Instant since;
  private Outcome.@Nullable Deferred why;
  private boolean counted;

  SetAside(Time time, Retry retry, Memory memory) {
    this.time = time;
    this.retry = retry;
    this.memory = memory;
  }

  /// Until when; null: it is not set aside.
  @Nullable Instant until() {
    Instant end = until;
    var now = time.now();
    // Not for longer than it can have been: the clock may have been set back.
    var latest = now.plus(Retry.withSpread(BACK_OFF_MAX));
    return end != null && end.isAfter(now) && end.isBefore(latest) ? end : null;
  }

  /// Whether the last connection failed.
  boolean failing() {
    return why != null;
  }

  /// Why it cannot be reached; null: it can, as far as is known.
  Outcome.@Nullable Deferred why() {
    return why;
  }

  /// When the first of the failures in a row was; null: the last connection did not fail.
  @Nullable Instant since() {
    return since;
  }

  /// Whether it is for a pause.
  boolean paused() {
    return why != null && why.paused();
  }

  /// It could not be reached.
  ///
  /// @return until when it is set aside; null: too many are, it is not remembered
  @Nullable Instant failed(Outcome.Deferred outcome) {
    counted = counted || memory.take();
    if (!counted) {
      return null;
    }
    Instant end = until(); // Connections that failed at the same time count once.
    if (end == null) {
      failures++;
      Duration wait = retry.wait(failures);
      end = time.now().plus(wait.compareTo(BACK_OFF_MAX) < 0 ? wait : BACK_OFF_MAX);
    }
    until = end;
    since = why == null ? time.now() : since;
    // Without what the host said word by word, for there may be thousands of such.
    why =
        new Outcome.Deferred(
            outcome.stage(), outcome.status(), outcome.text(), null, outcome.paused());
    return end;
  }

  /// It is not set aside any longer: one mail asks whether it is back.
  void end() {
    until = until == null ? null : time.now();
    failures = 0;
  }

  /// It is tried as if for the first time.
  ///
  /// @return whether anything spoke against it
  boolean forget() {
    boolean failed = why != null;
    until = null;
    since = null;
    why = null;
    failures = 0;
    if (counted) {
      counted = false;
      memory.giveBack();
    }
    return failed;
  }

  /// Whether nothing would be lost by forgetting.
  boolean stale() {
    var end = until;
    return end == null || end.plus(REMEMBERED).isBefore(time.now());
  }
}
