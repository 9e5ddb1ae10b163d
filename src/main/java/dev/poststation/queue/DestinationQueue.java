package dev.poststation.queue;

import dev.poststation.delivery.Opening;
import dev.poststation.message.Outcome;
import dev.poststation.os.Os;
import dev.poststation.route.Destination;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What is ready for one destination, and the connections that carry it: one virtual thread each,
/// as many as the window allows and the work needs. A destination that cannot be reached at all is
/// set aside with a back-off of its own; what waits for it is parked. Safe for any thread.
final class DestinationQueue {
  /// A dead host is asked again after a quarter of an hour at the latest, however long the waits of
  /// its mails are.
  private static final Duration BACK_OFF_MAX = Duration.ofMinutes(15);

  /// After so long without a new failure or a job a dead destination is forgotten.
  private static final Duration REMEMBERED = Duration.ofDays(1);

  private final Os os;
  private final Opener opener;
  private final Settling settling;
  private final Retry retry;
  private final int readyMax;
  private final Runnable onRoom;
  private final ReentrantLock lock = new ReentrantLock();
  private final FairTurns<Job> turns = new FairTurns<>();
  private final IdleWorkers idle = new IdleWorkers();
  private final Window window;
  private Destination destination;
  private int workers;
  private int open;
  private int failures;
  private @Nullable Instant setAsideUntil;
  private Opening.@Nullable Failed lastFailure;
  private boolean stopping;
  private boolean forgotten;
  private boolean lowWater;

  DestinationQueue(
      Os os,
      Opener opener,
      Settling settling,
      Retry retry,
      int readyMax,
      Destination first,
      Runnable onRoom) {
    this.os = os;
    this.opener = opener;
    this.settling = settling;
    this.retry = retry;
    this.readyMax = readyMax;
    this.destination = first;
    this.window = new Window(first.connector().maxConnections());
    this.onRoom = onRoom;
  }

  /// Takes a job: it becomes ready, goes to its next connector, or is parked.
  ///
  /// @return false when this queue was forgotten meanwhile: another one has to be made
  boolean offer(Job job, Destination current) {
    Instant until;
    boolean start = false;
    boolean full = false;
    IdleWorkers.Worker wake = null;
    lock.lock();
    try {
      if (forgotten) {
        return false;
      }
      destination = current;
      window.most(current.connector().maxConnections());
      until = setAside();
      if (until == null) {
        full = turns.size() >= readyMax;
        if (!full) {
          turns.add(clientOf(job), job.recipients().size(), job);
          wake = idle.call();
          start = wake == null && addWorker();
        }
      }
      lowWater |= full || until != null;
    } finally {
      lock.unlock();
    }
    if (wake != null) {
      wake.signal().raise();
    } else if (start) {
      startWorker();
    } else if (until != null) {
      settling.suspended(job, current.name(), reason(), until);
    } else if (full) {
      settling.crowded(job, current.name());
    }
    return true;
  }

  private static String clientOf(Job job) {
    return job.mail().mail().envelope().source().client();
  }

  private @Nullable Instant setAside() {
    Instant until = setAsideUntil;
    var now = os.time().now();
    // Not for longer than it can have been: the clock may have been set back.
    var latest = now.plus(Retry.withSpread(BACK_OFF_MAX));
    return until != null && until.isAfter(now) && until.isBefore(latest) ? until : null;
  }

  private Outcome reason() {
    lock.lock();
    try {
      var failure = lastFailure;
      return failure == null ? Settling.NEVER_TRIED : failure.outcome();
    } finally {
      lock.unlock();
    }
  }

  private boolean addWorker() {
    // While it is not known whether the destination can be reached, one connection asks for all.
    int allowed = open == 0 ? 1 : window.size();
    if (stopping || workers >= allowed) {
      return false;
    }
    workers++;
    return true;
  }

  private void startWorker() {
    os.tasks().virtual("deliver-" + destination.name(), this::work);
  }

  private void work() {
    var self = new IdleWorkers.Worker(os.time().signal());
    var carrier = new Carrier(this, os.time(), opener, settling);
    try {
      Job job = take(self, false);
      while (job != null && settling.recordable() && carrier.carry(job)) {
        job = take(self, carrier.connected());
      }
    } finally {
      carrier.hangUp();
      leave(self);
    }
  }

  /// Where to, by the newest configuration.
  Destination destination() {
    lock.lock();
    try {
      return destination;
    } finally {
      lock.unlock();
    }
  }

  /// A connection was closed.
  void hungUp() {
    lock.lock();
    try {
      open--;
    } finally {
      lock.unlock();
    }
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
          boolean surplus = stopping || workers > window.size();
          Job job = surplus ? null : turns.poll();
          if (job != null || surplus || !patient) {
            heir = idle.leave(self);
            room = job != null && lowWater && turns.size() <= readyMax / 4;
            lowWater &= !room;
            return job;
          }
          patience = idle.stay(self, destination.connector().idle(), os.time().nanos());
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
        onRoom.run();
      }
    }
  }

  private void leave(IdleWorkers.Worker self) {
    IdleWorkers.Worker heir;
    IdleWorkers.Worker wake;
    boolean again;
    boolean last;
    lock.lock();
    try {
      workers--;
      heir = idle.leave(self); // Only one that was interrupted is idle still.
      wake = turns.size() > 0 ? idle.call() : null;
      again = wake == null && turns.size() > 0 && addWorker();
      last = workers == 0 && lowWater;
    } finally {
      lock.unlock();
    }
    if (heir != null) {
      heir.signal().raise();
    }
    if (last) {
      onRoom.run(); // The scheduler is to know until when it is set aside, or that it is free.
    }
    if (wake != null) {
      wake.signal().raise();
    } else if (again) {
      startWorker();
    }
  }

  /// A mail went through.
  void succeeded() {
    boolean start = false;
    lock.lock();
    try {
      if (turns.size() > 0) {
        window.grow();
        start = addWorker(); // What waits may have come long ago: nothing else would start it.
      }
    } finally {
      lock.unlock();
    }
    if (start) {
      startWorker();
    }
  }

  /// A connection was opened.
  void reached(Destination where) {
    boolean back;
    int more = 0;
    lock.lock();
    try {
      open++;
      back = lastFailure != null;
      failures = 0;
      setAsideUntil = null;
      lastFailure = null;
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
      settling.destinationBack(where.name());
      onRoom.run();
    }
  }

  /// No host took the connection for this job: it is concluded, or put back while other connections
  /// work.
  void unreachable(Job job, Destination where, Opening.Failed failed) {
    boolean permanent = failed.outcome() instanceof Outcome.Bounced;
    Instant until = null;
    List<Job> waiting = List.of();
    boolean again = false;
    lock.lock();
    try {
      if (!permanent && open > 0) {
        // Others get through: the destination limits connections, it is not dead.
        window.shrink();
        turns.putBack(clientOf(job), job.recipients().size(), job);
        again = true;
      } else if (!permanent) {
        until = setAside(); // Connections that failed at the same time count once.
        if (until == null) {
          failures++;
          until = os.time().now().plus(backOff());
        }
        setAsideUntil = until;
        lastFailure = failed;
        waiting = turns.drain();
        lowWater = true;
      }
    } finally {
      lock.unlock();
    }
    if (again) {
      return;
    }
    settling.unreached(job, where.name(), failed, until);
    if (until != null) {
      settling.destinationSetAside(where.name(), until, failed.outcome());
      for (var other : waiting) {
        settling.suspended(other, where.name(), failed.outcome(), until);
      }
    }
  }

  private Duration backOff() {
    Duration wait = retry.wait(failures);
    return wait.compareTo(BACK_OFF_MAX) < 0 ? wait : BACK_OFF_MAX;
  }

  /// It is not set aside any longer: one mail asks whether it is back.
  void endSetAside() {
    lock.lock();
    try {
      setAsideUntil = setAsideUntil == null ? null : os.time().now();
      failures = 0;
    } finally {
      lock.unlock();
    }
  }

  /// Forgets that it could not be reached: it is tried as if for the first time.
  ///
  /// @return whether there was anything to forget
  boolean forgetFailures() {
    lock.lock();
    try {
      boolean failed = lastFailure != null;
      setAsideUntil = null;
      lastFailure = null;
      failures = 0;
      return failed;
    } finally {
      lock.unlock();
    }
  }

  /// Takes out all that is ready and not in flight, for routing it anew.
  List<Job> withdraw() {
    lock.lock();
    try {
      return turns.drain();
    } finally {
      lock.unlock();
    }
  }

  /// Takes out the jobs that an administrator ordered something else about.
  List<Job> withdrawUnwanted() {
    List<Job> unwanted = new ArrayList<>(0);
    lock.lock();
    try {
      for (Job job : turns.drain()) {
        if (!job.unwanted()) {
          turns.add(clientOf(job), job.recipients().size(), job);
        } else {
          unwanted.add(job);
        }
      }
    } finally {
      lock.unlock();
    }
    return unwanted;
  }

  /// How many more jobs it wants from the spool now: none while set aside, one while it is not
  /// known to be back.
  int wants() {
    lock.lock();
    try {
      if (stopping || setAside() != null) {
        return 0;
      }
      if (lastFailure != null) {
        return turns.size() == 0 && workers == 0 ? 1 : 0;
      }
      return Math.max(0, readyMax / 2 - turns.size());
    } finally {
      lock.unlock();
    }
  }

  /// More is parked for it: `onRoom` is to be called when there is room.
  ///
  /// @return whether there is room already
  boolean expectRoom() {
    lock.lock();
    try {
      lowWater = true;
      return lastFailure == null && setAside() == null && turns.size() <= readyMax / 4;
    } finally {
      lock.unlock();
    }
  }

  /// When it is tried again; null: it is not set aside.
  @Nullable Instant setAsideTime() {
    lock.lock();
    try {
      return setAside();
    } finally {
      lock.unlock();
    }
  }

  /// Forgets itself when nothing is known that would be lost: it takes no job any more.
  boolean forget() {
    lock.lock();
    try {
      var until = setAsideUntil;
      boolean quiet = until == null || until.plus(REMEMBERED).isBefore(os.time().now());
      forgotten = workers == 0 && turns.size() == 0 && quiet;
      return forgotten;
    } finally {
      lock.unlock();
    }
  }

  DestinationView view() {
    lock.lock();
    try {
      var failure = lastFailure;
      return new DestinationView(
          destination.name(),
          turns.size(),
          open,
          window.size(),
          setAside(),
          failure == null ? "" : failure.outcome().text());
    } finally {
      lock.unlock();
    }
  }

  /// No worker takes another job; each ends after the mail it carries.
  void stop() {
    List<IdleWorkers.Worker> sleeping;
    lock.lock();
    try {
      stopping = true;
      sleeping = idle.all();
    } finally {
      lock.unlock();
    }
    sleeping.forEach(worker -> worker.signal().raise());
  }

  /// Whether no worker is left.
  boolean stopped() {
    lock.lock();
    try {
      return workers == 0;
    } finally {
      lock.unlock();
    }
  }
}
