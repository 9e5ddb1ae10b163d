package dev.poststation.queue;

import dev.poststation.message.QueueId;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.util.concurrent.atomic.LongAdder;

/// How many mails wait in each place of the spool and are not in memory. Counted once from the
/// indexes, and from then on by what the queue moves, so that asking costs nothing. Safe for any
/// thread.
final class Places {
  private final QueueId start;
  private final LongAdder incoming = new LongAdder();
  private final LongAdder deferred = new LongAdder();
  private final LongAdder parked = new LongAdder();
  private final LongAdder held = new LongAdder();
  private final LongAdder quarantined = new LongAdder();

  /// @param start below the ids of all mail that is still to come
  Places(QueueId start) {
    this.start = start;
  }

  /// A mail has left memory, or found no room in it.
  void joined(Placement place) {
    of(place).increment();
  }

  /// A mail was brought into memory.
  void left(Placement place) {
    of(place).decrement();
  }

  private LongAdder of(Placement place) {
    return switch (place) {
      case Placement.Incoming _ -> incoming;
      case Placement.Deferred _ -> deferred;
      case Placement.Parked _ -> parked;
      case Placement.Held _ -> held;
      case Placement.Quarantined _ -> quarantined;
    };
  }

  /// Counts what the process before has left. By the scheduler before it moves any of that; newer
  /// mail comes and goes meanwhile, and has been counted.
  void count(Spool spool) throws SpoolException {
    var indexes = new Indexes(spool);
    indexes.incoming(id -> counted(incoming, id));
    indexes.held(id -> counted(held, id));
    indexes.parked(id -> counted(parked, id));
    indexes.deferred(id -> counted(deferred, id));
    indexes.quarantined(id -> counted(quarantined, id));
  }

  private boolean counted(LongAdder place, QueueId id) {
    if (id.compareTo(start) < 0) {
      place.increment();
    }
    return true;
  }

  Queue.Waiting now() {
    return new Queue.Waiting(
        sum(incoming), sum(deferred), sum(parked), sum(held), sum(quarantined));
  }

  /// Mail whose counting failed leaves all the same.
  private static long sum(LongAdder place) {
    return Math.max(0, place.sum());
  }
}
