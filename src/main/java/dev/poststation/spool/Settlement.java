package dev.poststation.spool;

import dev.poststation.message.Mail;
import dev.poststation.message.RecipientState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What became of a mail, to be written in one batch: all of it happens, or nothing.
///
/// @param mail the mail as loaded or committed, however often it was settled since
/// @param from its place until now
/// @param to its place from now on, or null: it is done and removed
/// @param changes states that changed since the last settlement; of no interest when the mail is
///   removed
/// @param notices our own notices about it, which become mails in `incoming` in the same batch
/// @param trace entries to add to its trace
public record Settlement(
    Mail mail,
    Placement from,
    @Nullable Placement to,
    List<Change> changes,
    List<Notice> notices,
    List<byte[]> trace) {
  public Settlement {
    changes = List.copyOf(changes);
    notices = List.copyOf(notices);
    trace = List.copyOf(trace);
  }

  /// The new state of a recipient.
  public record Change(int recipient, RecipientState state) {}

  /// A new mail of our own, with its content and the first entries of its trace.
  ///
  /// @param pace what the spool is to remember of the pace of notices, in the place of what it knew
  ///   before; empty: nothing new
  public record Notice(Mail mail, byte[] content, List<byte[]> trace, byte[] pace) {}
}
