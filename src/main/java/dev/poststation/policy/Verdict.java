package dev.poststation.policy;

import dev.poststation.config.ClientRule;
import dev.poststation.smtp.Reply;

/// May this client relay to this recipient?
public sealed interface Verdict {
  /// Which rule decided, with its line, for log, trace and `explain`.
  String reason();

  /// It may.
  record Allowed(ClientRule client, String reason) implements Verdict {}

  /// It may not: the reply to give.
  record Refused(Reply reply, String reason) implements Verdict {}
}
