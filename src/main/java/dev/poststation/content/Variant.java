package dev.poststation.content;

import dev.poststation.message.Hold;
import dev.poststation.message.Recipient;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What goes on to some of the recipients of a mail: to all of them, unless they need different
/// content. Immutable.
///
/// @param sender where it has become another; null: it stays
/// @param recipients at least one
/// @param hold why it is to wait for an administrator, or null
/// @param quarantine why it is to go into the quarantine, or null
/// @param notes what services found, in their order
/// @param headersOnly whether notices bring back nothing but the header, whatever RET says
public record Variant(
    Message message,
    @Nullable ReversePath sender,
    List<Recipient> recipients,
    @Nullable Hold hold,
    @Nullable Quarantine quarantine,
    List<Note> notes,
    boolean headersOnly) {
  /// Which service keeps it from its recipients, and why.
  ///
  /// @param service its name in the configuration
  /// @param keep for how long
  public record Quarantine(String service, String reason, Duration keep) {}

  public Variant {
    recipients = List.copyOf(recipients);
    notes = List.copyOf(notes);
  }

  /// What may also go back to who sent it.
  public Variant(
      Message message,
      @Nullable ReversePath sender,
      List<Recipient> recipients,
      @Nullable Hold hold,
      @Nullable Quarantine quarantine,
      List<Note> notes) {
    this(message, sender, recipients, hold, quarantine, notes, false);
  }
}
