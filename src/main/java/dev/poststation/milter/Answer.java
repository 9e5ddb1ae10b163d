package dev.poststation.milter;

import dev.poststation.smtp.Reply;

/// What a milter says at a stage. Immutable.
public sealed interface Answer {
  /// The next stage may come.
  record Continue() implements Answer {}

  /// It does not want to hear more of this mail.
  record Accept() implements Answer {}

  /// It has seen enough of the body.
  record Skip() implements Answer {}

  /// The mail is to be thrown away, and its sender not to be told.
  record Discard() implements Answer {}

  /// The command, or the mail, is refused.
  ///
  /// @param closes whether the connection of the client is to be closed
  record Refused(Reply reply, boolean closes) implements Answer {}
}
