package dev.poststation.queue;

import dev.poststation.os.Tasks;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/// What waits for the disk, and must not keep the scheduler or a session waiting: each has a thread
/// of its own, and some at a time go on, so that few notices are in memory. Safe for any thread.
final class Asides {
  private static final int AT_A_TIME = 100;

  private final Tasks tasks;
  private final Semaphore permits = new Semaphore(AT_A_TIME);
  private final AtomicInteger begun = new AtomicInteger();

  Asides(Tasks tasks) {
    this.tasks = tasks;
  }

  /// Runs it, soon. Returns at once.
  void run(String name, Runnable body) {
    begun.incrementAndGet();
    tasks.virtual(
        name,
        () -> {
          permits.acquireUninterruptibly();
          try {
            body.run();
          } finally {
            permits.release();
            begun.decrementAndGet();
          }
        });
  }

  /// Whether all have ended.
  boolean idle() {
    return begun.get() == 0;
  }
}
