package dev.poststation.sim;

import dev.poststation.os.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A clock that stands still until it is moved. Whoever waits for it waits really. Safe for any
/// thread.
public final class SimTime implements Time {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private final List<Runnable> alarms = new CopyOnWriteArrayList<>();
  private final AtomicLong stirs = new AtomicLong();
  private volatile Instant start;
  private long nanos;
  private int sleepers;

  /// A clock that shows the twenty-fourth of November 2026, a quarter past four.
  public SimTime() {
    this(Instant.parse("2026-11-24T04:15:00Z"));
  }

  public SimTime(Instant start) {
    this.start = start;
  }

  /// Moves time on, and wakes those whose time has come.
  public void advance(Duration by) {
    lock.lock();
    try {
      nanos += by.toNanos();
      moved.signalAll();
    } finally {
      lock.unlock();
    }
    alarms.forEach(Runnable::run);
  }

  /// Sets the wall clock back; the other one goes on as before.
  public void setBack(Duration by) {
    start = start.minus(by);
  }

  /// Counts whatever may have woken a thread: while it stands still, and all threads wait, nothing
  /// happens.
  public long stirs() {
    return stirs.get();
  }

  void stir() {
    stirs.incrementAndGet();
  }

  /// Threads that wait for time to pass.
  public int sleepers() {
    lock.lock();
    try {
      return sleepers;
    } finally {
      lock.unlock();
    }
  }

  /// Calls `alarm` whenever time was moved.
  void onAdvance(Runnable alarm) {
    alarms.add(alarm);
  }

  void forget(Runnable alarm) {
    alarms.remove(alarm);
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
    sleepers++;
    try {
      long until = nanos + duration.toNanos();
      while (nanos < until) {
        moved.await();
      }
    } finally {
      sleepers--;
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
      stir();
      lock.lock();
      try {
        raised = true;
        moved.signalAll();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void await() throws InterruptedException {
      lock.lockInterruptibly();
      try {
        while (!raised) {
          moved.await();
        }
        raised = false;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public boolean await(Duration atMost) throws InterruptedException {
      lock.lockInterruptibly();
      sleepers++;
      try {
        long until = nanos + atMost.toNanos();
        while (!raised && nanos < until) {
          moved.await();
        }
        boolean was = raised;
        raised = false;
        return was;
      } finally {
        sleepers--;
        lock.unlock();
      }
    }
  }
}
