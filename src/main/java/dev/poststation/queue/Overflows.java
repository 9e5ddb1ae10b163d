package dev.poststation.queue;

import dev.poststation.config.Connector;
import dev.poststation.os.Time;
import dev.poststation.route.Oversize;
import dev.poststation.route.Resolution;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which connector has a free connection for mail that finds none at its first, and who waits for
/// one to become free: a line stands at one connector, and goes on by whichever is free first. Safe
/// for any thread.
final class Overflows {
  private static final Logger LOG = LoggerFactory.getLogger(Overflows.class);

  private final Time time;
  private final Turnstile connections;
  private final Function<String, @Nullable DestinationQueue> queues;

  /// Where mail waits, by the names of the connectors that come after in its routes: who had a turn
  /// last comes last. Guarded by this.
  private final Map<String, Set<DestinationQueue>> lines = new HashMap<>();

  private volatile boolean nobody = true;

  /// Who sees a free connection goes there before somebody else looks.
  private final ReentrantLock moving = new ReentrantLock();

  /// Connectors to which one goes for which the DNS is asked where that is: until it is there, its
  /// connection would be free for all who wait. Guarded by `moving`.
  private final Set<String> underWay = new HashSet<>();

  /// What a connector has for a mail.
  enum Room {
    FREE,
    FULL,
    /// It does not send such mail now, whatever connections it has.
    NONE
  }

  /// @param queues what is known of a destination, by its name
  Overflows(Time time, Turnstile connections, Function<String, @Nullable DestinationQueue> queues) {
    this.time = time;
    this.connections = connections;
    this.queues = queues;
  }

  /// Whether a connector that comes later in the route of a job takes such mail now, as all between
  /// do, if it has a free connection. Asks nobody.
  boolean suits(Job job, String connector) {
    for (var each : job.later()) {
      if (!takes(each, job)) {
        return false;
      }
      if (each.name().equals(connector)) {
        return true;
      }
    }
    return false;
  }

  private boolean takes(Connector by, Job job) {
    long size = job.mail().mail().size();
    var now = time.now();
    return by.type().sends()
        && Oversize.of(by, size).isEmpty()
        && !by.line().opens(size, now).isAfter(now);
  }

  /// The same job by the first of the connectors after its own that has a free connection for it,
  /// where all between work; null: none has. To be called with no lock held.
  @Nullable Job room(Job job) {
    for (int next = job.choice() + 1; next < job.route().via().size(); next++) {
      var there = job.overflowing(next);
      var room = look(there);
      if (room != Room.FULL) {
        return room == Room.FREE ? there : null;
      }
    }
    return null;
  }

  private Room look(Job job) {
    var by = job.connector();
    if (!takes(by, job)) {
      return Room.NONE;
    }
    if (asksFirst(job)) {
      boolean first = by.pool().connections() == 0 || !underWay.contains(by.name());
      return first && connections.spare(gate(by), job.isBulk()) ? Room.FREE : Room.FULL;
    }
    if (!(job.by().resolve(by, job.domain()) instanceof Resolution.Found(var where, _))) {
      return Room.NONE;
    }
    var queue = queues.apply(where.name());
    if (queue != null) {
      return queue.overflow.room(job);
    }
    return connections.spare(gate(by), job.isBulk()) ? Room.FREE : Room.FULL;
  }

  private Turnstile.Gate gate(Connector connector) {
    return Shares.gate(connections, connector);
  }

  /// Mail may wait there that goes on to this connector, now or when it has a free connection. To
  /// be called with no lock held.
  void stands(String connector, DestinationQueue queue) {
    synchronized (this) {
      lines.computeIfAbsent(connector, _ -> new LinkedHashSet<>()).add(queue);
      nobody = false;
    }
    look(connector); // Not sooner: one that comes free from now on looks itself.
  }

  /// A connection of this connector has nothing to carry, or another one may be opened. To be
  /// called with no lock held.
  void free(Connector connector) {
    if (!nobody) {
      look(connector.name());
    }
  }

  /// Looks after all who wait: what a quota or hours allow again nobody says.
  void look() {
    if (!nobody) {
      moving.lock();
      try {
        underWay.clear(); // Of one that came nowhere nobody says so.
      } finally {
        moving.unlock();
      }
      known().forEach(this::look);
    }
  }

  /// One of each in turn.
  private void look(String connector) {
    var line = lines(connector);
    for (var queue = line.poll(); queue != null; queue = line.poll()) {
      if (moves(connector, queue)) {
        line.add(queue);
      }
    }
  }

  /// Moves one, or none: no two see the same free connection.
  private boolean moves(String connector, DestinationQueue queue) {
    moving.lock();
    try {
      var there = queue.overflow.passOn(connector);
      if (there != null && asksFirst(there)) {
        underWay.add(there.connector().name());
      }
      rejoins(connector, queue, there != null);
      return there != null;
    } catch (RuntimeException e) {
      LOG.error("Our own fault while looking for mail that {} takes", connector, e);
      return false;
    } finally {
      moving.unlock();
    }
  }

  private static boolean asksFirst(Job job) {
    return !job.by().immediate(job.connector());
  }

  /// A job has come to a destination. To be called with no lock held.
  void arrived(Job job) {
    if (job.before().left() != null && asksFirst(job)) {
      String connector = job.connector().name();
      boolean next;
      moving.lock();
      try {
        next = underWay.remove(connector);
      } finally {
        moving.unlock();
      }
      if (next) {
        look(connector);
      }
    }
  }

  /// Whoever comes after a look is added after it.
  private synchronized void rejoins(String connector, DestinationQueue queue, boolean moved) {
    var line = lines.get(connector);
    boolean waits = queue.overflow.waitsFor(connector);
    if (line == null || (waits && !moved)) {
      return;
    }
    line.remove(queue);
    if (waits) {
      line.add(queue);
    }
    if (line.isEmpty()) {
      lines.remove(connector);
    }
    nobody = lines.isEmpty();
  }

  private synchronized List<String> known() {
    return new ArrayList<>(lines.keySet());
  }

  private synchronized ArrayDeque<DestinationQueue> lines(String connector) {
    return new ArrayDeque<>(lines.getOrDefault(connector, Set.of()));
  }
}
