package dev.poststation.queue;

import dev.poststation.message.Lane;
import dev.poststation.message.QueueId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How many mails may be in memory, in two lanes. A new mail that finds no room stays in the spool:
/// from then on all new ones of its lane do, until their backlog has been read up, so that order is
/// kept. What is urgent goes before the backlog of the rest, and waits for its own only. Bulk takes
/// half of the room at most, and more than a sixteenth only while half of all is free: so it holds
/// up no other mail, and comes to its turn all the same. Safe for any thread.
final class Admission {
  private static final int HALF = 2;
  private static final int SIXTEENTH = 16;

  private final int mailsMax;
  private final int recipientsMax;
  private final Runnable onBacklog;
  private final Backlog bulk = new Backlog();
  private final Backlog others = new Backlog();

  /// Of those, what is to be looked for before the rest.
  private final Backlog urgent = new Backlog();

  private int mails;
  private int recipients;
  private int bulkMails;
  private int bulkRecipients;

  /// New mail of a lane that waits in the spool.
  private static final class Backlog {
    /// The id after which it begins; null: there is none.
    private @Nullable QueueId after = QueueId.FIRST;

    private long refusals;
    private @Nullable QueueId lowestJoined;

    private void join(QueueId id) {
      refusals++;
      var before = new QueueId(id.value() - 1);
      if (after == null || before.compareTo(after) < 0) {
        after = before;
      }
      if (lowestJoined == null || before.compareTo(lowestJoined) < 0) {
        lowestJoined = before;
      }
    }
  }

  /// Where a backlog begins.
  ///
  /// @param after the id after which it begins
  /// @param refusals how many mails had joined it by then
  record Beginning(QueueId after, long refusals) {}

  /// Begins with a backlog: what was left by the process before.
  ///
  /// @param onBacklog called when a backlog begins; must not block
  Admission(int mailsMax, int recipientsMax, Runnable onBacklog) {
    this.mailsMax = mailsMax;
    this.recipientsMax = recipientsMax;
    this.onBacklog = onBacklog;
  }

  private Backlog backlogOf(Lane lane) {
    return switch (lane) {
      case BULK -> bulk;
      case OTHERS -> others;
      case URGENT -> urgent;
      case ALL -> throw new IllegalArgumentException("each lane has a backlog of its own");
    };
  }

  /// A new mail asks for room. Where there is none, `joined` must follow.
  synchronized boolean admitNew(int count, Lane lane) {
    if (backlogOf(lane).after != null || room(lane) == 0 || !fits(count, lane)) {
      return false;
    }
    take(count, lane);
    return true;
  }

  /// A mail alone always does.
  private boolean fits(int count, Lane lane) {
    int all = recipients + count;
    if (mails == 0 || lane != Lane.BULK) {
      return mails == 0 || all <= recipientsMax;
    }
    return all <= recipientsMax / HALF
        || (all <= recipientsMax && bulkRecipients + count <= recipientsMax / SIXTEENTH);
  }

  /// A new mail that found no room may now be found in the spool.
  void joined(QueueId id, Lane lane) {
    synchronized (this) {
      backlogOf(lane).join(id);
      if (lane == Lane.URGENT) {
        others.join(id);
      }
    }
    onBacklog.run();
  }

  /// A mail from the spool takes its room; it was asked for `room` before.
  synchronized void admitStored(int count, Lane lane) {
    take(count, lane);
  }

  private void take(int count, Lane lane) {
    mails++;
    recipients += count;
    if (lane == Lane.BULK) {
      bulkMails++;
      bulkRecipients += count;
    }
  }

  synchronized void release(int count, Lane lane) {
    mails--;
    recipients -= count;
    if (lane == Lane.BULK) {
      bulkMails--;
      bulkRecipients -= count;
    }
  }

  /// How many mails there is room for, whatever they are.
  synchronized int room() {
    return recipients >= recipientsMax ? 0 : Math.max(0, mailsMax - mails);
  }

  /// How many mails of a lane there is room for; of all, where it is not known which they are of.
  synchronized int room(Lane lane) {
    if (lane != Lane.BULK) {
      return room();
    }
    int half = recipients >= recipientsMax / HALF ? 0 : part(HALF) - mails;
    int always = bulkRecipients >= recipientsMax / SIXTEENTH ? 0 : part(SIXTEENTH) - bulkMails;
    return Math.min(room(), Math.max(0, Math.max(half, always)));
  }

  private int part(int divisor) {
    return Math.max(1, mailsMax / divisor);
  }

  /// Whether a backlog waits, and there is room enough to read a good part of it at once; of what
  /// is urgent, any.
  synchronized boolean muchRoomForBacklog() {
    if (urgent.after != null && room() > 0) {
      return true;
    }
    for (Lane lane : List.of(Lane.OTHERS, Lane.BULK)) {
      if (hasBacklog(lane) && room(lane) >= part(SIXTEENTH)) {
        return true;
      }
    }
    return false;
  }

  synchronized int mails() {
    return mails;
  }

  /// Whether a lane has a backlog; of all, whether one has.
  synchronized boolean hasBacklog(Lane lane) {
    return lane == Lane.ALL
        ? bulk.after != null || others.after != null
        : backlogOf(lane).after != null;
  }

  /// The backlog of a lane, to be read by the scheduler; null: there is none. `read` follows.
  synchronized @Nullable Beginning backlog(Lane lane) {
    var backlog = backlogOf(lane);
    backlog.lowestJoined = null;
    return backlog.after == null ? null : new Beginning(backlog.after, backlog.refusals);
  }

  /// The backlog of a lane was read up to `last`; `end`: nothing came after. Mails become durable
  /// out of the order of their ids: one that joined meanwhile, before `last` or behind it, keeps
  /// the backlog open from there.
  synchronized void read(Lane lane, Beginning read, QueueId last, boolean end) {
    var backlog = backlogOf(lane);
    if (!read.after().equals(backlog.after)) {
      return;
    }
    if (backlog.lowestJoined != null && backlog.lowestJoined.compareTo(last) < 0) {
      backlog.after = backlog.lowestJoined;
    } else {
      backlog.after = end && backlog.refusals == read.refusals() ? null : last;
    }
  }
}
