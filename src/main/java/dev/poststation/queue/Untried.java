package dev.poststation.queue;

import dev.poststation.message.Outcome;
import dev.poststation.smtp.EnhancedStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Ends jobs for which nobody was asked: what they wait for is neither a next hop's word nor a
/// connection that failed for them. Safe for any thread.
final class Untried {
  private static final Duration CROWDED_WAIT = Duration.ofMinutes(1);

  private final Settling.Means means;
  private final Settling settling;

  Untried(Settling.Means means, Settling settling) {
    this.means = means;
    this.settling = settling;
  }

  /// The destination is set aside: no attempt was made.
  void suspended(Job job, String destination, Outcome.Deferred reason, Instant until) {
    var outcome =
        new Outcome.Deferred(
            reason.stage(),
            reason.status(),
            // Without the time, or each of them would be a reason of its own in counts by reason.
            "delivery temporarily suspended: " + reason.text(),
            null,
            reason.paused());
    var conclusion =
        settling.conclusion(job, Settling.Peer.nobody(destination), false, until).because(reason);
    settling.conclude(
        job, conclusion, outcome, means.noDelays(job.mail()), List.of(), destination, destination);
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
    conclusion.record(job.recipients(), destination, destination);
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
    var conclusion =
        settling.conclusion(job, Settling.Peer.nobody(job.connector().label()), false, opens);
    var delays = means.noDelays(job.mail());
    job.recipients().forEach(each -> conclusion.add(each, outcome, delays, List.of()));
    conclusion.record(job.recipients(), null, null);
    return true;
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
