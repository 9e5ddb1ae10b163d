package dev.poststation.policy;

import dev.poststation.message.Hold;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.Reply;
import org.jspecify.annotations.Nullable;

/// Why a mail is not simply taken.
///
/// @param reply what the client is told when it is refused
/// @param reason for log, trace and `explain`, with the line of the entry
/// @param hold why it is taken all the same, and waits for an administrator; null: not so
/// @param replacement whether it is taken all the same, with another sender; null: not so
public record Objection(
    Reply reply, String reason, @Nullable Hold hold, @Nullable Replacement replacement) {

  /// Another sender.
  ///
  /// @param reason with the old one and the line of the entry
  public record Replacement(Address by, String reason) {}

  public static Objection refusal(Reply reply, String reason) {
    return new Objection(reply, reason, null, null);
  }

  /// It is taken all the same, and waits.
  public static Objection held(Reply reply, Hold hold) {
    return new Objection(reply, hold.reason(), hold, null);
  }

  Objection with(@Nullable Replacement sender) {
    return new Objection(reply, reason, hold, sender);
  }

  /// Whether the mail is not taken.
  public boolean refuses() {
    return hold == null && replacement == null;
  }
}
