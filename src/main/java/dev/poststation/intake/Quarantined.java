package dev.poststation.intake;

import dev.poststation.content.Variant;
import dev.poststation.log.Event;
import dev.poststation.message.QueueId;
import dev.poststation.message.RecipientState;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/// What is written and told of a mail that a service keeps from its recipients. Pure functions.
final class Quarantined {
  private Quarantined() {}

  /// As it stands at each of its recipients.
  static String reason(String service, String why) {
    return RecipientState.QUARANTINED + service + ": " + why;
  }

  /// @param also why it is held besides; may be empty
  static Event event(QueueId id, Instant now, Variant.Quarantine kept, String also) {
    var until = now.plus(kept.keep()).truncatedTo(ChronoUnit.SECONDS);
    return new Event.Quarantined(
        id,
        now,
        "keep",
        kept.service(),
        List.of(),
        null,
        kept.reason() + also + "; until " + until);
  }
}
