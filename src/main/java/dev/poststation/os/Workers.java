package dev.poststation.os;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/// A few platform threads for what keeps a processor busy, such as hashing a password, or waits
/// within native code: a virtual thread would hold its carrier all the while, and everybody else's
/// sessions. They start when they are needed first. Safe for any thread.
public final class Workers implements Executor, AutoCloseable {
  private static final FutureTask<?> END = new FutureTask<>(() -> true);

  private final Tasks tasks;
  private final String name;
  private final int threads;
  private final LinkedBlockingQueue<FutureTask<?>> waiting;
  private final AtomicInteger started = new AtomicInteger();

  /// @param name of the threads
  /// @param most how much work may wait
  public Workers(Tasks tasks, String name, int threads, int most) {
    this.tasks = tasks;
    this.name = name;
    this.threads = threads;
    this.waiting = new LinkedBlockingQueue<>(most);
  }

  /// Has the work done and waits for it; empty when too much of it waits already.
  ///
  /// @throws ExecutionException when the work throws
  public <T> Optional<T> ask(Callable<T> work) throws ExecutionException {
    var task = new FutureTask<>(work);
    if (!begin(task)) {
      return Optional.empty();
    }
    while (true) {
      try {
        return Optional.of(task.get());
      } catch (InterruptedException _) {
        // Nobody has a reason to interrupt it.
      }
    }
  }

  /// Has the work done and waits for it, but not longer; empty when too much of it waits already.
  /// What nobody waits for any more is not begun. What has begun is not interrupted, for that would
  /// close the files that it reads: it has to look at the clock itself.
  ///
  /// @throws ExecutionException when the work throws
  /// @throws TimeoutException when it was not done in time
  public <T> Optional<T> ask(Callable<T> work, Duration atMost)
      throws ExecutionException, TimeoutException {
    var task = new FutureTask<>(work);
    if (!begin(task)) {
      return Optional.empty();
    }
    long end = System.nanoTime() + atMost.toNanos();
    while (true) {
      try {
        return Optional.of(task.get(end - System.nanoTime(), TimeUnit.NANOSECONDS));
      } catch (InterruptedException _) {
        // Nobody has a reason to interrupt it.
      } catch (TimeoutException e) {
        task.cancel(false);
        waiting.remove(task);
        throw e;
      }
    }
  }

  /// Has the work done, and does not wait for it.
  ///
  /// @throws RejectedExecutionException when too much of it waits already
  @Override
  public void execute(Runnable work) {
    if (!begin(new FutureTask<>(work, true))) {
      throw new RejectedExecutionException(name + ": too much work waits");
    }
  }

  private boolean begin(FutureTask<?> task) {
    if (!waiting.offer(task)) {
      return false;
    }
    if (started.get() < threads) {
      int number = started.incrementAndGet();
      if (number <= threads) {
        tasks.platform(name + "-" + number, this::run);
      }
    }
    return true;
  }

  /// How much work waits now.
  int waiting() {
    return waiting.size();
  }

  /// The threads end when they have done what waits. Nothing must be asked any more.
  @Override
  public void close() {
    for (int i = 0; i < threads; i++) {
      waiting.offer(END); // Where there is no room nobody is idle.
    }
  }

  private void run() {
    while (true) {
      try {
        var work = waiting.take();
        if (work == END) {
          return;
        }
        work.run(); // What it throws is kept for the one who asked.
      } catch (InterruptedException _) {
        // Nobody has a reason to interrupt it.
      }
    }
  }
}
