package dev.poststation.queue;

import dev.poststation.message.Lane;
import dev.poststation.message.QueueId;
import dev.poststation.os.Time;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.time.Instant;

/// The part of the scheduler that claims deferred mail of one lane when it is due, in the order of
/// time. Confined to the scheduler's thread but for `joined`.
final class DeferredLane {
  private static final QueueId LAST = new QueueId(Long.MAX_VALUE);

  private final Lane lane;
  private final Claims claims;
  private final Spool spool;
  private final Time time;

  /// What comes after this was not read yet.
  private Spool.Due read = Spool.Due.FIRST;

  // Guarded by this.
  private Instant next = Instant.EPOCH;
  private Instant joined = Claims.NEVER;

  DeferredLane(Lane lane, Claims claims, Spool spool, Time time) {
    this.lane = lane;
    this.claims = claims;
    this.spool = spool;
    this.time = time;
  }

  /// A mail was deferred. Safe for any thread.
  ///
  /// @return whether none is due before it
  synchronized boolean joined(Instant due) {
    joined = due.isBefore(joined) ? due : joined;
    return note(due);
  }

  private boolean note(Instant due) {
    if (!due.isBefore(next)) {
      return false;
    }
    next = due;
    return true;
  }

  /// When there is something to read, at the earliest.
  synchronized Instant next() {
    return next;
  }

  /// Reads all anew: the clock may have been set back.
  void startOver() {
    read = Spool.Due.FIRST;
    synchronized (this) {
      next = Instant.EPOCH;
    }
  }

  /// Brings what is due into memory, as far as there is room.
  ///
  /// @return whether there may be more to claim now
  boolean claim() throws SpoolException {
    var now = time.now();
    int room = claims.oldRoom(lane);
    synchronized (this) {
      if (next.isAfter(now)) {
        return false;
      }
      if (room == 0) {
        return claims.cutShort(lane);
      }
      next = Claims.NEVER; // What is deferred meanwhile sets it again.
      if (!joined.isAfter(read.time())) {
        read = new Spool.Due(joined, QueueId.FIRST); // It came in before what was read last.
      }
      joined = Claims.NEVER;
    }
    Instant following = Instant.EPOCH; // When the spool cannot be read: it is looked at again.
    try {
      boolean more = claim(now, room);
      var entries =
          spool.deferred(read, Claims.NEVER, 1); // Of the other lane, too: near is enough.
      following = entries.isEmpty() ? Claims.NEVER : entries.getFirst().time();
      return more;
    } finally {
      synchronized (this) {
        note(following);
      }
    }
  }

  private boolean claim(Instant now, int room) throws SpoolException {
    var due = spool.deferred(lane, read, now, room);
    for (var entry : due) {
      if (claims.oldRoom(lane) == 0) {
        return due.size() == room; // They have many recipients.
      }
      claims.claimOld(
          entry.id(), stored -> stored.placement() instanceof Placement.Deferred, false);
      read = entry;
    }
    if (due.size() < room) {
      read = new Spool.Due(now, LAST);
    }
    return due.size() == room;
  }
}
