package dev.poststation.queue;

import dev.poststation.bounce.NoticeRequest;
import dev.poststation.bounce.NoticeRequest.Kind;
import dev.poststation.config.QueueSettings;
import dev.poststation.delivery.Attempt;
import dev.poststation.delivery.Obstacle;
import dev.poststation.delivery.Opening;
import dev.poststation.log.Event;
import dev.poststation.log.Journal;
import dev.poststation.message.Envelope;
import dev.poststation.message.Mail;
import dev.poststation.message.Outcome;
import dev.poststation.message.Recipient;
import dev.poststation.message.RecipientState;
import dev.poststation.message.Witness;
import dev.poststation.os.Os;
import dev.poststation.os.TlsFacts;
import dev.poststation.route.Destination;
import dev.poststation.route.NextHop;
import dev.poststation.route.Resolution;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.EnhancedStatus;
import dev.poststation.spool.Settlement;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Turns outcomes into what is recorded: the state of each recipient, the lines of log and trace,
/// the notices; and passes on what is not at its end. The last station of a mail. Safe for any
/// thread.
final class Settling {
  /// For mail that waits for a destination that nobody has tried yet.
  static final Outcome.Deferred NEVER_TRIED =
      new Outcome.Deferred(
          Outcome.Stage.CONNECT, new EnhancedStatus(4, 4, 1), "not tried yet", null);

  private static final Outcome OUR_FAULT =
      new Outcome.Deferred(
          Outcome.Stage.ROUTE,
          new EnhancedStatus(4, 3, 0),
          "internal error of this relay; see its server log",
          null);

  private static final String NO_RELAY = "none";

  private final Means means;
  private final Untried untried;
  private final Health health;

  /// Destinations that were set aside without an event.
  private final Set<String> untold = ConcurrentHashMap.newKeySet();

  /// What it works with.
  record Means(
      Os os,
      Journal journal,
      QueueSettings settings,
      Retry retry,
      Informer informer,
      Exits exits,
      Witness witness) {
    /// Those of a mail that nobody was asked to take.
    Event.Delays noDelays(ActiveMail mail) {
      return delays(mail, os.time().nanos(), 0, 0);
    }
  }

  /// Decides who is told what, and composes it.
  interface Informer {
    /// The notices to commit with the settlement; what was decided is added to `trace`.
    ///
    /// @param giveUp when the mail expires; null: that is not known, for it does not age now
    /// @throws UncheckedIOException when a mail that must not be lost cannot be read
    List<Settlement.Notice> notices(
        ActiveMail mail,
        List<Told> told,
        Instant now,
        @Nullable Instant giveUp,
        List<byte[]> trace);

    /// Whether what a recipient does not take is held, for it must not be lost.
    default boolean holds(Mail mail, Recipient recipient) {
      return false;
    }

    /// Runs what asks for notices about a mail, and makes them durable.
    default void run(Mail mail, Runnable body) {
      body.run();
    }
  }

  /// A recipient, and why its sender may have to be told.
  record Told(Kind kind, NoticeRequest.Told what) {}

  /// Where a job goes when it has been settled: implemented by the queue.
  interface Exits {
    /// Waits until it can be recorded what becomes of a job.
    ///
    /// @return false when the relay ends before
    boolean recordable();

    /// To the connector it names, for another turn.
    void again(Job job);

    /// A mail is about to be parked that others take as well when they work.
    void detours(ActiveMail mail, String parkAt, List<Before.Place> others);

    /// Runs what waits for the disk on a thread of its own.
    void aside(ActiveMail mail, Runnable body);

    /// Records what is known of these recipients of the mail and ends their job; when nothing of
    /// the mail is left in memory, it is passivated or removed.
    ///
    /// @param at the destination that the outcome is from; null: from none
    /// @param parkAt the destination to wait for, where that is the reason; else null
    void record(
        ActiveMail mail,
        List<Recipient> recipients,
        Written written,
        @Nullable String at,
        @Nullable String parkAt);
  }

  /// Waits until the spool is in order: what is delivered before may be delivered again.
  ///
  /// @return false when the relay ends before; the mail keeps its place in the spool
  boolean recordable() {
    return means.exits().recordable();
  }

  /// What is to be written.
  record Written(
      List<Settlement.Change> changes, List<Settlement.Notice> notices, List<byte[]> trace) {
    static final Written NOTHING = new Written(List.of(), List.of(), List.of());
  }

  /// Whom we talked to.
  ///
  /// @param login as whom; null: as nobody
  /// @param source from which of our addresses; null: the connector names none
  /// @param sender who is the sender there in place of another; null: nobody is
  record Peer(
      String destination,
      String relay,
      @Nullable TlsFacts tls,
      Event.@Nullable Login login,
      @Nullable String source,
      @Nullable Address sender,
      List<String> greeting) {
    static Peer nobody(String destination) {
      return unmet(destination, NO_RELAY);
    }

    private static Peer unmet(String destination, String relay) {
      return new Peer(destination, relay, null, null, null, null, List.of());
    }

    /// Whether there was nobody to talk to.
    boolean isNobody() {
      return relay.equals(NO_RELAY);
    }
  }

  /// Monotonic times of an attempt.
  record Clock(long pickedNanos, long connectNanos) {}

  /// How mail fares at the destinations.
  Health health() {
    return health;
  }

  Settling(Means means) {
    this.means = means;
    this.health = new Health(means.os().time());
    this.untried = new Untried(means, this);
  }

  /// For jobs for which nobody was asked.
  Untried untried() {
    return untried;
  }

  /// How long a mail is tried.
  static Duration lifetime(QueueSettings settings, Envelope envelope) {
    return Alternates.concern(envelope) // Its sender is the null one, but it is no notice.
        ? settings.lifetime()
        : settings.lifetimeFor(envelope.sender());
  }

  private static Event.Delays delays(ActiveMail mail, long picked, long connect, long transfer) {
    var timing = mail.timing();
    return new Event.Delays(
        Duration.ofNanos(timing.intakeNanos()),
        Duration.ofNanos(Math.max(0, picked - timing.activatedNanos())),
        Duration.ofNanos(connect),
        Duration.ofNanos(transfer));
  }

  Conclusion conclusion(Job job, Peer peer, boolean counts, @Nullable Instant notBefore) {
    return new Conclusion(means, job.mail(), job.route().describe(), peer, counts, notBefore);
  }

  /// The mail was sent over a conversation: there is an outcome for each recipient, or none, then
  /// it has another turn.
  ///
  /// @param fresh whether the conversation was opened for this very mail
  void attempted(Job job, Attempt.Result result, Peer peer, Clock clock, boolean fresh) {
    health.attempted(peer.destination(), job.connector(), job.mail().id(), result);
    var recipients = job.recipients();
    var conclusion = conclusion(job, peer, true, null);
    var delays =
        delays(job.mail(), clock.pickedNanos(), clock.connectNanos(), result.transferNanos());
    var dialogue = joined(peer.greeting(), result.dialogue());
    boolean nothing = fresh && result.untried();
    List<Recipient> another = new ArrayList<>(0);
    List<Recipient> elsewhere = new ArrayList<>(0);
    List<Recipient> returning = new ArrayList<>(0);
    var left = job.before().left();
    List<Recipient> concluded = new ArrayList<>(recipients.size());
    for (int i = 0; i < recipients.size(); i++) {
      var recipient = recipients.get(i);
      var outcome = nothing ? OUR_FAULT : result.outcomes().get(i);
      if (outcome == null) {
        another.add(recipient);
      } else if (job.passesOn(outcome)) {
        conclusion.passedOn(recipient, outcome, delays, i == 0 ? dialogue : List.of());
        elsewhere.add(recipient);
      } else if (left != null
          && !nothing
          && outcome instanceof Outcome.Deferred why
          && Job.isBeforeAnswer(why)) {
        var back = back(job, left, why);
        conclusion.passedOn(recipient, back, delays, i == 0 ? dialogue : List.of());
        returning.add(recipient);
      } else {
        // The dialogue is the same for all: once is enough.
        conclusion.add(recipient, outcome, delays, i == 0 ? dialogue : List.of());
        concluded.add(recipient);
      }
    }
    List<Job> rest = new ArrayList<>(0);
    if (!another.isEmpty()) {
      rest.add(job.only(another));
    }
    if (!elsewhere.isEmpty()) {
      rest.add(job.only(elsewhere).fallback(LastWord.lacksAll(result), null));
    }
    if (left != null && !returning.isEmpty()) {
      rest.add(job.only(returning).back(left));
    }
    rest.forEach(_ -> job.mail().jobStarted());
    conclusion.record(concluded, peer.destination(), null);
    // Not sooner: who is deferred now is to come back together with who was deferred before.
    rest.forEach(means.exits()::again);
  }

  /// Whether the host took nothing of the mail, for reasons of its own.
  static boolean hostTrouble(Attempt.Result result) {
    for (var outcome : result.outcomes()) {
      if (outcome == null || !hostTrouble(outcome)) {
        return false;
      }
    }
    return true;
  }

  /// Whether the host, not the mail, was the reason: then another one may do better.
  private static boolean hostTrouble(Outcome outcome) {
    return LastWord.lacks(outcome)
        || (outcome instanceof Outcome.Deferred deferred
            && deferred.stage().compareTo(Outcome.Stage.MAIL) <= 0);
  }

  static List<String> joined(List<String> first, List<String> second) {
    if (first.isEmpty()) {
      return second;
    }
    List<String> both = new ArrayList<>(first);
    both.addAll(second);
    return both;
  }

  /// The destination could not be reached at all.
  ///
  /// @param until when it is tried again, with all that waits for the destination; null: the
  ///   outcome is final, or the mail waits for itself
  void unreached(Job job, String destination, Opening.Failed failed, @Nullable Instant until) {
    if (until != null) {
      health.unreachable(destination, job.connector(), failed.outcome().text());
    }
    String relay = noHost(failed.outcome()) ? NO_RELAY : failed.relay();
    var peer = Peer.unmet(destination, relay);
    long picked = means.os().time().nanos() - failed.connectNanos();
    var delays = delays(job.mail(), picked, failed.connectNanos(), 0);
    conclude(
        job,
        conclusion(job, peer, true, until),
        LastWord.of(job, failed.outcome()),
        delays,
        failed.dialogue(),
        destination,
        until == null ? null : destination);
  }

  /// Whether no host took the connection.
  private static boolean noHost(Outcome outcome) {
    return outcome instanceof Outcome.Deferred deferred
        && deferred.stage().compareTo(Outcome.Stage.CONNECT) <= 0;
  }

  /// There is no next hop.
  void unroutable(Job job, Resolution.Nowhere nowhere) {
    if (nowhere.outcome() instanceof Outcome.Held
        || nowhere.outcome() instanceof Outcome.Discarded) {
      kept(job, nowhere.outcome());
      return;
    }
    // As the destination would begin: after its connector.
    var connector = job.connector();
    String way = connector.label() + (job.domain().isEmpty() ? "" : ":" + job.domain());
    var conclusion = conclusion(job, Peer.nobody(way), true, null);
    if (nowhere.outcome() instanceof Outcome.Deferred why
        && why.stage() == Outcome.Stage.ROUTE
        && !connector.undecided()) {
      health.unreachable(connector.label(), connector, nowhere.outcome().text());
    }
    List<String> facts = nowhere.facts().stream().map(fact -> "* " + fact).toList();
    conclude(job, conclusion, nowhere.outcome(), means.noDelays(job.mail()), facts, null, null);
  }

  /// The connector leads to no next hop, and is not meant to: it holds or discards. Who was let go
  /// on from such a one goes to the connector after it.
  private void kept(Job job, Outcome outcome) {
    var mail = job.mail();
    var conclusion = conclusion(job, Peer.nobody(job.connector().label()), false, null);
    List<Recipient> onwards = new ArrayList<>(0);
    List<Recipient> kept = new ArrayList<>(job.recipients().size());
    for (var recipient : job.recipients()) {
      boolean cleared = mail.state(recipient.number()).cleared();
      if (cleared && outcome instanceof Outcome.Held && job.hasFallback()) {
        onwards.add(recipient);
      } else {
        conclusion.add(recipient, outcome, means.noDelays(mail), List.of());
        kept.add(recipient);
      }
    }
    if (onwards.isEmpty()) {
      conclusion.record(kept, null, null);
      return;
    }
    mail.jobStarted();
    conclusion.record(kept, null, null);
    means.exits().again(job.only(onwards).fallback(true, null));
  }

  /// Our own fault.
  void broken(Job job, String destination) {
    var conclusion = conclusion(job, Peer.nobody(destination), true, null);
    conclude(job, conclusion, OUR_FAULT, means.noDelays(job.mail()), List.of(), null, null);
  }

  /// Ends a job for all of its recipients, or passes it on to the next connector.
  void conclude(
      Job job,
      Conclusion conclusion,
      Outcome outcome,
      Event.Delays delays,
      List<String> dialogue,
      @Nullable String at,
      @Nullable String parkAt) {
    boolean on = job.passesOn(outcome);
    var left = on || outcome.equals(OUR_FAULT) ? null : job.before().left();
    var back =
        left != null && outcome instanceof Outcome.Deferred why ? back(job, left, why) : null;
    boolean pass = on || back != null;
    var said = dialogue; // It is the same for all: once is enough.
    for (var recipient : job.recipients()) {
      if (pass) {
        conclusion.passedOn(recipient, back == null ? outcome : back, delays, said);
      } else {
        conclusion.add(recipient, outcome, delays, said);
      }
      said = List.of();
    }
    if (pass) {
      job.mail().jobStarted();
      conclusion.record(List.of(), at, null);
      means
          .exits()
          .again(
              back != null && left != null
                  ? job.back(left)
                  : job.fallback(LastWord.lacks(outcome), conclusion.place(parkAt)));
    } else {
      if (parkAt != null) {
        means.exits().detours(job.mail(), parkAt, job.before().setAside());
      }
      conclusion.record(job.recipients(), at, parkAt);
    }
  }

  /// Who came for want of a free connection goes back to wait for one.
  private static Outcome.Deferred back(Job job, Before.Left left, Outcome.Deferred why) {
    String text = why.text() + "; back to wait for connector " + job.back(left).connector().name();
    return new Outcome.Deferred(why.stage(), why.status(), text, why.reply(), why.paused());
  }

  /// Nothing says where to.
  void wayless(ActiveMail mail, List<Recipient> recipients, Outcome why) {
    var conclusion = new Conclusion(means, mail, "no route", Peer.nobody(""), true, null);
    recipients.forEach(
        recipient -> conclusion.add(recipient, why, means.noDelays(mail), List.of()));
    conclusion.record(recipients, null, null);
  }

  /// An administrator has recipients of a mail returned; counts as a job of it. Waits for the disk.
  ///
  /// @param returning and why
  void bouncedByHand(ActiveMail mail, Map<Recipient, String> returning) {
    var conclusion = new Conclusion(means, mail, "administrator", Peer.nobody(""), false, null);
    returning.forEach(
        (recipient, why) -> {
          var status = new EnhancedStatus(5, 7, 0);
          var outcome = new Outcome.Bounced(Outcome.Stage.ROUTE, status, why, null);
          conclusion.add(recipient, outcome, means.noDelays(mail), List.of());
        });
    conclusion.inform(List.copyOf(returning.keySet()), null, null);
  }

  /// Whom of a mail the sender is to be warned of now: all that wait, in one notice, when no
  /// attempt for another is under way, or at the very time that the mail itself names. For them
  /// there is a job, if there are any.
  List<Recipient> late(ActiveMail mail) {
    var now = means.os().time().now();
    var tells = mail.mail().envelope().tellsAt();
    if (tells != null) {
      return now.isBefore(tells) ? List.of() : mail.takeLate();
    }
    var after = means.settings().warnAfter();
    var begins = mail.mail().envelope().begins();
    return after.isZero() || now.isBefore(begins.plus(after)) ? List.of() : mail.takeUnwarned();
  }

  /// Warns the sender of these, which counts as a job of the mail.
  void warn(ActiveMail mail, List<Recipient> late) {
    var conclusion = new Conclusion(means, mail, "", Peer.nobody(""), false, null);
    late.forEach(conclusion::late);
    // One that names a time itself may be on its way all the while.
    boolean apart = mail.mail().envelope().tellsAt() == null;
    conclusion.record(apart ? late : List.of(), null, null);
  }

  /// What became of the last attempt, as far as the state remembers it.
  static Outcome lastOutcome(RecipientState state) {
    if (state.reason().isEmpty()) {
      return NEVER_TRIED;
    }
    var status =
        Arrays.stream(state.reason().split(" ", 3))
            .flatMap(word -> EnhancedStatus.parse(word).stream())
            .filter(found -> found.klass() == 4)
            .findFirst()
            .orElse(new EnhancedStatus(4, 0, 0));
    return new Outcome.Deferred(Outcome.Stage.RCPT, status, state.reason(), null);
  }

  /// Of an account that makes a pause its own event tells.
  void destinationSetAside(String destination, Instant until, Outcome why, Obstacle obstacle) {
    if (obstacle == Obstacle.ACCOUNT) {
      untold.add(destination);
      return;
    }
    untold.remove(destination);
    means.journal().report(new Event.DestinationChanged(destination, until, why.text()));
  }

  /// A host of it comes last, or has its place again.
  ///
  /// @param probe when it is probed; null: it is back
  void hostChanged(Destination where, NextHop hop, @Nullable Instant probe, String why) {
    means.journal().report(new Event.HostChanged(where.name(), hop.toString(), probe, why));
  }

  void destinationBack(String destination) {
    health.reached(destination);
    if (untold.isEmpty() || !untold.remove(destination)) {
      means.journal().report(new Event.DestinationChanged(destination, null, "reached again"));
    }
  }
}
