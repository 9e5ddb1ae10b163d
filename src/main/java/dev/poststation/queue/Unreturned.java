package dev.poststation.queue;

import dev.poststation.message.QueueId;
import dev.poststation.message.RecipientState;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds, once after the start, held mail some recipients of which were being returned to its
/// sender when the process before ended: nothing else would look at it before its release. Confined
/// to the scheduler's thread.
final class Unreturned {
  private final Spool spool;
  private @Nullable QueueId read = QueueId.FIRST;

  Unreturned(Spool spool) {
    this.spool = spool;
  }

  /// Whether there is more to look at.
  boolean pending() {
    return read != null;
  }

  /// The next held mails, to be looked at; `looked` follows.
  List<QueueId> next(int most) throws SpoolException {
    var after = read;
    if (after == null) {
      return List.of();
    }
    var found = spool.held(after, most);
    read = found.isEmpty() ? null : after;
    return found;
  }

  /// This one was looked at.
  void looked(QueueId id) {
    read = id;
  }

  /// Whether somebody is still to be returned.
  static boolean still(Spool.Stored stored) {
    return stored.placement() instanceof Placement.Held
        && stored.mail().states().stream().anyMatch(RecipientState::returning);
  }
}
