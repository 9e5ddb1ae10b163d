package dev.poststation.queue;

import dev.poststation.message.Outcome;
import dev.poststation.route.Destination;
import dev.poststation.smtp.EnhancedStatus;
import java.util.List;

/// Mail that would wait for a connection of its destination because all of them carry mail: where
/// its route says so (`busy`), and the next connector has a free one, it goes there. Safe for any
/// thread.
final class Overflow {
  /// So many of those that stand in line are looked at for one that the next connector takes.
  private static final int LOOK = 20;

  private static final EnhancedStatus CONGESTION = new EnhancedStatus(4, 4, 5);

  private final Shares shared;
  private final DestinationQueue queue;

  Overflow(Shares shared, DestinationQueue queue) {
    this.shared = shared;
    this.queue = queue;
  }

  /// Has a job that comes go to the next connector where it would have to wait here, and not there.
  /// To be called with no lock held, for others are looked at.
  ///
  /// @return whether it went
  boolean leaves(Job job, Destination current, Turnstile.Gate way) {
    return shared
        .overflows()
        .oneByOne(
            () -> {
              boolean would =
                  queue.locked(
                      () -> {
                        queue.adopt(current, way);
                        return queue.pause(job.isBulk()) == null && full(job);
                      });
              boolean leaves = would && shared.overflows().room(job);
              if (leaves) {
                leave(job);
              }
              return leaves;
            });
  }

  private void leave(Job job) {
    String why = queue.locked(() -> words(job.isBulk()));
    shared
        .settling()
        .untried()
        .overflowing(
            job,
            queue.destination().name(),
            new Outcome.Deferred(Outcome.Stage.BUSY, CONGESTION, why, null));
  }

  /// A job has come and is ready: where it has to wait, it goes when another connector has a free
  /// connection.
  void joined(Job job) {
    if (job.overflows() && queue.locked(() -> waits(job))) {
      shared.overflows().stands(queue, job);
    }
  }

  /// Has those go on that wait here though the next connector of their route has a free connection.
  /// To be called with no lock held.
  void passOn() {
    boolean more = true;
    while (more) {
      more = shared.overflows().oneByOne(this::passOnOne);
    }
  }

  /// @return whether there may be another one
  private boolean passOnOne() {
    var waiting = waiting();
    var job = waiting.stream().filter(shared.overflows()::room).findFirst();
    if (job.isEmpty()) {
      waiting.forEach(each -> shared.overflows().stands(queue, each));
      return false;
    }
    queue.locked(() -> queue.turns.takeOut(each -> each.equals(job.get()))).forEach(this::leave);
    return true;
  }

  /// Those that would go on, or some of them.
  List<Job> waiting() {
    return queue.locked(
        () -> queue.turns.size() == 0 ? List.of() : queue.turns.first(this::waits, LOOK));
  }

  /// Whether a job that comes from another connector finds a free connection here. Whether this one
  /// is back no such mail finds out: a connection without mail does. To be called with no lock
  /// held.
  Overflows.Room room(Job job) {
    boolean asks = false;
    Overflows.Room room = Overflows.Room.NONE;
    queue.lock.lock();
    try {
      if (queue.pause(job.isBulk()) == null) {
        if (queue.aside.failing()) {
          asks = queue.workers == 0 && queue.aside.ask();
        } else {
          room = full(job) ? Overflows.Room.FULL : Overflows.Room.FREE;
        }
      }
    } finally {
      queue.lock.unlock();
    }
    if (asks) {
      queue.revival.begin(queue.destination());
    }
    return room;
  }

  /// Why another mail would wait; empty: it would not.
  String busy() {
    int carrying = queue.window.carrying();
    return carrying > 0 && carrying >= most() ? words(false) : "";
  }

  /// Whether all connections that there may be carry mail, or are about to carry what comes before
  /// this job.
  private boolean full(Job job) {
    var turns = queue.turns;
    int ahead = queue.window.carrying() + (job.isBulk() ? turns.size() : turns.others());
    queue.window.stretch(ahead + 1);
    boolean full = ahead >= most() || (job.isBulk() && bulk(1) > mostBulk());
    if (full) {
      queue.window.lack();
    }
    return full;
  }

  /// Whether a job that is ready is one too many.
  private boolean waits(Job job) {
    if (!job.overflows()) {
      return false;
    }
    int all = queue.window.carrying() + queue.turns.size();
    queue.window.stretch(all);
    return all > most() || (job.isBulk() && bulk(0) > mostBulk());
  }

  private int bulk(int more) {
    return queue.window.carryingBulk() + queue.turns.bulk() + more;
  }

  /// Connections that there may be now.
  private int most() {
    return (int) Math.min(queue.window.size(), byGate());
  }

  /// By what the connector may have in all.
  private long byGate() {
    long spare = shared.connections().spare(queue.gate, queue, queue.idle.size());
    return queue.workers + spare;
  }

  /// One is left for other mail, if there is more than one.
  private int mostBulk() {
    return Math.max(1, queue.window.size() - 1);
  }

  private String words(boolean bulk) {
    int most = queue.window.size();
    if (byGate() < most) {
      return shared.connections().full(queue.gate);
    }
    String name = queue.destination().name();
    if (bulk && queue.window.carrying() < most) {
      return "all connections of " + name + " are in use, but for one that bulk leaves to others";
    }
    return most == 1
        ? "the only connection of " + name + " is in use"
        : "all " + most + " connections of " + name + " are in use";
  }
}
