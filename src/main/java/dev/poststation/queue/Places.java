package dev.poststation.queue;

import dev.poststation.message.QueueId;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/// How many mails wait in each place of the spool and are not in memory. Counted once from the
/// indexes, and from then on by what the queue moves, so that asking costs nothing. Safe for any
/// thread.
final class Places {
  private static final int PAGE = 5000;

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
    count(incoming, after -> spool.incoming(after, PAGE));
    count(held, after -> spool.held(after, PAGE));
    for (String destination : spool.parkedDestinations()) {
      count(parked, after -> spool.parked(destination, after, PAGE));
    }
    timed(deferred, after -> spool.deferred(after, Claims.NEVER, PAGE));
    timed(quarantined, after -> spool.quarantined(after, Claims.NEVER, PAGE));
  }

  /// Reads on in an index by time.
  private interface TimedPage {
    List<Spool.Due> after(Spool.Due due) throws SpoolException;
  }

  private void timed(LongAdder place, TimedPage pages) throws SpoolException {
    var last = Spool.Due.FIRST;
    while (true) {
      var page = pages.after(last);
      for (var due : page) {
        count(place, due.id());
      }
      if (page.size() < PAGE) {
        return;
      }
      last = page.getLast();
    }
  }

  private void count(LongAdder place, Control.Page pages) throws SpoolException {
    var last = QueueId.FIRST;
    while (true) {
      var page = pages.after(last);
      for (var id : page) {
        count(place, id);
      }
      if (page.size() < PAGE) {
        return;
      }
      last = page.getLast();
    }
  }

  private void count(LongAdder place, QueueId id) {
    if (id.compareTo(start) < 0) {
      place.increment();
    }
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
