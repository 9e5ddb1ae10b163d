package dev.poststation.queue;

import dev.poststation.config.Connector;
import dev.poststation.message.Outcome;
import dev.poststation.smtp.EnhancedStatus;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Mail that would wait for a connection of its destination because all of them carry mail: where
/// its route says so (`busy`), and the next connector has a free one, it goes there. All stand in
/// line first, and who goes is next in it. Safe for any thread.
final class Overflow {
  private static final Logger LOG = LoggerFactory.getLogger(Overflow.class);

  /// So many of those that stand in line are looked at for one that the next connector takes.
  private static final int LOOK = 20;

  private static final EnhancedStatus CONGESTION = new EnhancedStatus(4, 4, 5);

  private final Shares shared;
  private final DestinationQueue queue;

  /// The connectors that come after in the routes of what came. Only with the lock of the queue.
  private final Set<String> others = new HashSet<>();

  Overflow(Shares shared, DestinationQueue queue) {
    this.shared = shared;
    this.queue = queue;
  }

  /// Takes a job in that is ready. To be called with the lock of the queue.
  ///
  /// @return whether it is one too many: then `passOn` must follow
  boolean adds(Job job) {
    var turns = queue.turns;
    if (job.before().returned()) {
      turns.putBack(job);
    } else {
      turns.add(job);
    }
    boolean overflows = job.overflows();
    if (overflows || job.before().left() != null) {
      int all = queue.window.carrying() + turns.size();
      queue.window.stretch(all + (job.isBulk() ? 1 : 0)); // Which leaves one to others.
    }
    if (overflows) {
      job.later().forEach(each -> others.add(each.name()));
    }
    return tooMany(job);
  }

  /// Whether a job that is ready would wait, and may go on. To be called with the lock of the
  /// queue.
  boolean tooMany(Job job) {
    return job.overflows() && lacks(job.isBulk(), 0);
  }

  /// Has those go on that wait here, now or as soon as one of the connectors after has a free
  /// connection. To be called with no lock held, when there are more that wait, or fewer
  /// connections.
  void passOn() {
    for (String connector : queue.locked(() -> List.copyOf(others))) {
      shared.overflows().stands(connector, queue);
    }
  }

  /// Has the next one go on that waits here, if there is a free connection for it. To be called by
  /// one thread at a time, with no lock held.
  ///
  /// @param connector one that may have a free connection
  /// @return the same by where it went; null: nobody went
  @Nullable Job passOn(String connector) {
    Predicate<Job> suits = job -> shared.overflows().suits(job, connector);
    for (var job : queue.locked(() -> waiting(suits, LOOK))) {
      var there = shared.overflows().room(job);
      if (there != null && leave(job, there)) {
        return there;
      }
    }
    return null;
  }

  /// Whether somebody waits here in whose route this connector comes later.
  boolean waitsFor(String connector) {
    Predicate<Job> later =
        job -> job.later().stream().anyMatch(each -> each.name().equals(connector));
    return queue.locked(() -> !waiting(later, 1).isEmpty());
  }

  private List<Job> waiting(Predicate<Job> which, int most) {
    boolean mail = lacks(false, 0);
    boolean bulk = lacks(true, 0);
    boolean nobody = queue.stopping || !(mail || bulk);
    return nobody
        ? List.of()
        : queue.turns.first(
            job -> (job.isBulk() ? bulk : mail) && job.overflows() && which.test(job), most);
  }

  /// Whether it went there: somebody may carry it by now, and then the next one goes.
  private boolean leave(Job job, Job there) {
    var why =
        queue.locked(
            () -> {
              String words = words(job.isBulk());
              boolean goes = !queue.stopping && queue.turns.take(job);
              if (goes) {
                queue.window.lack();
              }
              if (goes && !queue.wantsWorker()) {
                shared.connections().forgo(queue.gate, queue);
              }
              return goes ? words : "";
            });
    if (why.isEmpty()) {
      return false;
    }
    var passed = job.route().via().subList(job.choice() + 1, there.choice());
    var all = passed.isEmpty() ? "" : ", as are those of " + names(passed);
    String name = queue.destination().name();
    try {
      var left = new Outcome.Deferred(Outcome.Stage.BUSY, CONGESTION, why + all, null);
      shared.settling().untried().overflowing(job, there, name, left);
      return true;
    } catch (RuntimeException e) {
      LOG.error("Our own fault while passing on {}: it is deferred", job.mail().id(), e);
      shared.settling().broken(job, name);
      return false;
    }
  }

  private static String names(List<Connector> connectors) {
    return String.join(" and ", connectors.stream().map(Connector::name).toList());
  }

  /// Whether a job that comes from another connector finds a free connection here. Whether this one
  /// is back no such mail finds out: a connection without mail does. To be called with no lock
  /// held.
  Overflows.Room room(Job job) {
    boolean asks = false;
    Overflows.Room room = Overflows.Room.NONE;
    queue.lock.lock();
    try {
      if (!queue.stopping && queue.pause(job.leavesQuota()) == null) {
        if (queue.aside.failing()) {
          asks = queue.workers == 0 && queue.aside.ask();
        } else if (lacks(job.isBulk(), 1)) {
          queue.window.lack();
          room = Overflows.Room.FULL;
        } else {
          room = Overflows.Room.FREE;
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
    boolean full = carrying > 0 && carrying >= Math.min(queue.window.size(), byGate(false));
    return full ? words(false) : "";
  }

  /// Whether there may be too few connections now for what is carried, and waits to be, with so
  /// many more. Other mail does not wait for bulk, which leaves one to it, if there is more than
  /// one.
  private boolean lacks(boolean bulk, int more) {
    var turns = queue.turns;
    var window = queue.window;
    int reach = window.reach();
    int all = window.carrying() + (bulk ? turns.size() : turns.others()) + more;
    boolean tooMuchBulk =
        bulk && window.carryingBulk() + turns.bulk() + more > Math.max(1, reach - 1);
    return tooMuchBulk || all > Math.min(reach, byGate(bulk));
  }

  /// How many connections there may be by what the connector may have in all.
  private long byGate(boolean bulk) {
    long spare = shared.connections().spare(queue.gate, queue, queue.idle.size(), bulk);
    return queue.workers + spare;
  }

  private String words(boolean bulk) {
    int most = queue.window.size();
    if (byGate(bulk) < most) {
      return shared.connections().full(queue.gate, bulk);
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
