package dev.poststation.queue;

import dev.poststation.message.Outcome;
import dev.poststation.message.Recipient;
import dev.poststation.smtp.EnhancedStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Ends jobs for which nobody was asked: what they wait for is neither a next hop's word nor a
/// connection that failed for them. Safe for any thread.
final class Untried {
  private static final Duration CROWDED_WAIT = Duration.ofMinutes(1);

  /// What sends again by then is waited for: a dead destination is not back any sooner.
  private static final Duration SOON = SetAside.BACK_OFF_MAX;

  private final Settling.Means means;
  private final Settling settling;

  Untried(Settling.Means means, Settling settling) {
    this.means = means;
    this.settling = settling;
  }

  /// The destination is set aside: no attempt was made.
  void suspended(List<Job> jobs, String destination, Quotas.Lack why) {
    jobs.forEach(job -> suspended(job, destination, why.why(), why.until()));
  }

  private void suspended(Job job, String destination, Outcome.Deferred reason, Instant until) {
    var outcome =
        new Outcome.Deferred(
            reason.stage(),
            reason.status(),
            // Without the time, or each of them would be a reason of its own in counts by reason.
            "delivery temporarily suspended: " + reason.text(),
            null,
            reason.paused());
    if (job.passesOn(outcome) || job.before().left() != null || !hasSoonerWay(job, until)) {
      var conclusion =
          settling.conclusion(job, Settling.Peer.nobody(destination), false, until).because(reason);
      settling.conclude(
          job,
          conclusion,
          outcome,
          means.noDelays(job.mail()),
          List.of(),
          job.before().unasked() ? null : destination, // It says nothing about these.
          destination);
    } else {
      waitsForSooner(job, outcome, destination, until);
    }
  }

  /// All connections of its connector are in use, and a later one of its route has a free one.
  ///
  /// @param there the same by that
  void overflowing(Job job, Job there, String destination, Outcome.Deferred why) {
    var conclusion = settling.conclusion(job, Settling.Peer.nobody(destination), false, null);
    var delays = means.noDelays(job.mail());
    job.recipients().forEach(each -> conclusion.passedOn(each, why, delays, List.of()));
    job.mail().jobStarted();
    conclusion.record(List.of(), null, null);
    means.exits().again(there);
  }

  /// Whether the mail came from a connector that may take it long before.
  private boolean hasSoonerWay(Job job, Instant until) {
    return job.before().unasked() && until.isAfter(means.os().time().now().plus(SOON));
  }

  /// The connector sends nothing for long: the mail waits for the one before it that is back first,
  /// or, where none of these is set aside, for its own next turn.
  private void waitsForSooner(Job job, Outcome outcome, String destination, Instant until) {
    var delays = means.noDelays(job.mail());
    var sooner = job.before().first();
    var place = sooner != null && sooner.isBackBefore(until) ? sooner : null;
    var conclusion =
        settling
            .conclusion(
                job,
                Settling.Peer.nobody(place == null ? destination : place.destination()),
                false,
                place == null ? null : place.until())
            .dueAtLatest(until);
    job.recipients().forEach(each -> conclusion.add(each, outcome, delays, List.of()));
    if (place != null) {
      means.exits().detours(job.mail(), place.destination(), job.before().setAside());
    }
    conclusion.record(job.recipients(), null, place == null ? null : place.destination());
  }

  /// As many mails as memory may hold are ready for the destination: this one waits in the spool.
  void crowded(Job job, String destination) {
    var outcome =
        new Outcome.Deferred(
            Outcome.Stage.ROUTE,
            new EnhancedStatus(4, 4, 5),
            "waits for its turn: much mail is waiting for this destination",
            null);
    var soon = means.os().time().now().plus(CROWDED_WAIT);
    var conclusion = settling.conclusion(job, Settling.Peer.nobody(destination), false, soon);
    job.recipients().forEach(recipient -> conclusion.waits(recipient, outcome));
    // It says nothing about another destination that the mail may have been parked for.
    conclusion.record(job.recipients(), null, destination);
  }

  /// Ends the job untried when its connector sends such mail at other hours: it waits for them.
  ///
  /// @return whether it did
  boolean postponed(Job job) {
    var now = means.os().time().now();
    var opens = job.opens(now);
    if (opens.equals(now)) {
      return false;
    }
    var outcome = OpeningHours.outcome(job.connector(), now, opens);
    if (hasSoonerWay(job, opens)) {
      waitsForSooner(job, outcome, job.connector().label(), opens);
      return true;
    }
    var conclusion =
        settling.conclusion(job, Settling.Peer.nobody(job.connector().label()), false, opens);
    var delays = means.noDelays(job.mail());
    job.recipients().forEach(each -> conclusion.add(each, outcome, delays, List.of()));
    conclusion.record(job.recipients(), null, null);
    return true;
  }

  /// Ends the job untried when the time is over by which its mail was to be delivered or returned.
  ///
  /// @return whether it did
  boolean overdue(Job job) {
    if (!Deadlines.over(job.mail().mail().envelope(), means.os().time().now())) {
      return false;
    }
    overdue(job.mail(), job.recipients());
    return true;
  }

  /// Ends a job for these, whose time is over.
  void overdue(ActiveMail mail, List<Recipient> late) {
    var conclusion = new Conclusion(means, mail, "deadline", Settling.Peer.nobody(""), false, null);
    for (var recipient : late) {
      var last = Settling.lastOutcome(mail.state(recipient.number()));
      conclusion.add(recipient, last, means.noDelays(mail), List.of());
    }
    conclusion.record(late, null, null);
  }

  /// Ends the job untried when an administrator ordered something else for the mail, or for one of
  /// the recipients.
  ///
  /// @return whether it did
  boolean withdrawn(Job job) {
    if (!job.unwanted()) {
      return false;
    }
    means.exits().record(job.mail(), job.recipients(), Settling.Written.NOTHING, null, null);
    return true;
  }
}
