package dev.poststation.queue;

import dev.poststation.log.Event;
import dev.poststation.log.Journal;
import dev.poststation.message.Recipient;
import dev.poststation.os.Time;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Settlement;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes into the spool what becomes of a mail in memory, and lets the mail go when nothing of it
/// is left to be done there. Safe for any thread.
final class Recording implements Settling.Exits {
  private static final Logger LOG = LoggerFactory.getLogger(Recording.class);
  private static final Duration DISK_WAIT = Duration.ofMinutes(1);
  private static final Duration AFTER_DISK_ERROR = Duration.ofSeconds(5);

  private final Queue queue;
  private final Time time;
  private final Spool spool;
  private final Journal journal;

  Recording(Queue queue, Time time, Spool spool, Journal journal) {
    this.queue = queue;
    this.time = time;
    this.spool = spool;
    this.journal = journal;
  }

  @Override
  public boolean recordable() {
    while (!spool.inOrder()) {
      if (!patient()) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void again(Job job) {
    queue.again(job);
  }

  @Override
  public void record(
      ActiveMail mail,
      List<Recipient> recipients,
      Settling.Written written,
      @Nullable String at,
      @Nullable String parkAt) {
    if (at != null && !recipients.isEmpty()) {
      queue.claims().concluded(mail, at);
    }
    if (written.notices().isEmpty()) {
      ended(mail, recipients, written, parkAt);
    } else {
      withNotices(mail, recipients, written, parkAt);
    }
  }

  /// A notice must not exist without the settlement of its recipient, nor the other way round: one
  /// batch, awaited.
  private void withNotices(
      ActiveMail mail,
      List<Recipient> recipients,
      Settling.Written written,
      @Nullable String parkAt) {
    var place = mail.placement();
    var settlement =
        new Settlement(
            mail.mail(), place, place, written.changes(), written.notices(), written.trace());
    written.notices().forEach(notice -> queue.announced(notice.mail().id()));
    if (!settledDurably(settlement)) {
      written.notices().forEach(notice -> queue.abandoned(notice.mail().id()));
      mail.postpone(recipients, time.now().plus(DISK_WAIT));
      ended(mail, recipients, Settling.Written.NOTHING, null);
      return;
    }
    mail.apply(written.changes());
    for (var notice : written.notices()) {
      // Read back when it is sent: many that wait for one slow host must not fill the memory.
      queue.accepted(notice.mail(), spool.content(notice.mail()), 0);
    }
    ended(mail, recipients, Settling.Written.NOTHING, parkAt);
  }

  /// While the disk fails the same settlement is tried again: it may have been written though it
  /// failed, and then the spool knows it.
  ///
  /// @return false when the relay ends before it succeeds
  private boolean settledDurably(Settlement settlement) {
    while (true) {
      try {
        spool.settleDurably(settlement);
        return true;
      } catch (SpoolException e) {
        LOG.error(
            "The spool cannot record what became of {}: it is tried again",
            settlement.mail().id(),
            e);
      }
      if (!patient()) {
        return false;
      }
    }
  }

  /// Gives the disk some time to recover.
  ///
  /// @return false when the relay ends
  private boolean patient() {
    try {
      if (queue.ready().draining()) {
        return false;
      }
      time.sleep(AFTER_DISK_ERROR);
      return true;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /// A job ended: what it brought is recorded; when it was the mail's last, the mail leaves memory.
  void ended(
      ActiveMail mail,
      List<Recipient> recipients,
      Settling.Written written,
      @Nullable String parkAt) {
    Placement to = null;
    boolean bounce;
    boolean gone = false;
    synchronized (mail) {
      mail.apply(written.changes());
      mail.jobEnded(recipients);
      if (parkAt != null) {
        mail.heldUpBy(parkAt);
      }
      bounce = mail.idle() && mail.toBeBounced();
      if (bounce) {
        mail.jobStarted();
      }
      if (!mail.idle()) {
        settle(mail, mail.placement(), written.changes(), written.trace());
      } else {
        to = leave(mail, written);
        mail.leave();
        queue.forget(mail);
        gone = true;
      }
    }
    if (bounce) {
      queue.settling().bouncedByHand(mail);
    } else if (!gone) {
      queue.claims().setTimer(mail);
    } else {
      queue.claims().clearTimer(mail);
      queue.admission().release(mail.mail().recipients().size());
      if (to != null) {
        queue.places().joined(to);
      }
      queue.claims().left(to);
    }
  }

  /// @return the mail's place from now on; null: it is done and removed
  private @Nullable Placement leave(ActiveMail mail, Settling.Written written) {
    var now = time.now();
    List<Settlement.Change> changes = new ArrayList<>(written.changes());
    List<byte[]> trace = new ArrayList<>(written.trace());
    if (mail.wished()) {
      changes.addAll(mail.deleteWished(now));
    }
    if (mail.done()) {
      trace.add(journal.report(new Event.Removed(mail.id(), now)));
      spool.settle(new Settlement(mail.mail(), mail.placement(), null, changes, List.of(), trace));
      return null;
    }
    var to = placeFor(mail, now);
    settle(mail, to, changes, trace);
    return to;
  }

  private static Placement placeFor(ActiveMail mail, Instant now) {
    if (mail.toBeHeld()) {
      return Placement.HELD;
    }
    String destination = mail.waitsOnlyFor();
    if (destination != null) {
      return new Placement.Parked(destination);
    }
    var due = mail.nextDue();
    return new Placement.Deferred(due == null || due.isBefore(now) ? now : due);
  }

  /// Adds an entry to the trace of a mail in memory; under its monitor.
  void trace(ActiveMail mail, byte[] entry) {
    settle(mail, mail.placement(), List.of(), List.of(entry));
  }

  private void settle(
      ActiveMail mail, Placement to, List<Settlement.Change> changes, List<byte[]> trace) {
    var from = mail.placement();
    if (changes.isEmpty() && trace.isEmpty() && to.equals(from)) {
      return;
    }
    spool.settle(new Settlement(mail.mail(), from, to, changes, List.of(), trace));
    mail.placement(to);
  }
}
