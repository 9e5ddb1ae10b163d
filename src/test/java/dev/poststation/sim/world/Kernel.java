package dev.poststation.sim.world;

import dev.poststation.sim.Threads;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// The one processor of a simulated world: runs virtual threads one at a time, on the thread that
/// calls `run`, in an order that the seed chooses, and moves time on when none can run. Everything
/// in the world is confined to that thread, so nothing in it needs a lock.
///
/// A virtual thread is not pre-empted: it runs until it waits. Which of those that could go on does
/// so next is drawn by lot, so that each seed is another interleaving, and the same seed the same.
///
/// Limits: a thread that waits while it holds a monitor that another one wants would be woken by
/// the JVM at a moment of its own choosing. Nothing in the program may do that, and `run` fails
/// when something does.
final class Kernel {
  private final RandomGenerator chance;
  private final boolean inTurn;
  private final List<Turn> ready = new ArrayList<>();
  private final TreeSet<Alarm> alarms = new TreeSet<>();
  private final List<Group> groups = new ArrayList<>();
  private final List<Throwable> failures = new ArrayList<>();
  private long nanos;
  private long alarmsMade;
  private long turns;
  private long fingerprint = 17;
  private boolean loud;

  private record Turn(Group group, Runnable task) {}

  /// @param inTurn whether threads run in the order in which they became able to, mostly; else each
  ///   is as likely as the others
  Kernel(RandomGenerator chance, boolean inTurn) {
    this.chance = chance;
    this.inTurn = inTurn;
  }

  /// Threads that end together, as those of a process do. Ended ones never run again, not even
  /// their `finally`: the power is off.
  final class Group {
    private final Set<Thread> threads = new LinkedHashSet<>();
    private boolean ended;

    /// Starts a thread; it runs when the kernel does.
    Thread start(String name, Runnable body) {
      var thread = builderOf(this).name(name).unstarted(() -> live(body));
      threads.add(thread);
      thread.start();
      return thread;
    }

    private void live(Runnable body) {
      try {
        body.run();
      } catch (Throwable e) {
        failures.add(new AssertionError(Thread.currentThread().getName() + " died of " + e, e));
      } finally {
        threads.remove(Thread.currentThread());
      }
    }

    void end() {
      ended = true;
      threads.clear();
      groups.remove(this);
      ready.removeIf(turn -> turn.group() == this);
    }

    boolean ended() {
      return ended;
    }

    /// Threads that have not come to their end.
    int running() {
      return threads.size();
    }
  }

  Group group() {
    var group = new Group();
    groups.add(group);
    return group;
  }

  /// What threads died of.
  List<Throwable> failures() {
    return failures;
  }

  private Thread.Builder.OfVirtual builderOf(Group group) {
    Executor scheduler =
        task -> {
          if (!group.ended) {
            ready.add(new Turn(group, task));
          }
        };
    return Threads.runBy(scheduler);
  }

  /// A moment at which something is done.
  final class Alarm implements Comparable<Alarm> {
    private final long at;
    private final long number;
    private final Group group;
    private final Runnable action;

    private Alarm(long at, Group group, Runnable action) {
      this.at = at;
      this.number = alarmsMade++;
      this.group = group;
      this.action = action;
    }

    void cancel() {
      alarms.remove(this);
    }

    long at() {
      return at;
    }

    @Override
    public int compareTo(Alarm other) {
      int byTime = Long.compare(at, other.at);
      return byTime == 0 ? Long.compare(number, other.number) : byTime;
    }
  }

  /// Has something done later, unless its group has ended by then. It must not wait.
  Alarm after(Duration delay, Group group, Runnable action) {
    var alarm = new Alarm(nanos + Math.max(0, delay.toNanos()), group, action);
    alarms.add(alarm);
    return alarm;
  }

  /// The calling thread could go on, but others may do so first.
  @SuppressWarnings("ThreadPriorityCheck") // This scheduler is ours.
  static void letOthersRun() {
    Thread.yield();
  }

  /// Nanoseconds since the beginning of the world.
  long nanos() {
    return nanos;
  }

  /// Turns taken so far.
  long turns() {
    return turns;
  }

  /// Two runs that did the same have the same.
  long fingerprint() {
    return fingerprint;
  }

  /// Has everything that happens written to standard output.
  void loud() {
    loud = true;
  }

  /// Where machines log to.
  OutputStream log() {
    return new OutputStream() {
      @Override
      public void write(int octet) {
        if (loud) {
          System.out.write(octet);
        }
      }

      @Override
      public void write(byte[] octets, int offset, int length) {
        if (loud) {
          System.out.write(octets, offset, length);
        }
      }
    };
  }

  /// Writes what happens, when that is wanted.
  void tell(Supplier<String> what) {
    if (loud) {
      System.out.printf("%,d %s%n", nanos / 1000, what.get().replace("\r\n", "|"));
    }
  }

  /// Adds something to the fingerprint.
  void note(long what) {
    fingerprint = (fingerprint ^ what) * 0x9E3779B97F4A7C15L;
    fingerprint ^= fingerprint >>> 29;
  }

  /// Runs the world until this moment, or until nothing will ever happen again.
  void run(Duration until) {
    long end = until.toNanos();
    while (true) {
      while (!ready.isEmpty()) {
        turns++;
        note(nanos * 31 + ready.size());
        next().task().run();
      }
      forbidBlocked();
      if (alarms.isEmpty() || alarms.first().at > end) {
        nanos = Math.max(nanos, end);
        return;
      }
      var alarm = alarms.pollFirst();
      nanos = alarm.at;
      if (!alarm.group.ended) {
        alarm.action.run();
      }
    }
  }

  private Turn next() {
    int size = ready.size();
    int index = size == 1 || inTurn && chance.nextInt(8) > 0 ? 0 : chance.nextInt(size);
    if (index == 0) {
      return ready.removeFirst();
    }
    var chosen = ready.get(index);
    ready.set(index, ready.getLast());
    ready.removeLast();
    return chosen;
  }

  private void forbidBlocked() {
    for (var group : groups) {
      for (var thread : group.threads) {
        if (thread.getState() == Thread.State.BLOCKED) {
          throw new AssertionError(
              thread.getName() + " waits for a monitor that somebody holds while waiting");
        }
      }
    }
  }
}
