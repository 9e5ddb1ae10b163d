package dev.poststation.queue;

import dev.poststation.bounce.NoticeRequest;
import dev.poststation.bounce.NoticeRequest.Kind;
import dev.poststation.log.Event;
import dev.poststation.message.Classification;
import dev.poststation.message.Envelope;
import dev.poststation.message.Outcome;
import dev.poststation.message.Recipient;
import dev.poststation.message.RecipientState;
import dev.poststation.message.RecipientState.Phase;
import dev.poststation.message.Schedule;
import dev.poststation.smtp.Category;
import dev.poststation.spool.Settlement;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one job of a mail brought: the new state of each of its recipients, with the lines of log
/// and trace, and who is to be told. Used by one thread at a time.
final class Conclusion {
  /// Why a journal report is held.
  private static final String NOT_TAKEN = "the journal mailbox does not take this report: ";

  private final Settling.Means means;
  private final ActiveMail mail;
  private final String route;
  private final Settling.Peer peer;
  private final Instant now;
  private final List<Settlement.Change> changes = new ArrayList<>(1);
  private final List<byte[]> trace = new ArrayList<>(2);
  private final List<Settling.Told> told = new ArrayList<>(0);
  private final List<Recipient> recipients = new ArrayList<>(1);
  private final List<Outcome> outcomes = new ArrayList<>(1);
  private final boolean counts;
  private final @Nullable Instant notBefore;
  private @Nullable Instant atLatest;
  private @Nullable Outcome because;

  /// The last one that was looked up, and its category.
  private @Nullable Outcome judged;

  private @Nullable Category category;

  /// @param counts whether it was an attempt
  /// @param notBefore a deferred recipient is due then, and its schedule stays; null: that decides
  Conclusion(
      Settling.Means means,
      ActiveMail mail,
      String route,
      Settling.Peer peer,
      boolean counts,
      @Nullable Instant notBefore) {
    this.means = means;
    this.now = means.os().time().now();
    this.mail = mail;
    this.route = route;
    this.peer = peer;
    this.counts = counts;
    this.notBefore = notBefore;
  }

  /// Nothing was tried, because of what came of an attempt for others: the categories are of that.
  Conclusion because(Outcome reason) {
    because = reason;
    return this;
  }

  /// A deferred recipient is due then, if its schedule has it due later.
  Conclusion dueAtLatest(Instant time) {
    atLatest = time;
    return this;
  }

  /// The destination that is set aside until this is due; null: none is.
  Before.@Nullable Place place(@Nullable String destination) {
    return destination == null || notBefore == null
        ? null
        : new Before.Place(destination, notBefore);
  }

  private Envelope envelope() {
    return mail.mail().envelope();
  }

  /// When it expires, if no clock stood still.
  private Instant end() {
    return envelope().begins().plus(Settling.lifetime(means.settings(), envelope()));
  }

  /// When the last of those who are told of expires; null: that is not known.
  private @Nullable Instant giveUp() {
    Instant last = end();
    for (var change : changes) {
      var state = change.state();
      if (state.waiting() && state.standstill().lasts()) {
        return null;
      }
      var its = state.expiry(end(), now);
      last = its.isAfter(last) ? its : last;
    }
    var returns = envelope().returnsAt();
    return returns != null && returns.isBefore(last) ? returns : last;
  }

  void add(Recipient recipient, Outcome result, Event.Delays delays, List<String> dialogue) {
    var old = mail.state(recipient.number());
    boolean late = overdue(result);
    var outcome = late ? Deadlines.expired(envelope(), result.text()) : result;
    var next = late ? ended(old, Phase.EXPIRED, attempts(old), outcome) : next(old, outcome);
    if (lost(next) && means.informer().holds(mail.mail(), recipient)) {
      next = held(old, next.attempts(), NOT_TAKEN + outcome.text());
    }
    changes.add(new Settlement.Change(recipient.number(), next));
    String status = outcome instanceof Outcome.Discarded ? "discarded" : status(next.phase());
    var due = next.waiting() ? next.due() : null;
    report(recipient, next.attempts(), status, outcome, delays, due, dialogue);
    tell(recipient, outcome, next);
    recipients.add(recipient);
    outcomes.add(result);
  }

  /// Whether it would be tried on, and is not to be.
  private boolean overdue(Outcome outcome) {
    return outcome instanceof Outcome.Deferred && Deadlines.over(envelope(), now);
  }

  /// The sender is warned of a recipient, unless it waits no longer: since it was found late, its
  /// attempt may have ended.
  void late(Recipient recipient) {
    var now = mail.state(recipient.number());
    if (!now.waiting()) {
      return;
    }
    var state = now.warnedOf();
    changes.add(new Settlement.Change(recipient.number(), state));
    var failure = mail.failure(recipient);
    var last =
        failure == null
            ? new NoticeRequest.Told(recipient, Settling.lastOutcome(state), peer.relay())
            : failure;
    told.add(
        new Settling.Told(
            Kind.DELAYED,
            envelope().tellsAt() == null
                ? last
                : new NoticeRequest.Told(
                    recipient, Deadlines.late(envelope(), last.outcome().text()), last.relay())));
  }

  /// The recipient goes on to the next connector at once: said in log and trace, but nothing
  /// changes for it.
  void passedOn(Recipient recipient, Outcome outcome, Event.Delays delays, List<String> dialogue) {
    int attempts = mail.state(recipient.number()).attempts();
    report(recipient, attempts, "passed-on", outcome, delays, now, dialogue);
  }

  /// The recipient waits for room: no attempt and no line in the log, but a reason to show.
  void waits(Recipient recipient, Outcome outcome) {
    var old = mail.state(recipient.number());
    var next = next(old, outcome);
    if (next.waiting() && !overdue(outcome)) {
      changes.add(new Settlement.Change(recipient.number(), next));
    } else {
      add(recipient, outcome, means.noDelays(mail), List.of());
    }
  }

  private int attempts(RecipientState old) {
    return old.attempts() + (counts ? 1 : 0);
  }

  private RecipientState next(RecipientState old, Outcome outcome) {
    int attempts = attempts(old);
    return switch (outcome) {
      case Outcome.Delivered _ -> ended(old, Phase.DELIVERED, attempts, outcome);
      case Outcome.Bounced _ -> ended(old, Phase.BOUNCED, attempts, outcome);
      case Outcome.Deferred deferred -> deferred(old, attempts, deferred);
      case Outcome.Discarded _ -> ended(old, Phase.DELETED, attempts, outcome);
      case Outcome.Held held -> held(old, attempts, held.text());
    };
  }

  private RecipientState held(RecipientState old, int attempts, String why) {
    return new RecipientState(
        Phase.HELD,
        attempts,
        now,
        old.warned(),
        false,
        old.cleared(),
        peer.destination(),
        RecipientState.HELD + why,
        old.schedule(),
        old.standstill().end(now));
  }

  private static boolean lost(RecipientState state) {
    return state.phase() == Phase.BOUNCED || state.phase() == Phase.EXPIRED;
  }

  private void report(
      Recipient recipient,
      int attempts,
      String status,
      Outcome outcome,
      Event.Delays delays,
      @Nullable Instant due,
      List<String> dialogue) {
    var tls = peer.tls();
    trace.add(
        means
            .journal()
            .report(
                new Event.Attempted(
                    mail.id(),
                    now,
                    recipient.address(),
                    attempts,
                    status,
                    route,
                    peer.destination(),
                    peer.relay(),
                    Duration.between(envelope().arrived(), now),
                    delays,
                    outcome.status(),
                    category(because == null ? outcome : because),
                    tls == null ? null : tls.protocol() + ":" + tls.cipher(),
                    peer.login(),
                    peer.source(),
                    peer.sender(),
                    outcome.text(),
                    outcome instanceof Outcome.Delivered delivered ? delivered.remoteId() : null,
                    due,
                    dialogue)));
  }

  /// Many recipients often have one outcome, and the table is long.
  private @Nullable Category category(Outcome of) {
    if (!of.equals(judged)) {
      judged = of;
      category = Classification.category(of).orElse(null);
    }
    return category;
  }

  private RecipientState ended(RecipientState old, Phase phase, int attempts, Outcome outcome) {
    return new RecipientState(
        phase,
        attempts,
        now,
        old.warned(),
        false,
        old.cleared(),
        peer.destination(),
        outcome.text(),
        old.schedule(),
        old.standstill().end(now));
  }

  private RecipientState deferred(RecipientState old, int attempts, Outcome.Deferred outcome) {
    boolean paused = outcome.paused();
    var standstill = paused ? old.standstill().begin(now) : old.standstill().end(now);
    Instant last = old.expiry(end(), now);
    boolean ageless = old.released() && !counts;
    if (!ageless && !paused && !now.isBefore(last)) {
      return ended(old, Phase.EXPIRED, attempts, outcome);
    }
    var schedule = notBefore == null ? schedule(old, outcome) : old.schedule();
    Instant due = notBefore == null ? noLater(schedule.turn()) : notBefore;
    Instant when = due.isAfter(last) && !ageless && !paused ? last : due;
    return new RecipientState(
        Phase.WAITING,
        attempts,
        Deadlines.noLater(envelope(), old, when, now),
        old.warned(),
        ageless,
        old.cleared(),
        peer.destination(),
        outcome.text(),
        schedule,
        standstill);
  }

  private Instant noLater(Instant turn) {
    return atLatest != null && atLatest.isBefore(turn) ? atLatest : turn;
  }

  private Schedule schedule(RecipientState old, Outcome.Deferred outcome) {
    boolean answered = outcome.stage().compareTo(Outcome.Stage.MAIL) >= 0;
    return means.retry().after(old.schedule(), answered, now, this::companion);
  }

  /// When another recipient of the mail is due in this span: one that was deferred by this job, or
  /// by one that ended a moment ago. Otherwise each would come back alone.
  private @Nullable Instant companion(Instant from, Instant until) {
    for (var change : changes.reversed()) {
      if (change.state().waitsWithin(from, until)) {
        return change.state().due();
      }
    }
    return mail.dueWithin(from, until);
  }

  private void tell(Recipient recipient, Outcome outcome, RecipientState next) {
    if (next.waiting() && !next.warned()) {
      mail.failed(new NoticeRequest.Told(recipient, outcome, peer.relay()));
    }
    Kind kind =
        switch (next.phase()) {
          case DELIVERED -> Kind.RELAYED;
          case BOUNCED -> Kind.FAILED;
          case EXPIRED -> Kind.EXPIRED;
          case WAITING, DELETED, RETURNING, HELD -> null;
        };
    // Most recipients are delivered and asked for nothing: no object for them.
    if (kind != null
        && (kind != Kind.RELAYED
            || !recipient.notifyOn().isEmpty()
            || envelope().deadline() != null)) {
      told.add(new Settling.Told(kind, new NoticeRequest.Told(recipient, outcome, peer.relay())));
    }
  }

  /// Records it. When somebody is to be told, this waits for the disk: the thread of a connection
  /// may do so; without one it may be the scheduler's, and another one does.
  void record(List<Recipient> recipients, @Nullable String at, @Nullable String parkAt) {
    if (told.isEmpty()) {
      record(recipients, List.of(), at, parkAt);
    } else if (peer.isNobody()) {
      means.exits().aside(mail, () -> inform(recipients, at, parkAt));
    } else {
      inform(recipients, at, parkAt);
    }
  }

  /// The same, by a thread that may wait for the disk.
  void inform(List<Recipient> recipients, @Nullable String at, @Nullable String parkAt) {
    means.informer().run(mail.mail(), () -> record(recipients, noticesOrHeld(), at, parkAt));
  }

  /// The notices; or none, and what must not be lost is held.
  private List<Settlement.Notice> noticesOrHeld() {
    try {
      return means.informer().notices(mail, told, now, giveUp(), trace);
    } catch (UncheckedIOException e) {
      changes.replaceAll(
          each -> {
            var state = each.state();
            String why = NOT_TAKEN + state.reason() + "; " + e.getMessage();
            return lost(state)
                ? new Settlement.Change(each.recipient(), held(state, state.attempts(), why))
                : each;
          });
      return List.of();
    }
  }

  private void record(
      List<Recipient> recipients,
      List<Settlement.Notice> notices,
      @Nullable String at,
      @Nullable String parkAt) {
    if (counts && !outcomes.isEmpty()) {
      means.witness().concluded(envelope(), peer.destination(), this.recipients, outcomes);
    }
    var written = new Settling.Written(changes, notices, trace);
    means.exits().record(mail, recipients, written, at, parkAt);
  }

  private static String status(Phase phase) {
    return switch (phase) {
      case DELIVERED -> "sent";
      case WAITING, RETURNING -> "deferred";
      case BOUNCED -> "bounced";
      case EXPIRED -> "expired";
      case DELETED -> "deleted";
      case HELD -> "held";
    };
  }
}
