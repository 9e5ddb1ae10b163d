package dev.poststation.queue;

import dev.poststation.message.Lane;
import dev.poststation.message.QueueId;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.util.function.Predicate;

/// The part of the scheduler that brings parked mail back when its destination wants more. Confined
/// to the scheduler's thread.
final class Unparking {
  private static final int PAGE = 2000;

  private final Claims claims;
  private final Queue queue;
  private final Spool spool;
  private final ParkedCursors parked;

  Unparking(Claims claims, Queue queue, Spool spool, ParkedCursors parked) {
    this.claims = claims;
    this.queue = queue;
    this.spool = spool;
    this.parked = parked;
  }

  /// Brings mail back for all destinations that want some.
  ///
  /// @return whether there may be more to claim now
  boolean claim() throws SpoolException {
    boolean more = false;
    parked.wakeDue(queue.now());
    for (var entry : parked.inTurn().entrySet()) {
      // What is claimed before that is known would be in the way of what goes first.
      more |= learn(entry.getKey(), entry.getValue()) || claim(entry.getKey(), entry.getValue());
      letSleep(entry.getKey());
    }
    return more;
  }

  /// What is set aside is asked again when that is over, or ends. It may end just now.
  private void letSleep(String destination) {
    var until = queue.ready().deadUntil(destination);
    if (until != null) {
      parked.sleep(destination, until);
      if (queue.ready().deadUntil(destination) == null) {
        parked.wake(destination);
      }
    }
  }

  /// Reads on from the cursor, and once more from the front: mails older than the cursor may have
  /// been parked since. A mail is claimed only while the destination wants more: it may be set
  /// aside by what was claimed a moment ago, and then even that mail is parked again, and listed.
  ///
  /// @return whether there may be more to claim now
  private boolean claim(String destination, ParkedCursors.Cursor cursor) throws SpoolException {
    boolean bulk = parked.bulk(cursor);
    var lane = bulk ? Lane.BULK : Lane.ALL;
    int most = queue.ready().wants(destination, lane);
    int first = claimFirst(destination, cursor);
    if (parked.firstIsUrgent(cursor)) {
      boolean room = queue.ready().expectRoom(destination, Lane.URGENT);
      return room && (claims.oldRoom() == 0 ? claims.cutShort(Lane.ALL) : first > 0);
    }
    int wants = Math.max(0, most - first);
    int some = Math.min(wants, claims.oldRoom(lane));
    if (some == 0) {
      return wants > 0
          ? claims.cutShort(lane)
          : first > 0 && queue.ready().expectRoom(destination, lane);
    }
    var wanted = wanted(destination, lane);
    boolean fromFront = cursor.read.equals(QueueId.FIRST);
    boolean any = false;
    parked.look(cursor);
    int activated = 0;
    while (activated < some) {
      var ids = spool.parked(destination, cursor.read, some);
      any |= !ids.isEmpty();
      for (int i = 0; i < ids.size() && activated < some; i++) {
        if (claims.oldRoom(lane) == 0) {
          return claims.cutShort(lane); // They have many recipients.
        }
        if (queue.ready().wants(destination, lane) == 0) {
          return queue.ready().expectRoom(destination, lane);
        }
        if (claims.claimOld(ids.get(i), wanted, true)) {
          activated++;
          parked.served(destination);
        }
        cursor.read = ids.get(i);
      }
      if (ids.isEmpty()) {
        cursor.read = QueueId.FIRST;
        if (fromFront) {
          break;
        }
        fromFront = true;
      }
    }
    if (!any) {
      parked.empty(destination, cursor);
    }
    if (activated < some) {
      return false;
    }
    return some < wants ? claims.cutShort(lane) : queue.ready().expectRoom(destination, lane);
  }

  /// What is not bulk goes before what was parked earlier, by its priority, as far as is known.
  ///
  /// @return how many were claimed
  private int claimFirst(String destination, ParkedCursors.Cursor cursor) {
    int urgent = queue.ready().wants(destination, Lane.URGENT);
    int others = queue.ready().wants(destination, Lane.OTHERS);
    int activated = 0;
    while (claims.oldRoom() > 0) {
      var lane = parked.firstIsUrgent(cursor) ? Lane.URGENT : Lane.OTHERS;
      boolean wants =
          activated < (lane == Lane.URGENT ? urgent : others)
              && queue.ready().wants(destination, lane) > 0;
      var id = wants ? parked.first(cursor) : null;
      if (id == null) {
        break;
      }
      if (claims.claimOld(id, wanted(destination, lane), true)) {
        activated++;
        parked.served(destination);
      }
    }
    return activated;
  }

  /// Finds out what is to go first, where that is not known, page by page: while it looks through a
  /// million, the scheduler does other things, too.
  ///
  /// @return whether there is more to look at now
  private boolean learn(String destination, ParkedCursors.Cursor cursor) throws SpoolException {
    if (!parked.unknown(cursor)
        || claims.oldRoom() == 0
        || queue.ready().wants(destination, Lane.URGENT) == 0) {
      return false;
    }
    var page = spool.parkedRanked(destination, parked.learning(cursor), PAGE);
    parked.learned(cursor, page, page.size() < PAGE);
    return parked.unknown(cursor);
  }

  private Predicate<Spool.Stored> wanted(String destination, Lane lane) {
    return stored ->
        stored.placement().equals(new Placement.Parked(destination))
            && queue.ready().wants(destination, lane) > 0;
  }
}
