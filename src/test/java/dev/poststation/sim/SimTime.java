package dev.poststation.sim;

import dev.poststation.os.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A clock that stands still until it is moved. Whoever waits for it waits really. Safe for any
/// thread.
public final class SimTime implements Time {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private final List<Alarm> alarms = new CopyOnWriteArrayList<>();
  private volatile Instant start;
  private long nanos;

  /// For each thread that waits for time to pass: until when.
  private final PriorityQueue<Long> sleepers = new PriorityQueue<>();

  /// Something that is told whenever time was moved.
  interface Alarm {
    void ring();

    /// When it next has something to do; `Long.MAX_VALUE` when it waits for no time.
    long at();
  }

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
    alarms.forEach(Alarm::ring);
  }

  /// Sets the wall clock back; the other one goes on as before.
  public void setBack(Duration by) {
    start = start.minus(by);
  }

  /// Threads that wait for time to pass.
  public int sleepers() {
    lock.lock();
    try {
      return sleepers.size();
    } finally {
      lock.unlock();
    }
  }

  /// How long it is until the first of those who wait has waited long enough; at most so long.
  public Duration toNext(Duration atMost) {
    lock.lock();
    try {
      long next = nanos + atMost.toNanos();
      if (!sleepers.isEmpty()) {
        next = Math.min(next, sleepers.peek());
      }
      for (var alarm : alarms) {
        next = Math.min(next, alarm.at());
      }
      return Duration.ofNanos(Math.max(0, next - nanos));
    } finally {
      lock.unlock();
    }
  }

  /// Rings `alarm` whenever time was moved.
  void onAdvance(Alarm alarm) {
    alarms.add(alarm);
  }

  void forget(Alarm alarm) {
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
    long until = nanos + duration.toNanos();
    sleepers.add(until);
    try {
      while (nanos < until) {
        moved.await();
      }
    } finally {
      sleepers.remove(until);
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
      return awaitUntil(nanos() + atMost.toNanos());
    }

    @Override
    public boolean awaitUntil(long until) throws InterruptedException {
      lock.lockInterruptibly();
      sleepers.add(until);
      try {
        while (!raised && nanos < until) {
          moved.await();
        }
        boolean was = raised;
        raised = false;
        return was;
      } finally {
        sleepers.remove(until);
        lock.unlock();
      }
    }
  }
}
