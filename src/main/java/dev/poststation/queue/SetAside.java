package dev.poststation.queue;

import dev.poststation.config.Connector;
import dev.poststation.message.Outcome;
import dev.poststation.os.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What is remembered of a destination that could not be reached, or that is to be left alone:
/// until when nothing is sent, and why. Guarded by the lock of its queue.
final class SetAside {
  /// A dead host is asked again after a quarter of an hour at the latest, however long the waits of
  /// its mails are.
  static final Duration BACK_OFF_MAX = Duration.ofMinutes(15);

  /// What a connection without mail finds out is known by then, or asked for again.
  private static final Duration ASKED_WITHIN = Duration.ofMinutes(1);

  /// After so long without a new failure or a job a dead destination is forgotten.
  private static final Duration REMEMBERED = Duration.ofDays(1);

  private final Time time;
  private final Retry retry;
  private final Memory memory;
  private final Quotas quotas;

  /// It is left alone: it has said that it is too much, or no address of ours may send; null: not.
  private Quotas.@Nullable Lack rest;

  private int failures;
  private @Nullable Instant until;
  private @Nullable Instant since;
  private Outcome.@Nullable Deferred why;
  private boolean counted;

  /// A connection without mail asks whether it is back: until that is known it is left alone.
  private boolean asking;

  SetAside(Shares shared) {
    this.time = shared.os().time();
    this.retry = shared.retry();
    this.memory = shared.unreachable();
    this.quotas = shared.quotas();
  }

  /// Until when nothing is sent by a connector, and why: because it is set aside, its quotas are
  /// used up, or it has said that it is too much. Null: it may be.
  ///
  /// @param outdated whether it is not known what the connector allows
  /// @param bulk of bulk, which does not use all of a quota
  Quotas.@Nullable Lack pause(Connector connector, boolean outdated, boolean bulk) {
    Instant now = time.now();
    if (rest != null && !rest.until().isAfter(now)) {
      rest = null;
    }
    Instant end = until();
    if (end != null) {
      return new Quotas.Lack(end, Objects.requireNonNullElse(why, Settling.NEVER_TRIED));
    }
    // Asked each time: the configuration may be another one, and something may be given back.
    var lack = rest != null || outdated ? rest : quotas.lack(connector, bulk).orElse(null);
    return lack == null ? null : bounded(lack);
  }

  /// Nothing is sent until then.
  ///
  /// @return until when it is said to be
  Quotas.Lack rest(Instant end, Outcome.Deferred reason) {
    rest = bounded(new Quotas.Lack(end, reason));
    return rest;
  }

  /// Who waits longer than the longest wait would seem to be dated by another clock.
  Quotas.Lack bounded(Quotas.Lack lack) {
    Instant latest = retry.bound(time.now());
    return lack.until().isBefore(latest) ? lack : new Quotas.Lack(latest, lack.why());
  }

  /// Until when; null: it is not set aside.
  @Nullable Instant until() {
    Instant end = until;
    var now = time.now();
    // Not for longer than it can have been: the clock may have been set back.
    var latest = now.plus(Retry.withSpread(BACK_OFF_MAX));
    if (end != null && end.isAfter(now) && end.isBefore(latest)) {
      return end;
    }
    return asking ? now.plus(ASKED_WITHIN) : null;
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
    asking = false;
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

  /// A connection without mail is to ask whether it is back.
  ///
  /// @return false when one does already
  boolean ask() {
    boolean first = !asking;
    asking = true;
    return first;
  }

  /// None asks any more.
  boolean asked() {
    asking = false;
    return failing();
  }

  /// It is not set aside any longer: one mail asks whether it is back.
  ///
  /// @return whether it was
  boolean end() {
    boolean was = until != null;
    until = was ? time.now() : null;
    failures = 0;
    return was;
  }

  /// It is tried as if for the first time.
  ///
  /// @return whether anything spoke against it
  boolean forget() {
    boolean failed = why != null;
    rest = null;
    until = null;
    since = null;
    why = null;
    failures = 0;
    asking = false;
    if (counted) {
      counted = false;
      memory.giveBack();
    }
    return failed;
  }

  /// Whether nothing would be lost by forgetting.
  boolean stale() {
    var end = until;
    return !asking && (end == null || end.plus(REMEMBERED).isBefore(time.now()));
  }
}
