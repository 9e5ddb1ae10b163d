package dev.poststation.server;

/// How a session ended; the words of `Event.Disconnected`.
enum Ending {
  /// The client said QUIT.
  QUIT,
  /// The client went without.
  CLOSED,
  /// It was silent or slow for too long.
  TIMEOUT,
  /// It made too many errors.
  ERRORS,
  /// It failed to log in too often.
  LOGINS,
  /// It spoke before the greeting.
  EARLY,
  /// It exceeded another limit.
  LIMIT,
  /// We are shutting down.
  SHUTDOWN,
  /// TLS failed, or the protocol got out of step.
  BROKEN,
  /// A fault of ours.
  FAULT;

  /// What the client is to blame for, as a clause about its connection; empty where it was our
  /// fault or a limit that anybody may reach.
  String offence() {
    return switch (this) {
      case TIMEOUT -> "was silent or slow for too long";
      case ERRORS -> "made too many errors";
      case LOGINS -> "failed to log in too often";
      case EARLY -> "spoke before the greeting";
      case BROKEN -> "did not keep to the protocol";
      case QUIT, CLOSED, LIMIT, SHUTDOWN, FAULT -> "";
    };
  }

  /// As the log has it.
  String word() {
    return switch (this) {
      case QUIT -> "quit";
      case CLOSED -> "closed";
      case TIMEOUT -> "timeout";
      case ERRORS, LOGINS -> "errors";
      case EARLY -> "early";
      case LIMIT -> "limit";
      case SHUTDOWN -> "shutdown";
      case BROKEN, FAULT -> "broken";
    };
  }
}
