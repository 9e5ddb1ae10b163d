package dev.poststation.hostile;

import dev.poststation.os.Tasks;
import dev.poststation.sim.SimTime;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/// The threads of a world: it is known whether all of them wait, so that time passes only when
/// nobody has anything to do. Safe for any thread.
final class Crew implements Tasks {
  private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();
  private final AtomicLong steps = new AtomicLong();
  private final SimTime time;

  Crew(SimTime time) {
    this.time = time;
  }

  @Override
  public Thread virtual(String name, Runnable body) {
    steps.incrementAndGet();
    var thread = Thread.ofVirtual().name(name).start(body);
    threads.add(thread); // Until it is in the list, whoever started it does not wait.
    return thread;
  }

  @Override
  public Thread platform(String name, Runnable body) {
    return virtual(name, body);
  }

  /// Something happened that may have woken somebody.
  void step() {
    steps.incrementAndGet();
  }

  /// Whether everybody waits.
  boolean atRest() {
    long before = steps.get() + time.stirs();
    if (!allWait()) {
      return false;
    }
    // Whoever was looked at first may have been woken by the last one.
    return allWait() && steps.get() + time.stirs() == before;
  }

  private boolean allWait() {
    threads.removeIf(thread -> !thread.isAlive());
    for (var thread : threads) {
      switch (thread.getState()) {
        case NEW, RUNNABLE, BLOCKED -> {
          return false;
        }
        case WAITING, TIMED_WAITING, TERMINATED -> {}
      }
    }
    return true;
  }

  /// Those that have not ended.
  Iterable<Thread> alive() {
    threads.removeIf(thread -> !thread.isAlive());
    return threads;
  }
}
