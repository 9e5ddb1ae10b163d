package dev.poststation.hostile;

import dev.poststation.os.Tasks;
import dev.poststation.sim.Threads;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/// The threads of a world: it is known whether all of them wait, so that time passes only when
/// nobody has anything to do. Safe for any thread.
final class Crew implements Tasks {
  private static final Executor PROCESSORS =
      Executors.newFixedThreadPool(4, Thread.ofPlatform().daemon().name("processor-", 1).factory());

  private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();

  /// How often a thread could go on, and how often one had done so until it waited again.
  private final AtomicLong begun = new AtomicLong();

  private final AtomicLong done = new AtomicLong();

  @Override
  public Thread virtual(String name, Runnable body) {
    var thread = Threads.runBy(this::goOn).name(name).unstarted(body);
    threads.add(thread);
    thread.start();
    return thread;
  }

  @Override
  public Thread platform(String name, Runnable body) {
    return virtual(name, body);
  }

  private void goOn(Runnable turn) {
    begun.incrementAndGet();
    PROCESSORS.execute(
        () -> {
          try {
            turn.run();
          } finally {
            done.incrementAndGet();
          }
        });
  }

  /// Whether everybody waits, if it is not for the caller. Whoever waits can be woken only by one
  /// that goes on.
  boolean atRest() {
    long sofar = done.get();
    return begun.get() == sofar && noneIsBlocked() && begun.get() == sofar;
  }

  /// The JVM wakes one that waits for a monitor at a moment of its own choosing.
  private boolean noneIsBlocked() {
    for (var thread : alive()) {
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
    threads.removeIf(thread -> thread.getState() == Thread.State.TERMINATED);
    return threads;
  }
}
