package dev.poststation.content;

import dev.poststation.message.Recipient;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What goes on to some of the recipients of a mail: to all of them, unless they need different
/// content. Immutable.
///
/// @param sender where it has become another; null: it stays
/// @param recipients at least one
/// @param hold why it is to wait for an administrator, or null
/// @param notes what services found, in their order
public record Variant(
    Message message,
    @Nullable ReversePath sender,
    List<Recipient> recipients,
    @Nullable String hold,
    List<Note> notes) {
  public Variant {
    recipients = List.copyOf(recipients);
    notes = List.copyOf(notes);
  }
}
