package dev.poststation.cli;

/// How a command ends, for scripts (docs/manual/commands.md).
final class Exit {
  /// It did what was asked.
  static final int OK = 0;

  /// The answer is no: not found, refused, undeliverable, or not in time.
  static final int NO = 1;

  /// Wrong usage, or a configuration that cannot be used.
  static final int WRONG = 2;

  /// No relay answers.
  static final int UNREACHABLE = 3;

  /// The token may not be read, or is not the relay's.
  static final int UNAUTHORISED = 4;

  /// Our own fault.
  static final int INTERNAL = 70;

  private Exit() {}
}
