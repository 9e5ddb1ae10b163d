package dev.poststation.queue;

import dev.poststation.message.QueueId;
import dev.poststation.spool.Spool;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// When recipients of mails that stay in memory are due: one timer a mail, for the earliest. Safe
/// for any thread.
final class Timers {
  private final TreeSet<Spool.Due> timers =
      new TreeSet<>(Comparator.comparing(Spool.Due::time).thenComparing(Spool.Due::id));

  /// Sets the timer of a mail by what is so now.
  ///
  /// @return whether it has one
  synchronized boolean set(ActiveMail mail) {
    clear(mail);
    // Asked in here: another one may be setting the timer by what is so in a moment.
    var due = mail.nextIdleDue();
    if (due == null) {
      return false;
    }
    var timer = new Spool.Due(due, mail.id());
    mail.timer(timer);
    return timers.add(timer);
  }

  synchronized void clear(ActiveMail mail) {
    var old = mail.timer();
    if (old != null) {
      timers.remove(old);
      mail.timer(null);
    }
  }

  /// Whose timers have come; they have none any more.
  synchronized List<QueueId> takeDue(Instant now) {
    List<QueueId> due = new ArrayList<>(0);
    while (!timers.isEmpty() && !timers.first().time().isAfter(now)) {
      due.add(timers.removeFirst().id());
    }
    return due;
  }

  /// Whose timers are set for a later time than this.
  synchronized List<QueueId> later(Instant bound) {
    return timers.tailSet(new Spool.Due(bound, QueueId.FIRST)).stream().map(Spool.Due::id).toList();
  }

  /// When the next one comes; null: there is none.
  synchronized @Nullable Instant first() {
    return timers.isEmpty() ? null : timers.first().time();
  }
}
