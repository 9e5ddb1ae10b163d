package dev.poststation.queue;

import dev.poststation.message.QueueId;
import org.jspecify.annotations.Nullable;

/// How many mails may be in memory. A new mail that finds no room stays in the spool: from then on
/// all new ones do, until the backlog has been read up, so that order is kept. Bulk takes half of
/// the room, and a backlog of bulk holds up no other mail. Safe for any thread.
final class Admission {
  private final int mailsMax;
  private final int recipientsMax;
  private final Runnable onBacklog;
  private int mails;
  private int recipients;
  private @Nullable QueueId backlog = QueueId.FIRST;

  /// Whether the backlog may have other mail than bulk.
  private boolean mixed = true;

  private long refusals;
  private @Nullable QueueId lowestJoined;

  /// Where a backlog begins.
  ///
  /// @param after the id after which it begins
  /// @param refusals how many mails had joined it by then
  record Backlog(QueueId after, long refusals) {}

  /// Begins with a backlog: what was left by the process before.
  ///
  /// @param onBacklog called when a backlog begins; must not block
  Admission(int mailsMax, int recipientsMax, Runnable onBacklog) {
    this.mailsMax = mailsMax;
    this.recipientsMax = recipientsMax;
    this.onBacklog = onBacklog;
  }

  /// A new mail asks for room. Where there is none, `joined` must follow.
  synchronized boolean admitNew(int count, boolean bulk) {
    int share = bulk ? 2 : 1;
    boolean waits = backlog != null && (bulk || mixed);
    if (waits
        || mails >= Math.max(1, mailsMax / share)
        || (mails > 0 && recipients + count > recipientsMax / share)) {
      return false;
    }
    mails++;
    recipients += count;
    return true;
  }

  /// A new mail that found no room may now be found in the spool.
  void joined(QueueId id, boolean bulk) {
    synchronized (this) {
      refusals++;
      mixed |= !bulk;
      var before = new QueueId(id.value() - 1);
      if (backlog == null || before.compareTo(backlog) < 0) {
        backlog = before;
      }
      if (lowestJoined == null || before.compareTo(lowestJoined) < 0) {
        lowestJoined = before;
      }
    }
    onBacklog.run();
  }

  /// A mail from the spool takes its room; it was asked for `room` before.
  synchronized void admitStored(int count) {
    mails++;
    recipients += count;
  }

  synchronized void release(int count) {
    mails--;
    recipients -= count;
  }

  /// How many mails there is room for.
  synchronized int room() {
    return recipients >= recipientsMax ? 0 : Math.max(0, mailsMax - mails);
  }

  /// How many mails of the backlog there is room for.
  synchronized int backlogRoom() {
    if (mixed) {
      return room();
    }
    return recipients >= recipientsMax / 2 ? 0 : Math.max(0, Math.max(1, mailsMax / 2) - mails);
  }

  /// Whether a backlog waits, and there is room enough to read a good part of it at once.
  synchronized boolean muchRoomForBacklog() {
    return backlog != null && backlogRoom() >= Math.max(1, mailsMax / 16);
  }

  synchronized int mails() {
    return mails;
  }

  /// Whether there is a backlog.
  synchronized boolean hasBacklog() {
    return backlog != null;
  }

  /// The backlog, to be read by the scheduler; null: there is none. `read` follows.
  synchronized @Nullable Backlog backlog() {
    lowestJoined = null;
    return backlog == null ? null : new Backlog(backlog, refusals);
  }

  /// The backlog was read up to `last`; `end`: nothing came after. Mails become durable out of the
  /// order of their ids: one that joined meanwhile, before `last` or behind it, keeps the backlog
  /// open from there.
  synchronized void read(Backlog read, QueueId last, boolean end) {
    if (!read.after().equals(backlog)) {
      return;
    }
    if (lowestJoined != null && lowestJoined.compareTo(last) < 0) {
      backlog = lowestJoined;
    } else {
      backlog = end && refusals == read.refusals() ? null : last;
    }
    mixed &= backlog != null;
  }
}
