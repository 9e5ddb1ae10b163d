package dev.poststation.message;

import dev.poststation.smtp.Address;
import dev.poststation.smtp.DsnNotify;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One recipient of a mail, as it was accepted.
///
/// @param number its place in the mail, from 0
/// @param notifyOn when the sender wants to be told (RFC 3461 4.1); empty means the default: on
///   failure and delay
/// @param orcpt the original recipient as on the wire (RFC 3461 4.2), or null
public record Recipient(
    int number, Address address, Set<DsnNotify> notifyOn, @Nullable String orcpt) {
  public Recipient {
    // Not Set.copyOf, whose order differs from run to run.
    notifyOn =
        notifyOn.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(notifyOn));
  }
}
