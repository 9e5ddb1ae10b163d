package dev.poststation.delivery;

import static dev.poststation.smtp.Capabilities.Extension.DELIVERBY;

import dev.poststation.message.Envelope;
import dev.poststation.message.Outcome;
import dev.poststation.message.Recipient;
import dev.poststation.smtp.Capabilities;
import dev.poststation.smtp.DeliverBy;
import dev.poststation.smtp.DsnNotify;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is left of the time by which a mail is to be delivered, when it comes to a next hop (RFC
/// 2852 4.1.4). Immutable.
///
/// @param deadline of the mail; null: it has none
/// @param last whether mailboxes are behind the next hop: it is delivered then, and nobody has to
///   mind the time any more
record Countdown(Envelope.@Nullable Deadline deadline, Instant now, boolean last) {
  /// RFC 3463 X.3.3, X.4.7.
  private static final String CANNOT = "5.3.3";

  private static final String EXPIRED = "5.4.7";

  /// Why a mail that is to be returned in time cannot be handed on to a next hop; empty: it can.
  Optional<Outcome> objection(Capabilities can, String relay) {
    if (deadline == null || !deadline.returns()) {
      return Optional.empty();
    }
    long left = left(deadline);
    if (left < 1) {
      return Optional.of(
          Diagnosis.bounced(Outcome.Stage.MAIL, EXPIRED, "delivery time expired at host " + relay));
    }
    if (last) {
      return Optional.empty();
    }
    if (!can.offers(DELIVERBY)) {
      return Optional.of(lacking("host " + relay));
    }
    return left < can.minDeliverBy()
        ? Optional.of(
            Diagnosis.bounced(
                Outcome.Stage.MAIL,
                EXPIRED,
                "host "
                    + relay
                    + " takes no mail that is to be delivered in less than "
                    + can.minDeliverBy()
                    + " seconds, and "
                    + left
                    + " are left"))
        : Optional.empty();
  }

  /// What becomes of a mail that is to be returned in time where nobody would mind the time.
  ///
  /// @param who `host mx1.example.com[192.0.2.25]:25`
  static Outcome lacking(String who) {
    return Diagnosis.bounced(
        Outcome.Stage.MAIL,
        CANNOT,
        who + " does not offer DELIVERBY, and the mail demands to be returned in time (BY with R)");
  }

  /// The parameter of MAIL, with a space before it; empty: none.
  String parameter(Capabilities can) {
    if (deadline == null || !can.offers(DELIVERBY)) {
      return "";
    }
    long most = DeliverBy.SECONDS_MAX;
    long left = Math.clamp(left(deadline), -most, most);
    return " " + new DeliverBy(left, deadline.returns(), deadline.trace());
  }

  /// When the sender is to be told by the next hop. One that does not mind the time is asked to
  /// tell of delays at least (RFC 2852 4.1.4.2).
  Set<DsnNotify> notifyOn(Recipient recipient, Capabilities can) {
    var given = recipient.notifyOn();
    if (deadline == null
        || deadline.returns()
        || last
        || can.offers(DELIVERBY)
        || given.contains(DsnNotify.NEVER)) {
      return given;
    }
    var more = EnumSet.of(DsnNotify.DELAY);
    more.addAll(given.isEmpty() ? EnumSet.of(DsnNotify.FAILURE) : given);
    return more;
  }

  /// Whole seconds: less than is left, never more.
  private long left(Envelope.Deadline by) {
    return Duration.between(now, by.at()).toSeconds();
  }
}
