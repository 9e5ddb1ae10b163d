package dev.poststation.sim;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Waits for a condition that other threads bring about, with a bound.
public final class Eventually {
  private static final long BOUND_NANOS = TimeUnit.SECONDS.toNanos(60);

  private Eventually() {}

  /// Returns when the condition holds; fails with `what` when it does not within a minute.
  public static void eventually(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + BOUND_NANOS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("never came true: " + what);
      }
      LockSupport.parkNanos(200_000);
    }
  }
}
