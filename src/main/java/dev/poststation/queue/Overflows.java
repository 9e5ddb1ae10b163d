package dev.poststation.queue;

import dev.poststation.config.Connector;
import dev.poststation.os.Time;
import dev.poststation.route.Oversize;
import dev.poststation.route.Resolution;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Which connector has a free connection for mail that finds none at its first, and who waits for
/// one to become free: a line stands at one connector, and goes on by whichever is free first. Safe
/// for any thread.
final class Overflows {
  private final Time time;
  private final Turnstile connections;
  private final Function<String, @Nullable DestinationQueue> queues;

  /// Where mail waits, by the names of the connectors that come after in its routes. Guarded by
  /// this.
  private final Map<String, Set<DestinationQueue>> lines = new HashMap<>();

  private volatile boolean nobody = true;

  /// Who sees a free connection goes there before somebody else looks.
  private final ReentrantLock moving = new ReentrantLock();

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

  /// Moves mail, or not: no two see the same free connection.
  ///
  /// @param move whether it did
  boolean oneByOne(BooleanSupplier move) {
    moving.lock();
    try {
      return move.getAsBoolean();
    } finally {
      moving.unlock();
    }
  }

  /// Whether one of the connectors after that of the job has a free connection for it, and all
  /// between work. To be called with no lock held.
  boolean room(Job job) {
    for (var next = job; next.hasFallback(); ) {
      next = next.overflowing();
      var room = look(next);
      if (room != Room.FULL) {
        return room == Room.FREE;
      }
    }
    return false;
  }

  private Room look(Job job) {
    var by = job.connector();
    var now = time.now();
    boolean never = Oversize.of(by, job.mail().mail().size()).isPresent();
    if (!by.type().sends() || never || job.opens(now).isAfter(now)) {
      return Room.NONE;
    }
    if (!job.by().immediate(by)) {
      return connections.spare(gate(by)) ? Room.FREE : Room.FULL; // Where to, the DNS must say.
    }
    if (!(job.by().resolve(by, job.domain()) instanceof Resolution.Found(var where, _))) {
      return Room.NONE;
    }
    var queue = queues.apply(where.name());
    if (queue != null) {
      return queue.overflow.room(job);
    }
    return connections.spare(gate(by)) ? Room.FREE : Room.FULL;
  }

  private Turnstile.Gate gate(Connector connector) {
    return Shares.gate(connections, connector);
  }

  /// A job waits that may go on.
  void stands(DestinationQueue queue, Job job) {
    var later = job.route().via();
    synchronized (this) {
      for (var connector : later.subList(job.choice() + 1, later.size())) {
        lines.computeIfAbsent(connector.name(), _ -> new LinkedHashSet<>()).add(queue);
      }
      nobody = false;
    }
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
      known().forEach(this::look);
    }
  }

  private void look(String connector) {
    for (var queue : lines(connector)) {
      queue.overflow.passOn();
      // Whoever comes after this look is added after it.
      synchronized (this) {
        var line = lines.get(connector);
        if (line != null && queue.overflow.waiting().isEmpty()) {
          line.remove(queue);
          if (line.isEmpty()) {
            lines.remove(connector);
          }
          nobody = lines.isEmpty();
        }
      }
    }
  }

  private synchronized List<String> known() {
    return new ArrayList<>(lines.keySet());
  }

  private synchronized List<DestinationQueue> lines(String connector) {
    return new ArrayList<>(lines.getOrDefault(connector, Set.of()));
  }
}
