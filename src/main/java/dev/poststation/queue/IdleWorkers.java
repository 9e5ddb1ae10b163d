package dev.poststation.queue;

import dev.poststation.os.Time;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The workers of a destination that are connected and have nothing to carry. Who came last is
/// called first: few connections carry much, and the others grow old and end. Only the oldest
/// watches the clock, for all: a timer for each wait would cost a good part of a mail. Guarded by
/// the lock of its queue.
final class IdleWorkers {
  /// While others wait for a connection, one is given up after so many mails, or so much time.
  private static final int TURN = 100;

  private static final long TURN_NANOS = Duration.ofSeconds(5).toNanos();

  private final ArrayDeque<Worker> workers = new ArrayDeque<>();

  /// One thread with one connection.
  static final class Worker {
    private final Time.Signal signal;
    private final Turnstile.Place place;
    private final long begun;
    private boolean idle;
    private long since;
    private int carried;
    private Window.Load load = Window.Load.NOTHING;

    Worker(Time time, Turnstile.Place place) {
      this.signal = time.signal();
      this.place = place;
      this.begun = time.nanos();
    }

    Turnstile.Place place() {
      return place;
    }

    private void idle(boolean now) {
      idle = now;
      place.rests(now);
    }

    Time.Signal signal() {
      return signal;
    }

    /// Whether its connection is to be given up for another destination: one that has other mail
    /// need not wait for bulk, but for the one that is on its way.
    ///
    /// @param workers of its own destination
    /// @param next what it would carry
    boolean givesWay(Turnstile connections, int workers, Window.Load next, long nanos) {
      boolean bulk = next == Window.Load.BULK;
      if (place.gate().crowded() || (bulk && !connections.turnsToBulk(place))) {
        return true;
      }
      boolean over = carried >= TURN || (carried > 0 && nanos - begun >= TURN_NANOS);
      boolean shares = over || (workers > 1 && carried > 0);
      boolean mail = next == Window.Load.MAIL;
      return switch (connections.waits(place)) {
        case NOBODY -> false;
        case BULK_OTHERS -> over && !mail;
        case BULK_WITHOUT -> shares && !mail;
        case OTHERS -> bulk || over;
        case WITHOUT -> bulk || shares;
      };
    }

    /// It has one more.
    void carries(boolean another) {
      carried += another ? 1 : 0;
    }

    /// What it carries from now on.
    ///
    /// @return what it carried
    Window.Load load(Window.Load now) {
      var before = load;
      load = now;
      return before;
    }

    /// It counts as what it carries, also when it began with bulk. To be called with no lock held.
    void counts(Turnstile connections) {
      if (load == Window.Load.MAIL) {
        connections.turnsToMail(place);
      }
    }

    /// Waits to be called, or to become the oldest.
    ///
    /// @param patience null: for ever
    /// @return whether something happened
    boolean await(@Nullable Duration patience) throws InterruptedException {
      if (patience != null) {
        return signal.await(patience);
      }
      signal.await();
      return true;
    }
  }

  /// Takes out the one that came last, for the caller to signal; null: nobody is idle.
  @Nullable Worker call() {
    var called = workers.pollLast();
    if (called != null) {
      called.idle(false);
    }
    return called;
  }

  /// A worker has nothing to do, still or from now on.
  ///
  /// @param idle how long a connection may be kept for nothing
  /// @return how long it may wait; null: until it is called or told that it is the oldest
  @Nullable Duration stay(Worker worker, Duration idle, long nanos) {
    if (!worker.idle) {
      worker.idle(true);
      worker.since = nanos;
      workers.addLast(worker);
    }
    return workers.peekFirst() == worker ? idle.minusNanos(nanos - worker.since) : null;
  }

  /// A worker has a job, or ends.
  ///
  /// @return the one that has become the oldest by that, for the caller to signal
  @Nullable Worker leave(Worker worker) {
    if (!worker.idle) {
      return null;
    }
    worker.idle(false);
    boolean oldest = workers.peekFirst() == worker;
    workers.remove(worker);
    return oldest ? workers.peekFirst() : null;
  }

  /// It has become the oldest; null: nobody has.
  static void wake(@Nullable Worker heir) {
    if (heir != null) {
      heir.signal().raise();
    }
  }

  int size() {
    return workers.size();
  }

  List<Worker> all() {
    return List.copyOf(workers);
  }
}
