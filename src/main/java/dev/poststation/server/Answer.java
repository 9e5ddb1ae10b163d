package dev.poststation.server;

import dev.poststation.smtp.Reply;
import org.jspecify.annotations.Nullable;

/// What a command gets. Immutable.
///
/// @param stage for the log: where we stood, mostly the verb
/// @param rule why it was refused; empty when it was not
/// @param ending how the session ends after the reply, or null: it goes on
record Answer(Reply reply, String stage, String rule, @Nullable Ending ending) {
  /// The command is carried out.
  static Answer done(Reply reply) {
    return new Answer(reply, "", "", null);
  }

  /// It is not.
  static Answer refused(Reply reply, String stage, String rule) {
    return new Answer(reply, stage, rule, null);
  }

  /// The session is over.
  static Answer last(Reply reply, String stage, String rule, Ending ending) {
    return new Answer(reply, stage, rule, ending);
  }
}
