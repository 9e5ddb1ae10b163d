package dev.poststation.route;

/// Where a mail goes cannot be known now: what has to be looked at cannot be read, or whoever has
/// to be asked does not answer. The message says what; the mail waits.
public final class UndecidedException extends Exception {
  private static final long serialVersionUID = 1;

  /// @param message for log and trace, in one sentence without a full stop
  public UndecidedException(String message) {
    super(message);
  }

  /// The message.
  public String reason() {
    return String.valueOf(getMessage());
  }
}
