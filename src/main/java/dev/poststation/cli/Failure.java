package dev.poststation.cli;

/// Why a command cannot do what was asked: what to tell the user, and how to end. It is unchecked
/// as it goes from the depth of a command straight to [Program], the only one to catch it.
final class Failure extends RuntimeException {
  private final int exit;

  /// @param message for the user: what is wrong and what to do about it
  Failure(int exit, String message) {
    super(message);
    this.exit = exit;
  }

  /// The exit code.
  int exit() {
    return exit;
  }

  /// What to tell.
  String message() {
    return String.valueOf(getMessage());
  }
}
