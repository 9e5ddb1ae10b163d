package dev.poststation.policy;

import dev.poststation.config.ClientRule;
import dev.poststation.config.Limits;
import dev.poststation.smtp.PolicyReplies;
import dev.poststation.smtp.Replies;
import dev.poststation.smtp.Reply;
import java.util.Optional;

/// May this client relay?
public sealed interface Verdict {
  /// Which entry decided, with its line, for log, trace and `explain`.
  String reason();

  /// How large a mail of this client may be, in octets.
  long messageSize(Limits limits);

  /// Which setting says so, for the log.
  String messageSizeRule(Limits limits);

  /// What is said to a mail that is announced with so many octets (RFC 1870 6.1), if anything.
  default Optional<Objection> size(long octets, Limits limits) {
    return octets > messageSize(limits)
        ? Optional.of(Objection.refusal(Replies.TOO_BIG, messageSizeRule(limits)))
        : Optional.empty();
  }

  /// It may, as far as the permit goes.
  record Allowed(Permit permit, String reason) implements Verdict {
    /// The entry that decided.
    public ClientRule client() {
      return permit.rule();
    }

    @Override
    public long messageSize(Limits limits) {
      return permit.messageSize(limits);
    }

    @Override
    public String messageSizeRule(Limits limits) {
      return permit.messageSizeRule(limits);
    }
  }

  /// It may not: the reply to give.
  record Refused(Reply reply, String reason) implements Verdict {
    /// Whether it is only for the DNS, which has not answered yet.
    public boolean forNow() {
      return reply.equals(PolicyReplies.RELAY_UNKNOWN);
    }

    @Override
    public long messageSize(Limits limits) {
      return limits.messageSize();
    }

    @Override
    public String messageSizeRule(Limits limits) {
      return "limits.message-size";
    }
  }
}
