package dev.poststation.policy;

import dev.poststation.smtp.Reply;

/// Why a mail is not simply taken.
///
/// @param reply what the client is told when it is refused
/// @param reason for log, trace and `explain`, with the line of the entry
/// @param hold whether it is taken all the same, and waits for an administrator
public record Objection(Reply reply, String reason, boolean hold) {
  static Objection refusal(Reply reply, String reason) {
    return new Objection(reply, reason, false);
  }
}
