package dev.poststation.os;

import java.time.Duration;
import java.time.Instant;

/// The only clock and the only timed wait. Safe for any thread.
public interface Time {
  /// Wall-clock time, for what people read and what outlives the process. May jump.
  Instant now();

  /// Monotonic nanoseconds, for measuring; the zero point means nothing.
  long nanos();

  /// Waits. Throws when the thread is interrupted.
  void sleep(Duration duration) throws InterruptedException;

  /// A new signal, not raised.
  Signal signal();

  /// Something that one thread at a time waits for. Raising is remembered until the waiter took it.
  interface Signal {
    /// Wakes the waiter, now or when it comes.
    void raise();

    /// Waits until raised; takes the signal. Cheaper than with a bound, which needs a timer.
    void await() throws InterruptedException;

    /// Waits until raised or until `atMost` has passed; takes the signal.
    ///
    /// @return whether it was raised
    boolean await(Duration atMost) throws InterruptedException;

    /// Waits until raised or until the clock shows `nanos`; takes the signal. For what is due at a
    /// time: a duration that was worked out before the wait begins ends later by as long as the
    /// thread was kept from its work in between.
    ///
    /// @return whether it was raised
    boolean awaitUntil(long nanos) throws InterruptedException;
  }
}
