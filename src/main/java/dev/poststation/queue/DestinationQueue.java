package dev.poststation.queue;

import dev.poststation.delivery.Opening;
import dev.poststation.message.Outcome;
import dev.poststation.route.Destination;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What is ready for one destination, and the connections that carry it: one virtual thread each,
/// as many as the window allows and the work needs. A destination that cannot be reached at all is
/// set aside with a back-off of its own; what waits for it is parked. Bulk never has all of the
/// connections that it may have, unless that is one. Safe for any thread.
final class DestinationQueue implements Turnstile.Waiter {
  /// While others wait for a connection, one is given up after so many mails.
  private static final int TURN = 100;

  private final Shares shared;
  private final ReentrantLock lock = new ReentrantLock();
  private final Lanes turns = new Lanes();
  private final IdleWorkers idle = new IdleWorkers();
  private final SetAside aside;

  /// How many connections it may have, and which of its hosts work.
  final Window window;

  final Breakers breakers;

  private volatile Destination destination;
  private int workers;
  private boolean stopping;
  private boolean forgotten;
  private boolean lowWater;

  /// The configuration was reloaded: what the connector allows is known when a job comes.
  private boolean outdated;

  DestinationQueue(Shares shared, Destination first) {
    this.shared = shared;
    this.destination = first;
    this.window = new Window(shared.os().time(), first.connector().maxConnections());
    this.breakers = new Breakers(shared);
    this.aside = new SetAside(shared);
  }

  /// Takes a job: it becomes ready, goes to its next connector, or is parked.
  ///
  /// @return false when this queue was forgotten meanwhile: another one has to be made
  boolean offer(Job job, Destination current) {
    Quotas.Lack pause;
    boolean start = false;
    boolean full = false;
    IdleWorkers.Worker wake = null;
    lock.lock();
    try {
      if (forgotten) {
        return false;
      }
      destination = current;
      outdated = false;
      window.most(current.connector().maxConnections());
      pause = pause(job.isBulk());
      if (pause == null) {
        full = turns.full(job, shared.readyMax());
        if (!full) {
          turns.add(job);
          wake = helper();
          start = wake == null && addWorker();
        }
      }
      lowWater |= full || pause != null;
    } finally {
      lock.unlock();
    }
    begin(wake, start);
    if (pause != null) {
      shared.settling().untried().suspended(job, current.name(), pause.why(), pause.until());
    } else if (full) {
      shared.settling().untried().crowded(job, current.name());
    }
    return true;
  }

  /// Why nothing is sent now, and until when; null: it may be.
  ///
  /// @param bulk of bulk, which does not use all of a quota
  private Quotas.@Nullable Lack pause(boolean bulk) {
    return aside.pause(destination.connector(), outdated, bulk);
  }

  /// The quotas have no room, also for those after it, unless that is for bulk only.
  void exhausted(Job job, Quotas.Lack missing) {
    suspend(List.of(job), missing);
    var waiting =
        locked(
            () -> {
              lowWater = true;
              boolean all = pause(false) != null;
              return turns.takeOut(other -> all || other.isBulk());
            });
    suspend(waiting, missing);
  }

  /// No address of ours may send for so long.
  void withheld(Job job, Duration pause, Outcome.Deferred why) {
    locked(() -> aside.rest(pause, why));
    exhausted(job, new Quotas.Lack(shared.os().time().now().plus(pause), why));
  }

  /// The next hop has said that it has too much of us.
  void tooMuch(Outcome.Deferred why) {
    List<Job> waiting = List.of();
    var pause = new Quotas.Lack(shared.os().time().now(), why);
    lock.lock();
    try {
      lowWater = true;
      if (aside.rest(window.tooMuch(why.text()), why)) {
        waiting = turns.drain();
        pause = Objects.requireNonNullElse(pause(false), pause);
      }
    } finally {
      lock.unlock();
    }
    suspend(waiting, pause);
  }

  private void suspend(List<Job> jobs, Quotas.Lack why) {
    var untried = shared.settling().untried();
    jobs.forEach(job -> untried.suspended(job, destination.name(), why.why(), why.until()));
  }

  private boolean addWorker() {
    if (!wantsWorker() || !shared.connections().enter(this, workers)) {
      return false;
    }
    workers++;
    return true;
  }

  /// Whether another connection would have something to carry, and may be.
  private boolean wantsWorker() {
    int most = turns.others() > 0 ? window.now() : turns.size() > 0 ? window.forBulk() : 0;
    return !stopping && workers < most;
  }

  /// One that is connected and has nothing to do, where there is something for it; null: none.
  private IdleWorkers.@Nullable Worker helper() {
    return turns.others() > 0 || (turns.size() > 0 && window.moreBulk()) ? idle.call() : null;
  }

  @Override
  public boolean admitted() {
    lock.lock();
    try {
      if (!wantsWorker()) {
        return false;
      }
      workers++;
    } finally {
      lock.unlock();
    }
    startWorker();
    return true;
  }

  /// Calls one that is idle, or starts another, if that was decided.
  private void begin(IdleWorkers.@Nullable Worker wake, boolean another) {
    if (wake != null) {
      wake.signal().raise();
    } else if (another) {
      startWorker();
    }
  }

  private void startWorker() {
    shared.os().tasks().virtual("deliver-" + destination.name(), this::work);
  }

  private void work() {
    var self = new IdleWorkers.Worker(shared.os().time().signal());
    var carrier = new Carrier(this, shared);
    try {
      Job job = take(self, false);
      while (job != null && shared.settling().recordable() && carrier.carry(job)) {
        job = take(self, carrier.connected());
      }
    } finally {
      carrier.hangUp();
      leave(self);
    }
  }

  private <T extends @Nullable Object> T locked(Supplier<T> what) {
    lock.lock();
    try {
      return what.get();
    } finally {
      lock.unlock();
    }
  }

  /// Where to, by the newest configuration.
  Destination destination() {
    return destination;
  }

  /// A connection was closed.
  void hungUp() {
    locked(window::closed);
  }

  /// The next job; null: the worker is to end. While there is none, it waits with its connection.
  private @Nullable Job take(IdleWorkers.Worker self, boolean connected) {
    boolean patient = connected;
    boolean room = false;
    IdleWorkers.Worker heir = null;
    try {
      while (true) {
        Duration patience;
        lock.lock();
        try {
          window.bulk(self.bulk(false), false);
          boolean surplus = stopping || workers > window.size() || othersFirst(self);
          Job job = surplus ? null : turns.poll(window.moreBulk());
          boolean wanted = shared.connections().waits() != Turnstile.Wait.NOBODY;
          if (job != null || surplus || wanted || !patient) {
            heir = idle.leave(self);
            room = job != null && lowWater && turns.size() <= shared.readyMax() / 4;
            lowWater &= !room;
            self.carries(job != null);
            self.bulk(window.bulk(false, job != null && job.isBulk()));
            return job;
          }
          patience = idle.stay(self, destination.connector().idle(), shared.os().time().nanos());
        } finally {
          lock.unlock();
        }
        patient = self.await(patience);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return null;
    } finally {
      if (heir != null) {
        heir.signal().raise();
      }
      if (room) {
        shared.onRoom().run();
      }
    }
  }

  /// Whether a connection is to be given up for another destination.
  private boolean othersFirst(IdleWorkers.Worker self) {
    return switch (shared.connections().waits()) {
      case NOBODY -> false;
      case OTHERS -> self.carried() >= TURN;
      case WITHOUT -> self.carried() >= (workers > 1 ? 1 : TURN);
    };
  }

  private void leave(IdleWorkers.Worker self) {
    IdleWorkers.Worker heir;
    IdleWorkers.Worker wake;
    boolean again;
    boolean last;
    lock.lock();
    try {
      workers--;
      window.bulk(self.bulk(false), false);
      heir = idle.leave(self); // Only one that was interrupted is idle still.
      wake = helper();
      again = wake == null && addWorker();
      last = workers == 0 && lowWater;
    } finally {
      lock.unlock();
    }
    shared.connections().leave();
    if (heir != null) {
      heir.signal().raise();
    }
    if (last) {
      // The scheduler is to know until when it is set aside, or that it is free.
      shared.onRoom().run();
    }
    begin(wake, again);
  }

  /// A mail went through.
  void succeeded() {
    boolean start = false;
    IdleWorkers.Worker wake = null;
    lock.lock();
    try {
      if (turns.size() > 0) {
        window.grow();
        wake = helper();
        // What waits may have come long ago: nothing else would start it.
        start = wake == null && addWorker();
      }
    } finally {
      lock.unlock();
    }
    begin(wake, start);
  }

  /// A connection was opened.
  void reached(Destination where) {
    boolean back;
    int more = 0;
    lock.lock();
    try {
      window.opened();
      back = aside.forget();
      while (more < turns.size() && addWorker()) {
        more++;
      }
    } finally {
      lock.unlock();
    }
    for (; more > 0; more--) {
      startWorker();
    }
    if (back) {
      shared.settling().destinationBack(where.name());
      shared.onRoom().run();
    }
  }

  /// No host took the connection: the job is concluded, put back while others work, or parked.
  void unreachable(Job job, Destination where, Opening.Failed failed, int round) {
    var why = failed.outcome() instanceof Outcome.Deferred deferred ? deferred : null;
    Instant until = null;
    List<Job> waiting = List.of();
    boolean again = false;
    boolean full = false;
    lock.lock();
    try {
      if (why != null && window.open() > 0) {
        // Others get through: the destination limits connections, it is not dead.
        window.shrink(round);
        if (Restraint.heard(List.of(why)) != null) {
          window.enough(why.text());
        }
        again = !Deadlines.over(job.mail().mail().envelope(), shared.os().time().now());
        full = again && turns.full(job, shared.readyMax());
        if (again && !full) {
          turns.putBack(job);
        }
        lowWater |= full;
      } else if (why != null) {
        until = aside.failed(why);
        waiting = until == null ? waiting : turns.drain();
        lowWater |= until != null;
      }
    } finally {
      lock.unlock();
    }
    if (full) {
      shared.settling().untried().crowded(job, where.name());
    }
    if (again) {
      return;
    }
    shared.settling().unreached(job, where.name(), failed, until);
    if (until != null && why != null) {
      shared.settling().destinationSetAside(where.name(), until, why);
      for (var other : waiting) {
        shared.settling().untried().suspended(other, where.name(), why, until);
      }
    }
  }

  /// One mail asks whether it is back.
  void endSetAside() {
    locked(aside::end);
  }

  /// Forgets that it could not be reached: it is tried as if for the first time.
  ///
  /// @return whether there was anything to forget
  boolean forgetFailures() {
    breakers.forget();
    return locked(
        () -> {
          window.restraint.forget();
          return aside.forget();
        });
  }

  /// Takes out all that is ready and not in flight, for routing it anew.
  List<Job> withdraw() {
    return locked(
        () -> {
          outdated = true;
          return turns.drain();
        });
  }

  /// Takes out those that are not to be sent any more.
  List<Job> takeBack(Predicate<Job> which) {
    return locked(() -> turns.takeOut(which));
  }

  /// How many more jobs it wants from the spool now: none while set aside, one while it is not
  /// known to be back.
  ///
  /// @param bulk whether they may be bulk
  int wants(boolean bulk) {
    return locked(
        () -> {
          if (stopping || pause(bulk) != null) {
            return 0;
          }
          if (aside.failing() || outdated) {
            return turns.size() == 0 && (outdated || workers == 0) ? 1 : 0;
          }
          int most = shared.quotas().left(destination.connector(), shared.readAhead(), bulk);
          return Math.max(0, most - turns.size());
        });
  }

  /// More is parked for it: `onRoom` is to be called when there is room.
  ///
  /// @return whether there is room already
  boolean expectRoom(boolean bulk) {
    return locked(
        () -> {
          lowWater = true;
          return !aside.failing() && pause(bulk) == null && turns.size() <= shared.readyMax() / 4;
        });
  }

  /// When it is tried again; null: it is not set aside.
  @Nullable Instant setAsideTime() {
    return locked(
        () -> {
          var pause = pause(false);
          return pause == null ? null : pause.until();
        });
  }

  /// Whether it is set aside for a pause.
  boolean pauses() {
    return locked(aside::paused);
  }

  /// Forgets itself when nothing is known that would be lost: it takes no job any more.
  boolean forget() {
    return locked(
        () -> {
          boolean knows = !aside.stale() || !breakers.stale() || !window.limitedBy().isEmpty();
          forgotten = workers == 0 && turns.size() == 0 && !knows;
          if (forgotten) {
            forgetFailures();
          }
          return forgotten;
        });
  }

  DestinationView view() {
    return locked(
        () -> {
          var pause = pause(false);
          var why = pause == null ? aside.why() : pause.why();
          return new DestinationView(
              destination.name(),
              turns.size(),
              window.open(),
              window.size(),
              pause == null ? null : pause.until(),
              why == null ? "" : why.text(),
              aside.since(),
              "",
              window.limitedBy(),
              breakers.views(destination));
        });
  }

  /// No worker takes another job; each ends after the mail it carries.
  void stop() {
    var sleeping =
        locked(
            () -> {
              stopping = true;
              return idle.all();
            });
    sleeping.forEach(worker -> worker.signal().raise());
  }

  /// Whether no worker is left.
  boolean stopped() {
    return locked(() -> workers == 0);
  }
}
