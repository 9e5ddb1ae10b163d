package dev.poststation.policy;

import dev.poststation.config.ClientRule;
import dev.poststation.smtp.PolicyReplies;
import dev.poststation.smtp.Reply;

/// May this client relay?
public sealed interface Verdict {
  /// Which entry decided, with its line, for log, trace and `explain`.
  String reason();

  /// It may, as far as the permit goes.
  record Allowed(Permit permit, String reason) implements Verdict {
    /// The entry that decided.
    public ClientRule client() {
      return permit.rule();
    }
  }

  /// It may not: the reply to give.
  record Refused(Reply reply, String reason) implements Verdict {
    /// Whether it is only for the DNS, which has not answered yet.
    public boolean forNow() {
      return reply.equals(PolicyReplies.RELAY_UNKNOWN);
    }
  }
}
