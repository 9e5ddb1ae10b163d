package dev.poststation.intake;

import dev.poststation.message.QueueId;
import dev.poststation.smtp.Reply;

/// What became of a mail at the end of its content.
public sealed interface Admission {
  /// It is on stable storage, under this name: 250 may be said.
  record Queued(QueueId id) implements Admission {}

  /// It was not taken, and nothing of it is left.
  ///
  /// @param rule why, for the log: the limit that was exceeded, or what the disk said
  record Refused(Reply reply, String rule) implements Admission {}
}
