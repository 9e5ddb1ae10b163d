package dev.poststation.content;

import dev.poststation.smtp.Reply;

/// What a service says of a mail. Each has its reason, for log and trace.
///
/// @see ServiceException for what a service says that could not do its work
public sealed interface Finding {
  /// Why, in a sentence without a full stop.
  String reason();

  /// It goes on as it is.
  record Unchanged(String reason) implements Finding {}

  /// It goes on, changed.
  record Changed(Message message, String reason) implements Finding {}

  /// It is refused: nobody takes it.
  record Refused(Reply reply, String reason) implements Finding {}

  /// It goes on through the services behind this one, and then waits for an administrator.
  record Held(String reason) implements Finding {}
}
