package dev.poststation.config;

/// Something wrong, or doubtful, in the configuration: where, what, and what to do about it.
/// Immutable.
///
/// @param message what is wrong: one clause without a full stop
/// @param remedy what to do: one clause; empty where the message says it all
public record Problem(Origin origin, String message, String remedy, Severity severity) {
  /// What follows from a problem.
  public enum Severity {
    /// The configuration is not used.
    ERROR,
    /// The configuration is used; somebody should look.
    WARNING
  }

  /// An error.
  static Problem error(Origin origin, String message, String remedy) {
    return new Problem(origin, message, remedy, Severity.ERROR);
  }

  /// A warning.
  static Problem warning(Origin origin, String message, String remedy) {
    return new Problem(origin, message, remedy, Severity.WARNING);
  }

  /// Whether the configuration cannot be used.
  public boolean isError() {
    return severity == Severity.ERROR;
  }

  /// One line: `poststation.conf:14: unknown key "retires" in queue; did you mean "retry"?`
  @Override
  public String toString() {
    return origin + ": " + (isError() ? "" : "warning: ") + said();
  }

  /// The same without the word of its severity, for a log that has its own.
  public String logged() {
    return origin + ": " + said();
  }

  private String said() {
    return message + (remedy.isEmpty() ? "" : "; " + remedy);
  }
}
