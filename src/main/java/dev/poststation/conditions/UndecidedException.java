package dev.poststation.conditions;

/// Whether a rule is meant cannot be known now: what has to be looked at cannot be read, or whoever
/// has to be asked does not answer. The message says what; the mail waits.
public final class UndecidedException extends Exception {
  private static final long serialVersionUID = 1;

  private final boolean open;

  /// @param message for log and trace, in one sentence without a full stop
  public UndecidedException(String message) {
    this(message, false);
  }

  private UndecidedException(String message, boolean open) {
    super(message);
    this.open = open;
  }

  /// Somebody has to be asked, which takes its time.
  public static UndecidedException open(String whom) {
    return new UndecidedException(whom + " has to be asked", true);
  }

  /// Whether it would be known if somebody were asked.
  public boolean isOpen() {
    return open;
  }

  /// The message.
  public String reason() {
    return String.valueOf(getMessage());
  }
}
