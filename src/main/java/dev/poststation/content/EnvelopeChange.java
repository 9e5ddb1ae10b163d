package dev.poststation.content;

import dev.poststation.message.Recipient;
import dev.poststation.smtp.Address;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a service changes of the envelope of a mail. Immutable.
///
/// @param sender the new one; null: it stays
/// @param added recipients, whose numbers do not matter
/// @param removed recipients
public record EnvelopeChange(
    @Nullable ReversePath sender, List<Recipient> added, List<Address> removed) {
  public EnvelopeChange {
    added = List.copyOf(added);
    removed = List.copyOf(removed);
  }

  boolean isNothing() {
    return sender == null && added.isEmpty() && removed.isEmpty();
  }
}
