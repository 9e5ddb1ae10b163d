package dev.poststation.queue;

import dev.poststation.message.Envelope;
import dev.poststation.message.Outcome;
import dev.poststation.message.RecipientState;
import dev.poststation.smtp.EnhancedStatus;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// What becomes of mail that is to be delivered by a time (RFC 2852): no pause, no hold and no time
/// of this relay puts it off. Pure functions.
final class Deadlines {
  private Deadlines() {}

  /// Whether it is to go back to its sender now, and nowhere else.
  static boolean over(Envelope envelope, Instant now) {
    var returns = envelope.returnsAt();
    return returns != null && !now.isBefore(returns);
  }

  /// What is still to happen to a waiting recipient at a time of its own, whatever else it waits
  /// for; null: nothing.
  static @Nullable Instant pending(Envelope envelope, RecipientState state) {
    var returns = envelope.returnsAt();
    return returns == null && !state.warned() ? envelope.tellsAt() : returns;
  }

  /// When a recipient is due that would be due at this time.
  static Instant noLater(Envelope envelope, RecipientState state, Instant due, Instant now) {
    var pending = pending(envelope, state);
    return pending != null && pending.isAfter(now) && pending.isBefore(due) ? pending : due;
  }

  /// What a recipient gets whose time is over.
  ///
  /// @param last what became of it before
  static Outcome.Bounced expired(Envelope envelope, String last) {
    return new Outcome.Bounced(
        Outcome.Stage.ROUTE, new EnhancedStatus(5, 4, 7), words(envelope, last), null);
  }

  /// What its sender is told of a recipient that is tried on.
  static Outcome late(Envelope envelope, String last) {
    return new Outcome.Deferred(
        Outcome.Stage.ROUTE, new EnhancedStatus(4, 4, 7), words(envelope, last), null);
  }

  private static String words(Envelope envelope, String last) {
    var deadline = envelope.deadline();
    return "delivery time expired: "
        + (deadline == null
            ? ""
            : "it was to be delivered by " + deadline.at().truncatedTo(ChronoUnit.SECONDS) + "; ")
        + last;
  }
}
