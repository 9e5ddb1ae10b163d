package dev.poststation.sim;

import dev.poststation.os.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/// A clock that goes only when a test says so. Waiting moves it; a signal that is not raised is not
/// waited for. For tests of one thread, in which nobody else could raise it. Safe for any thread.
public final class ManualTime implements Time {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final AtomicLong nanos = new AtomicLong();

  /// Moves on.
  public void advance(Duration by) {
    nanos.addAndGet(by.toNanos());
  }

  @Override
  public Instant now() {
    return START.plusNanos(nanos.get());
  }

  @Override
  public long nanos() {
    return nanos.get();
  }

  @Override
  public void sleep(Duration duration) {
    advance(duration);
  }

  @Override
  public Signal signal() {
    return new Signal() {
      private boolean raised;

      @Override
      public synchronized void raise() {
        raised = true;
      }

      @Override
      public synchronized void await() {
        if (!raised) {
          throw new IllegalStateException("nobody else could raise it");
        }
        raised = false;
      }

      @Override
      public synchronized boolean await(Duration atMost) {
        boolean was = raised;
        if (!was) {
          advance(atMost);
        }
        raised = false;
        return was;
      }

      @Override
      public synchronized boolean awaitUntil(long until) {
        return await(Duration.ofNanos(Math.max(0, until - nanos())));
      }
    };
  }
}
