package dev.poststation.system;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Waiting for what another process does, always with a bound.
final class Until {
  private static final long LOOK_AGAIN_NANOS = 10_000_000;

  private Until() {}

  /// Waits until the condition holds; fails when it does not within the bound.
  static void holds(String what, Duration atMost, BooleanSupplier condition) {
    present(what, atMost, () -> condition.getAsBoolean() ? Optional.of(true) : Optional.empty());
  }

  /// Waits until there is a value.
  static <T> T present(String what, Duration atMost, Supplier<Optional<T>> look) {
    long end = System.nanoTime() + atMost.toNanos();
    while (true) {
      Optional<T> value = look.get();
      if (value.isPresent()) {
        return value.get();
      }
      if (System.nanoTime() > end) {
        throw new AssertionError(what + ": not within " + atMost);
      }
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
    }
  }
}
