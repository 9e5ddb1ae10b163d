package dev.poststation.queue;

import dev.poststation.config.Connector;
import dev.poststation.delivery.Attempt;
import dev.poststation.message.Outcome;
import dev.poststation.message.Outcome.Stage;
import dev.poststation.route.Destination;
import dev.poststation.route.NextHop;
import dev.poststation.smtp.EnhancedStatus;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a host lacks that a mail needs (SMTPUTF8, the size, REQUIRETLS) returns the mail only where
/// every host that may have it was asked. While one of them is down, it is a reason to wait. No
/// state.
final class LastWord {
  /// REQUIRETLS cannot be kept there (RFC 8689 5), which shows before MAIL.
  private static final EnhancedStatus TLS_REQUIRED = new EnhancedStatus(5, 7, 30);

  private LastWord() {}

  /// Whether the host was not even asked to take it, because of what it lacks.
  static boolean lacks(@Nullable Outcome outcome) {
    return outcome instanceof Outcome.Bounced bounced
        && bounced.reply() == null
        && (bounced.stage() == Stage.MAIL
            || bounced.stage() == Stage.RCPT
            || bounced.status().equals(TLS_REQUIRED));
  }

  /// Whether it could not take the mail for somebody, because of what it lacks.
  static boolean lacksAny(Attempt.Result result) {
    for (var each : result.outcomes()) {
      if (lacks(each)) {
        return true;
      }
    }
    return false;
  }

  /// Whether it could take the mail for nobody, because of what it lacks.
  static boolean lacksAll(Attempt.Result result) {
    return result.outcomes().stream().allMatch(LastWord::lacks);
  }

  /// The hosts to ask after one that lacks something. A mail exchanger that others are to be
  /// preferred to would hand the mail to these (RFC 5321 5.1): it is not asked.
  ///
  /// @param left the hosts after it
  static Destination others(Destination where, String relay, Destination left) {
    if (where.connector().type() != Connector.Type.MX) {
      return left;
    }
    int rank = where.host(relay).map(NextHop::rank).orElse(Integer.MAX_VALUE);
    return left.with(left.hosts().stream().filter(hop -> hop.rank() <= rank).toList());
  }

  /// What counts of a result: those whom the host could not take for what it lacks have another
  /// turn if others were tried, and wait if nobody was, unless it is the last word.
  static Attempt.Result of(Attempt.Result result, boolean last) {
    var outcomes = result.outcomes();
    if (last || !lacksAny(result)) {
      return result;
    }
    boolean tried = outcomes.stream().anyMatch(each -> each != null && !lacks(each));
    List<@Nullable Outcome> all = new ArrayList<>(outcomes.size());
    for (var each : outcomes) {
      boolean waits = lacks(each);
      all.add(waits ? (tried ? null : later((Outcome.Bounced) each)) : each);
    }
    return new Attempt.Result(all, result.reusable(), result.transferNanos(), result.dialogue());
  }

  /// What counts of a job that no host took the connection for.
  static Outcome of(Job job, Outcome outcome) {
    boolean last = job.passesOn(outcome) || !job.before().unasked();
    return !last && outcome instanceof Outcome.Bounced lacking && lacks(lacking)
        ? later(lacking)
        : outcome;
  }

  /// The same as a reason to wait for another host.
  static Outcome.Deferred later(Outcome.Bounced lacking) {
    var status = lacking.status();
    return new Outcome.Deferred(
        Stage.MAIL,
        new EnhancedStatus(4, status.subject(), status.detail()),
        lacking.text() + "; a host that may know better could not be asked now",
        null);
  }
}
