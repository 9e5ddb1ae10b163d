package dev.poststation.spool;

import java.time.Duration;

/// When traces are written into a table, so that they have an age, and tables are looked at that
/// may be too old: thirty times while a trace is kept, so that there are not many more tables for
/// it. Used by one thread.
final class TraceRounds {
  private static final int ROUNDS = 30;
  private static final Duration LEAST = Duration.ofMinutes(1);

  private final long every;
  private long last;
  private boolean begun;

  enum Round {
    NONE,
    /// At the start: all there is was written into tables just now.
    LOOK,
    WRITE_AND_LOOK
  }

  TraceRounds(Duration keep) {
    every = Math.max(keep.dividedBy(ROUNDS).toNanos(), LEAST.toNanos());
  }

  /// What is to be done now.
  Round next(long nanos) {
    if (begun && nanos - last < every) {
      return Round.NONE;
    }
    last = nanos;
    boolean first = !begun;
    begun = true;
    return first ? Round.LOOK : Round.WRITE_AND_LOOK;
  }
}
