package dev.poststation.intake;

import dev.poststation.message.Content;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.spool.Placement;

/// Takes over a mail the moment it is durable; the queue's end of the intake. Must not block and
/// must not throw: the mail is in the spool already.
public interface Handover {
  /// A mail is about to become durable: nobody else may claim it from the spool meanwhile. Followed
  /// by `accepted`, `held` or `abandoned`, whatever happens.
  void announced(QueueId id);

  /// A mail that was announced did not become durable.
  void abandoned(QueueId id);

  /// A mail became durable in the place `held`, or in quarantine.
  void held(QueueId id, Placement place);

  /// A mail became durable in the place `incoming`.
  ///
  /// @param intakeNanos how long it took from MAIL until now, for the log's delays
  void accepted(Mail mail, Content content, long intakeNanos);
}
