package dev.poststation.route;

import dev.poststation.conditions.MailFacts;
import dev.poststation.config.Connector;
import dev.poststation.message.Outcome;
import dev.poststation.message.Outcome.Stage;
import dev.poststation.smtp.EnhancedStatus;
import java.util.Optional;

/// What comes of a mail that is larger than a connector takes (`max-size`). Pure functions.
public final class Oversize {
  private static final EnhancedStatus TOO_BIG = new EnhancedStatus(5, 3, 4);

  private Oversize() {}

  /// Why it does not go there; empty: it may.
  ///
  /// @param size octets
  public static Optional<Outcome.Bounced> of(Connector connector, long size) {
    if (!connector.type().sends() || !connector.line().tooLarge(size)) {
      return Optional.empty();
    }
    String text =
        "the mail has "
            + size
            + " octets, and "
            + connector.where()
            + " takes "
            + connector.line().maxSize()
            + " at most (max-size)";
    return Optional.of(new Outcome.Bounced(Stage.MAIL, TOO_BIG, text, null));
  }

  /// The same of a mail as far as it is known.
  public static Optional<Outcome.Bounced> of(Connector connector, MailFacts mail) {
    return mail.sizeKnown() ? of(connector, mail.size()) : Optional.empty();
  }
}
