package dev.poststation.policy;

import dev.poststation.smtp.Address;
import dev.poststation.smtp.Reply;
import org.jspecify.annotations.Nullable;

/// Why a mail is not simply taken.
///
/// @param reply what the client is told when it is refused
/// @param reason for log, trace and `explain`, with the line of the entry
/// @param hold whether it is taken all the same, and waits for an administrator
/// @param replacement whether it is taken all the same, with another sender; null: not so
public record Objection(
    Reply reply, String reason, boolean hold, @Nullable Replacement replacement) {

  /// Another sender.
  ///
  /// @param reason with the old one and the line of the entry
  public record Replacement(Address by, String reason) {}

  /// One that leaves the sender as it is.
  public Objection(Reply reply, String reason, boolean hold) {
    this(reply, reason, hold, null);
  }

  public static Objection refusal(Reply reply, String reason) {
    return new Objection(reply, reason, false);
  }

  /// Whether the mail is not taken.
  public boolean refuses() {
    return !hold && replacement == null;
  }
}
