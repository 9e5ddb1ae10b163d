package dev.poststation.queue;

import dev.poststation.message.QueueId;
import org.jspecify.annotations.Nullable;

/// How many mails may be in memory. A new mail that finds no room stays in the spool: from then on all new ones do, until the
/// backlog has been read up, so that order is kept. Safe for any thread.
final class Admission {
  private final int mailsMax;
  private final int recipientsMax;
  private final Runnable onBacklog;
  private int mails;
  private int recipients;
  private @Nullable QueueId backlog = QueueId.FIRST;

  /// Begins with a backlog: what was left by the process before.
  ///
  /// @param onBacklog called when a backlog begins; must not block
  Admission(int mailsMax, int recipientsMax, Runnable onBacklog) {
    this.mailsMax = mailsMax;
    this.recipientsMax = recipientsMax;
    this.onBacklog = onBacklog;
  }

  /// A new mail asks for room.
  boolean admitNew(QueueId id, int count) {
    synchronized (this) {
      if (backlog == null && mails < mailsMax && (mails == 0 || recipients + count <= recipientsMax)) {
        mails++;
        recipients += count;
        return true;
      }
      var before = new QueueId(id.value() - 1);
      if (backlog == null || before.compareTo(backlog) < 0) {
        backlog = before;
      }
    }
    onBacklog.run();
    return false;
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

  /// Whether a backlog waits, and there is room enough to read a good part of it at once.
  synchronized boolean muchRoomForBacklog() {
    return backlog != null && mailsMax - mails >= Math.max(1, mailsMax / 16);
  }

  synchronized int mails() {
    return mails;
  }

  /// After which id the backlog begins; null: there is none.
  synchronized @Nullable QueueId backlog() {
    return backlog;
  }

  /// The backlog was read up to `last`; `end`: nothing came after. A mail that came meanwhile keeps it open.
  synchronized void read(QueueId from, QueueId last, boolean end) {
    if (backlog != null && backlog.equals(from)) {
      backlog = end ? null : last;
    }
  }
}
