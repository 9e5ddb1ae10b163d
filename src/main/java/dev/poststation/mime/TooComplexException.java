package dev.poststation.mime;

/// A mail has more parts than are looked at, or deeper ones, or larger headers. The message says
/// which, in one sentence without a full stop. Safe for any thread.
public final class TooComplexException extends Exception {
  private static final long serialVersionUID = 1;

  /// What it has too much of.
  public TooComplexException(String message) {
    super(message);
  }

  /// The message.
  public String reason() {
    return String.valueOf(getMessage());
  }
}
