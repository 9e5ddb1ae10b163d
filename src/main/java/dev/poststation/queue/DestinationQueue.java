package dev.poststation.queue;

import dev.poststation.delivery.Opening;
import dev.poststation.message.Lane;
import dev.poststation.message.Outcome;
import dev.poststation.queue.Window.Load;
import dev.poststation.route.Destination;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What is ready for one destination, and the connections that carry it: one virtual thread each,
/// as many as the window allows and the work needs. A destination that cannot be reached at all is
/// set aside with a back-off of its own; what waits for it is parked. Bulk never has all of the
/// connections that it may have, unless that is one. Safe for any thread.
final class DestinationQueue implements Turnstile.Waiter {
  private final Shares shared;
  private final Untried untried;
  final ReentrantLock lock = new ReentrantLock();

  // Only with `locked`, as `workers`, `stopping`, `window` and `aside`.
  final Lanes turns = new Lanes();
  final IdleWorkers idle = new IdleWorkers();

  /// How many connections it may have, and which of its hosts work.
  final Window window;

  final Breakers breakers;
  final SetAside aside;
  final Revival revival;
  final Overflow overflow;

  private volatile Destination destination;
  volatile Turnstile.Gate gate;
  int workers;
  boolean stopping;
  private boolean forgotten;

  /// The configuration was reloaded: what the connector allows is known when a job comes.
  private boolean outdated;

  /// Who is called, or the place of another one that comes in; null: neither.
  private record Help(IdleWorkers.@Nullable Worker idle, Turnstile.@Nullable Place another) {
    static final Help NONE = new Help(null, null);
  }

  DestinationQueue(Shares shared, Destination first) {
    this.shared = shared;
    this.untried = shared.settling().untried();
    this.destination = first;
    this.gate = shared.gate(first.connector());
    this.window = new Window(shared.os().time(), first.connector().maxConnections());
    this.breakers = new Breakers(shared);
    this.aside = new SetAside(shared);
    this.revival = new Revival(shared, this);
    this.overflow = new Overflow(shared, this);
  }

  /// Takes a job: it becomes ready, goes to its next connector, or is parked.
  ///
  /// @return false when this queue was forgotten meanwhile: another one has to be made
  boolean offer(Job job, Destination current) {
    Quotas.Lack pause;
    Help help = Help.NONE;
    boolean full = false;
    boolean asks = false;
    boolean over = false;
    var way = shared.gate(current.connector());
    lock.lock();
    try {
      if (forgotten) {
        return false;
      }
      adopt(current, way);
      pause = pause(job.leavesQuota());
      var doubt = aside.why();
      if (pause == null && doubt != null && job.passesOn(doubt)) {
        // It has another way: it waits for nobody who may be silent.
        asks = workers == 0 && !stopping && aside.ask();
        pause = new Quotas.Lack(shared.os().time().now(), doubt);
      }
      if (pause == null) {
        full = turns.full(job, shared.readyMax());
        if (!full) {
          over = overflow.adds(job);
          if (!over) { // Who goes on needs none.
            help = help();
            over = overflow.tooMany(job); // Another destination may have had the connection.
          }
        }
      }
      turns.waiting(pause != null);
    } finally {
      lock.unlock();
    }
    begin(help);
    if (asks) {
      revival.begin(current);
    }
    if (pause != null) {
      untried.suspended(List.of(job), current.name(), pause);
    } else if (full) {
      untried.crowded(job, current.name());
    } else if (over) {
      overflow.passOn();
      begin(locked(this::help));
    }
    return true;
  }

  /// What the newest configuration says of it holds from now on.
  private void adopt(Destination current, Turnstile.Gate way) {
    destination = current;
    gate = way;
    outdated = false;
    window.most(current.connector().maxConnections());
  }

  /// Why nothing is sent now, and until when; null: it may be.
  ///
  /// @param bulk of bulk, which does not use all of a quota
  Quotas.@Nullable Lack pause(boolean bulk) {
    return aside.pause(destination.connector(), outdated, bulk);
  }

  /// The quotas have no room, also for those after it, unless that is for bulk only.
  void exhausted(Job job, Quotas.Lack lack) {
    var missing = locked(() -> aside.bounded(lack));
    untried.suspended(List.of(job), destination.name(), missing);
    var waiting =
        locked(
            () -> {
              turns.waiting(true);
              boolean all = pause(false) != null;
              return turns.takeOut(other -> all || other.leavesQuota());
            });
    untried.suspended(waiting, destination.name(), missing);
  }

  /// No address of ours may send until then.
  void withheld(Job job, Instant until, Outcome.Deferred why) {
    exhausted(job, locked(() -> aside.rest(until, why)));
  }

  /// The next hop has said that it has too much of us.
  void tooMuch(Outcome.Deferred why) {
    List<Job> waiting = List.of();
    var pause = new Quotas.Lack(shared.os().time().now(), why);
    lock.lock();
    try {
      turns.waiting(true);
      var rest = window.tooMuch(why.text());
      if (rest.isPositive()) {
        waiting = turns.drain();
        pause = aside.rest(pause.until().plus(rest), why);
      }
    } finally {
      lock.unlock();
    }
    untried.suspended(waiting, destination.name(), pause);
    overflow.passOn();
  }

  /// Another one comes in, before which so many do for other mail than bulk; null: none does now.
  private Turnstile.@Nullable Place addWorker(int ahead) {
    boolean bulk = turns.others() <= ahead;
    var place = wantsWorker() ? shared.connections().enter(gate, this, workers, bulk) : null;
    return place != null && counted() ? place : null;
  }

  private boolean counted() {
    workers++;
    return true;
  }

  /// Whether another connection would have something to carry, and may be.
  boolean wantsWorker() {
    int most = turns.others() > 0 ? window.now() : turns.size() > 0 ? window.forBulk() : 0;
    return !stopping && workers < most;
  }

  /// Who is to carry what waits: one that is connected and has nothing to do, or another one.
  private Help help() {
    var called = window.next(turns) == Load.NOTHING ? null : idle.call();
    return new Help(called, called == null ? addWorker(0) : null);
  }

  @Override
  public boolean admitted(Turnstile.Place place) {
    boolean wanted = locked(() -> wantsWorker() && counted());
    if (wanted) {
      startWorker(place);
    }
    return wanted;
  }

  @Override
  public boolean giveUp() {
    var asked = locked(idle::call);
    if (asked != null) {
      asked.signal().raise(); // It sees that somebody waits, and ends.
    }
    return asked != null;
  }

  /// Calls one that is idle, or starts another, if that was decided.
  private void begin(Help help) {
    if (help.idle != null) {
      help.idle.signal().raise();
    } else if (help.another != null) {
      startWorker(help.another);
    }
    shared.connections().relieve(gate);
  }

  private void startWorker(Turnstile.Place place) {
    shared.os().tasks().virtual("deliver-" + destination.name(), () -> work(place));
  }

  private void work(Turnstile.Place place) {
    var self = new IdleWorkers.Worker(shared.os().time(), place);
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

  <T extends @Nullable Object> T locked(Supplier<T> what) {
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

  /// The next job; null: the worker is to end. While there is none, it waits with its connection.
  private @Nullable Job take(IdleWorkers.Worker self, boolean connected) {
    boolean patient = connected;
    boolean room = false;
    IdleWorkers.Worker heir = null;
    try {
      while (true) {
        @Nullable Duration patience;
        lock.lock();
        try {
          window.carries(self.load(Load.NOTHING), Load.NOTHING);
          long now = shared.os().time().nanos();
          var next = window.next(turns);
          boolean surplus = stopping || workers > window.size();
          surplus = surplus || self.givesWay(shared.connections(), workers, next, now);
          Job job = surplus ? null : turns.poll(next == Load.BULK);
          boolean rests = job == null && !surplus && patient;
          patience = rests ? idle.stay(self, destination.connector().idle(), now) : null;
          // Asked when whoever comes in line already sees that it rests.
          if (!rests || shared.connections().waits(self.place()) != Turnstile.Wait.NOBODY) {
            heir = idle.leave(self);
            room = job != null && turns.wantsMore(shared.readyMax());
            self.carries(job != null);
            self.load(window.carries(Load.NOTHING, Load.of(job)));
            return job;
          }
        } finally {
          lock.unlock();
        }
        shared.overflows().free(destination.connector());
        patient = self.await(patience);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return null;
    } finally {
      IdleWorkers.wake(heir);
      self.counts(shared.connections());
      if (room) {
        shared.onRoom().accept(destination.name());
      }
    }
  }

  private void leave(IdleWorkers.Worker self) {
    IdleWorkers.Worker heir;
    Help help;
    boolean last;
    lock.lock();
    try {
      workers--;
      window.carries(self.load(Load.NOTHING), Load.NOTHING);
      heir = idle.leave(self); // Only one that was interrupted is idle still.
      help = help();
      last = workers == 0 && turns.waiting();
    } finally {
      lock.unlock();
    }
    shared.connections().leave(self.place());
    IdleWorkers.wake(heir);
    if (last) {
      // The scheduler is to know until when it is set aside, or that it is free.
      shared.onRoom().accept(destination.name());
    }
    begin(help);
    shared.overflows().free(destination.connector());
  }

  /// A mail went through.
  void succeeded() {
    begin(
        locked(
            () -> {
              if (turns.size() == 0 && !window.lacking()) {
                return Help.NONE;
              }
              window.grow();
              return help(); // What waits may have come long ago: nothing else would start it.
            }));
  }

  /// A connection was opened.
  void reached(Destination where) {
    boolean back;
    List<Turnstile.Place> more = new ArrayList<>(0);
    lock.lock();
    try {
      window.opened();
      back = aside.forget();
      for (var each = next(more); each != null; each = next(more)) {
        more.add(each);
      }
    } finally {
      lock.unlock();
    }
    more.forEach(this::startWorker);
    shared.connections().relieve(gate);
    if (back) {
      shared.settling().destinationBack(where.name());
      shared.onRoom().accept(destination.name());
      shared.overflows().free(where.connector());
    }
    overflow.passOn();
  }

  private Turnstile.@Nullable Place next(List<Turnstile.Place> before) {
    return before.size() < turns.size() ? addWorker(before.size()) : null;
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
      } else if (why != null) {
        until = aside.failed(why);
        waiting = until == null ? waiting : turns.drain();
        turns.waiting(until != null);
      }
    } finally {
      lock.unlock();
    }
    if (full) {
      untried.crowded(job, where.name());
    }
    if (again) {
      overflow.passOn();
      return;
    }
    shared.settling().unreached(job, where.name(), failed, until);
    if (until != null && why != null) {
      shared.settling().destinationSetAside(where.name(), until, why, failed.obstacle());
      untried.suspended(waiting, where.name(), new Quotas.Lack(until, why));
    }
  }

  /// As if for the first time.
  boolean forgetAll() {
    breakers.forget();
    window.restraint.forget();
    return aside.forget();
  }

  /// Takes out all that is ready and not in flight, for routing it anew.
  List<Job> withdraw() {
    return locked(
        () -> {
          outdated = true;
          return turns.drain();
        });
  }

  /// How many more jobs it wants from the spool now: none while set aside, one while it is not
  /// known to be back.
  ///
  /// @param lane of which they may be
  int wants(Lane lane) {
    boolean bulk = lane == Lane.BULK;
    return locked(
        () -> {
          if (stopping || pause(bulk) != null) {
            return 0;
          }
          if (aside.failing() || outdated) {
            return turns.size() == 0 && (outdated || workers == 0) ? 1 : 0;
          }
          int ahead = shared.quotas().left(destination.connector(), shared.readAhead(), bulk);
          return turns.room(lane, ahead, shared.readyMax());
        });
  }

  /// More is parked for it: `onRoom` is to be called when there is room.
  ///
  /// @return whether there is room already
  boolean expectRoom(Lane lane) {
    return locked(
        () -> {
          turns.expect(lane);
          boolean sends = !aside.failing() && pause(lane == Lane.BULK) == null;
          return sends && turns.few(lane, shared.readyMax());
        });
  }

  /// When it is tried again; null: it is not set aside.
  @Nullable Instant setAsideTime() {
    var pause = locked(() -> pause(false));
    return pause == null ? null : pause.until();
  }

  boolean works() {
    return locked(() -> !aside.failing() && pause(false) == null);
  }

  /// Forgets itself when nothing is known that would be lost: it takes no job any more.
  boolean forget() {
    return locked(
        () -> {
          boolean knows = !aside.stale() || !breakers.stale() || !window.limitedBy().isEmpty();
          forgotten = workers == 0 && turns.size() == 0 && !knows;
          if (forgotten) {
            forgetAll();
          }
          return forgotten;
        });
  }

  DestinationView view() {
    return locked(
        () -> {
          String waits = workers == 0 ? shared.connections().why(gate, this) : "";
          var hosts = breakers.views(destination);
          String busy = overflow.busy();
          return DestinationView.of(
              destination, turns.size(), window, aside, pause(false), waits, busy, hosts);
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
