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
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes into the spool what becomes of a mail in memory, and lets the mail go when nothing of it
/// is left to be done there. Safe for any thread.
final class Recording implements Settling.Exits {
  private static final Logger LOG = LoggerFactory.getLogger(Recording.class);
  private static final Duration AFTER_DISK_ERROR = Duration.ofSeconds(5);

  private final Queue queue;
  private final Time time;
  private final Spool spool;
  private final Journal journal;
  private final Retry retry;

  Recording(Queue queue, Time time, Spool spool, Journal journal, Retry retry) {
    this.queue = queue;
    this.time = time;
    this.spool = spool;
    this.journal = journal;
    this.retry = retry;
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
  public void detours(ActiveMail mail, String parkAt, List<Before.Place> others) {
    if (!others.isEmpty()) {
      queue.claims().detours().note(mail.id(), parkAt, others);
    }
  }

  @Override
  public void aside(ActiveMail mail, Runnable body) {
    queue.asides().run("notice-" + mail.id(), body);
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
    written.changes().forEach(change -> queue.waits().note(mail.id(), change.state()));
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
    var notices = written.notices();
    notices.forEach(notice -> queue.announced(notice.mail().id()));
    synchronized (mail) {
      var place = mail.placement();
      var changes = mail.apply(written.changes());
      spool.settle(new Settlement(mail.mail(), place, place, changes, notices, written.trace()));
    }
    if (durable(mail)) {
      for (var notice : notices) {
        // Read back when it is sent: many that wait for one slow host must not fill the memory.
        queue.accepted(notice.mail(), spool.content(notice.mail()), 0);
      }
    } else {
      // The spool writes it at its end if it can. Then the next start finds both, else neither.
      notices.forEach(notice -> queue.abandoned(notice.mail().id()));
    }
    ended(mail, recipients, Settling.Written.NOTHING, parkAt);
  }

  /// Waits until what was settled of a mail is durable.
  ///
  /// @return false when the relay ends before
  private boolean durable(ActiveMail mail) {
    while (true) {
      try {
        spool.sync();
        return true;
      } catch (SpoolException e) {
        LOG.error("The spool cannot record yet what became of {}: {}", mail.id(), e.getMessage());
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
    End end;
    synchronized (mail) {
      if (parkAt != null) {
        mail.heldUpBy(parkAt);
      }
      end = end(mail, recipients, mail.apply(written.changes()), written.trace(), true);
    }
    finish(mail, end);
  }

  /// An administrator orders something about a mail, which counts a job for it until now. It is
  /// settled at once, though a job of the mail may be in flight.
  ///
  /// @return empty when it is so already, and nothing was done; else the recipients that are to be
  ///   returned now, and why
  Optional<Map<Recipient, String>> ordered(
      ActiveMail mail, Control.Action action, Set<Integer> recipients, String text, Event event) {
    Optional<List<Settlement.Change>> changes;
    End end;
    synchronized (mail) {
      changes = carriedOut(mail, action, recipients, text, time.now());
      List<byte[]> trace = changes.isPresent() ? List.of(journal.report(event)) : List.of();
      // No warning now: what was ordered may put an end to the delay.
      end = end(mail, List.of(), changes.orElse(List.of()), trace, false);
    }
    if (end.returning().isEmpty()) {
      finish(mail, end);
    }
    return changes.map(_ -> end.returning());
  }

  /// @return what changes for the recipients; empty: it is so already, or nobody is left whom it
  ///   could be about
  private static Optional<List<Settlement.Change>> carriedOut(
      ActiveMail mail, Control.Action action, Set<Integer> recipients, String text, Instant now) {
    return switch (action) {
      case HOLD -> mail.hold(true) ? Optional.of(List.of()) : Optional.empty();
      case RELEASE -> Optional.ofNullable(mail.release(now));
      case RETRY ->
          mail.held() || ActiveMail.asleep(mail.mail(), mail.states(), now)
              ? Optional.empty()
              : Optional.of(mail.makeDue(now));
      case BOUNCE -> unlessEmpty(mail.giveBack(recipients, text, now));
      case DELETE -> unlessEmpty(mail.delete(recipients, text, now));
    };
  }

  private static Optional<List<Settlement.Change>> unlessEmpty(List<Settlement.Change> changes) {
    return changes.isEmpty() ? Optional.empty() : Optional.of(changes);
  }

  /// What is to be done when a job has ended, without the monitor of its mail.
  ///
  /// @param gone whether the mail has left memory
  /// @param to its place then; null: it is done and removed
  /// @param returning recipients to be returned, and why: a job of their own
  /// @param late recipients to be warned of: likewise; none while some are returned
  private record End(
      boolean gone,
      @Nullable Placement to,
      Map<Recipient, String> returning,
      List<Recipient> late) {}

  private End end(
      ActiveMail mail,
      List<Recipient> recipients,
      List<Settlement.Change> changes,
      List<byte[]> trace,
      boolean warns) {
    mail.jobEnded(recipients);
    var returning = mail.takeReturning();
    // One job at a time: the one that returns some asks again for the others when it ends.
    boolean one = warns && returning.isEmpty();
    var late = one ? queue.settling().late(mail) : List.<Recipient>of();
    if (!mail.idle()) {
      settle(mail, placeInMemory(mail), changes, trace);
      if (mail.held()) {
        mail.content(spool.content(mail.mail())); // It has left `incoming`.
      }
      return new End(false, null, returning, late);
    }
    var to = leave(mail, changes, trace);
    mail.leave();
    queue.forget(mail);
    return new End(true, to, returning, late);
  }

  private void finish(ActiveMail mail, End end) {
    var returning = end.returning();
    if (!returning.isEmpty()) {
      aside(mail, () -> queue.settling().bouncedByHand(mail, returning));
    } else if (!end.late().isEmpty()) {
      queue.settling().warn(mail, end.late());
    } else if (!end.gone()) {
      queue.claims().setTimer(mail);
    } else {
      queue.claims().clearTimer(mail);
      queue.admission().release(mail.mail().recipients().size(), mail.mail().envelope().lane());
      if (end.to() != null) {
        queue.places().joined(end.to());
      }
      queue.claims().left(mail, end.to());
    }
  }

  /// Where the next start is to find a mail that stays in memory: where it was, unless an
  /// administrator has ordered something that must not be forgotten then.
  private Placement placeInMemory(ActiveMail mail) {
    var place = mail.placement();
    if (mail.held()) {
      return heldIn(place);
    }
    var now = time.now();
    boolean waits =
        switch (place) {
          case Placement.Incoming _ -> false;
          case Placement.Held _, Placement.Quarantined _ -> true;
          case Placement.Parked _ -> mail.ordersPending();
          case Placement.Deferred deferred -> deferred.due().isAfter(now) && mail.ordersPending();
        };
    return waits ? new Placement.Deferred(now) : place;
  }

  /// @return the mail's place from now on; null: it is done and removed
  private @Nullable Placement leave(
      ActiveMail mail, List<Settlement.Change> changes, List<byte[]> trace) {
    var now = time.now();
    if (mail.done()) {
      List<byte[]> whole = new ArrayList<>(trace);
      whole.add(journal.report(new Event.Removed(mail.id(), now)));
      spool.settle(new Settlement(mail.mail(), mail.placement(), null, changes, List.of(), whole));
      return null;
    }
    // Its times may be of a clock that was set back while the disk did not take them.
    Misdated.correct(mail, retry, queue.hours(), now);
    var to = placeFor(mail, now);
    settle(mail, to, changes, trace);
    return to;
  }

  /// What is in quarantine stays there, whatever becomes of some of its recipients.
  private static Placement heldIn(Placement place) {
    return place instanceof Placement.Quarantined ? place : Placement.HELD;
  }

  private static Placement placeFor(ActiveMail mail, Instant now) {
    if (mail.held()) {
      return heldIn(mail.placement());
    }
    if (mail.restIsHeld()) {
      return Placement.HELD;
    }
    String destination = mail.waitsOnlyFor();
    if (destination != null) {
      return new Placement.Parked(destination);
    }
    var due = mail.nextDue();
    return new Placement.Deferred(due == null || due.isBefore(now) ? now : due);
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
