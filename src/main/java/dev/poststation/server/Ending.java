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
  /// It spoke before the greeting.
  EARLY,
  /// It exceeded another limit.
  LIMIT,
  /// We are shutting down.
  SHUTDOWN,
  /// TLS failed, the protocol got out of step, or a fault of ours.
  BROKEN;

  /// Whether the client is to blame, and not our fault or a limit that anybody may reach.
  boolean misbehaviour() {
    return switch (this) {
      case TIMEOUT, ERRORS, EARLY, BROKEN -> true;
      case QUIT, CLOSED, LIMIT, SHUTDOWN -> false;
    };
  }

  /// As the log has it.
  String word() {
    return switch (this) {
      case QUIT -> "quit";
      case CLOSED -> "closed";
      case TIMEOUT -> "timeout";
      case ERRORS -> "errors";
      case EARLY -> "early";
      case LIMIT -> "limit";
      case SHUTDOWN -> "shutdown";
      case BROKEN -> "broken";
    };
  }
}
