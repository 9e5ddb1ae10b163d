package dev.poststation.queue;

import dev.poststation.conditions.MailFacts;
import dev.poststation.conditions.UndecidedException;
import dev.poststation.message.Mail;
import dev.poststation.message.Recipient;
import dev.poststation.message.RecipientState;
import dev.poststation.route.Destination;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// At a start, and after a change of the directions: finds what waits for its time though it goes
/// another way now, or had none, or waits for hours that are others now, and makes it due. It looks
/// through the deferred mail page by page, between other things that the scheduler does. Confined
/// to the scheduler's thread but for `begin`.
final class Rerouting {
  private static final Logger LOG = LoggerFactory.getLogger(Rerouting.class);
  private static final int BATCH = 256;

  private final Queue queue;
  private final Spool spool;

  // Guarded by this.
  private boolean asked = true;

  private boolean looking;
  private Spool.Due read = Spool.Due.FIRST;

  Rerouting(Queue queue, Spool spool) {
    this.queue = queue;
    this.spool = spool;
  }

  /// The directions changed.
  synchronized void begin() {
    asked = true;
  }

  private synchronized boolean takeAsked() {
    boolean was = asked;
    asked = false;
    return was;
  }

  /// Whether something is left to look at.
  boolean pending() {
    return looking;
  }

  /// Looks at some mail.
  ///
  /// @return whether there is more to look at now
  boolean look() throws SpoolException {
    if (takeAsked()) {
      looking = true;
      read = Spool.Due.FIRST;
      queue.actives().forEach(this::lookAt);
    }
    if (!looking || queue.admission().room() == 0) {
      return false;
    }
    var page = spool.deferred(read, Claims.NEVER, BATCH);
    for (var due : page) {
      if (queue.admission().room() == 0) {
        return false;
      }
      lookAt(due);
      read = due;
    }
    looking = page.size() == BATCH;
    return looking;
  }

  private void lookAt(ActiveMail mail) {
    var now = queue.now();
    var facts = queue.hours().facts(mail.mail());
    if (mail.startAnew(
        now, (recipient, state) -> goesOtherwise(mail.mail(), facts, recipient, state))) {
      queue.dispatch(mail);
    }
  }

  private void lookAt(Spool.Due due) {
    var now = queue.now();
    try {
      queue.activate(
          due.id(),
          stored -> {
            queue.waits().note(stored.mail());
            return stored.placement() instanceof Placement.Deferred && any(stored.mail(), now);
          },
          mail -> {
            var facts = queue.hours().facts(mail.mail());
            mail.startAnew(
                now, (recipient, state) -> goesOtherwise(mail.mail(), facts, recipient, state));
          });
    } catch (SpoolException e) {
      LOG.error("{} cannot be read; it is routed anew at its time", due.id(), e);
    }
  }

  private boolean any(Mail mail, Instant now) {
    var facts = queue.hours().facts(mail);
    for (var recipient : mail.recipients()) {
      var state = mail.states().get(recipient.number());
      if (state.waiting()
          && state.due().isAfter(now)
          && goesOtherwise(mail, facts, recipient, state)) {
        return true;
      }
    }
    return false;
  }

  /// Whether it waits because of a connector that its route does not lead to, or for want of a
  /// route that it has now. A notice that was never tried waits because of `bounces.per-hour`.
  private boolean goesOtherwise(
      Mail mail, MailFacts facts, Recipient recipient, RecipientState state) {
    if (!state.onItsWay()) {
      return false;
    }
    try {
      var via = queue.hours().way(facts, recipient);
      String waitsFor = state.destination();
      if (via.isEmpty()) {
        return !waitsFor.isEmpty();
      }
      return via.stream().noneMatch(connector -> Destination.leads(connector, waitsFor))
          || OpeningHours.outdated(via, mail, state, queue.now());
    } catch (UndecidedException _) {
      return false; // It is routed anew at its time.
    }
  }
}
