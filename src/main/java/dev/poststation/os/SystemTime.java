package dev.poststation.os;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The machine's clocks. Safe for any thread.
final class SystemTime implements Time {
  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public void sleep(Duration duration) throws InterruptedException {
    Thread.sleep(duration);
  }

  @Override
  public Signal signal() {
    return new ParkSignal();
  }

  private static final class ParkSignal implements Signal {
    private final AtomicBoolean raised = new AtomicBoolean();
    private volatile @Nullable Thread waiter;

    @Override
    public void raise() {
      if (!raised.getAndSet(true)) {
        var sleeping = waiter;
        if (sleeping != null) {
          LockSupport.unpark(sleeping);
        }
      }
    }

    @Override
    public void await() throws InterruptedException {
      waiter = Thread.currentThread();
      try {
        while (!raised.getAndSet(false)) {
          LockSupport.park(this);
          throwIfInterrupted();
        }
      } finally {
        waiter = null;
      }
    }

    @Override
    public boolean await(Duration atMost) throws InterruptedException {
      return awaitUntil(System.nanoTime() + atMost.toNanos());
    }

    @Override
    public boolean awaitUntil(long nanos) throws InterruptedException {
      waiter = Thread.currentThread();
      try {
        long left = nanos - System.nanoTime();
        while (!raised.get() && left > 0) {
          LockSupport.parkNanos(this, left);
          throwIfInterrupted();
          left = nanos - System.nanoTime();
        }
        return raised.getAndSet(false);
      } finally {
        waiter = null;
      }
    }

    private static void throwIfInterrupted() throws InterruptedException {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }
}
