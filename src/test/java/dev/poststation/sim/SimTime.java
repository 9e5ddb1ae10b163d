package dev.poststation.sim;

import dev.poststation.os.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A clock that stands still until a test moves it. Waits end when they are raised or when the clock was moved past
/// their bound. Safe for any thread.
public final class SimTime implements Time {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private final Instant start;
  private long nanos;

  /// Begins at a time that tests may know.
  public SimTime() {
    this(Instant.parse("2026-11-24T10:00:00Z"));
  }

  /// Begins at `start`.
  public SimTime(Instant start) {
    this.start = start;
  }

  /// Moves the clock.
  public void advance(Duration by) {
    lock.lock();
    try {
      nanos += by.toNanos();
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Instant now() {
    return start.plusNanos(nanos());
  }

  @Override
  public long nanos() {
    lock.lock();
    try {
      return nanos;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void sleep(Duration duration) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long end = nanos + duration.toNanos();
      while (nanos < end) {
        moved.await();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Signal signal() {
    return new SimSignal();
  }

  private final class SimSignal implements Signal {
    private boolean raised;

    @Override
    public void raise() {
      lock.lock();
      try {
        raised = true;
        moved.signalAll();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public boolean await(Duration atMost) throws InterruptedException {
      lock.lockInterruptibly();
      try {
        long end = nanos + atMost.toNanos();
        while (!raised && nanos < end) {
          moved.await();
        }
        boolean was = raised;
        raised = false;
        return was;
      } finally {
        lock.unlock();
      }
    }
  }
}
