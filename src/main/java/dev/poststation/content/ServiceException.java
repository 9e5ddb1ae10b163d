package dev.poststation.content;

/// A service could not do its work. The message says why, in one sentence without a full stop; what
/// becomes of the mail, `on-error` of its entry says.
public final class ServiceException extends Exception {
  private static final long serialVersionUID = 1;

  private final boolean down;

  private ServiceException(String message, boolean down) {
    super(message);
    this.down = down;
  }

  /// It does not answer, or not in time: it is not asked for the next mail either, for a while.
  public static ServiceException down(String message) {
    return new ServiceException(message, true);
  }

  /// It cannot do its work at this mail.
  public static ServiceException atThisMail(String message) {
    return new ServiceException(message, false);
  }

  /// Whether it would fail at any other mail too.
  public boolean isDown() {
    return down;
  }

  /// The message.
  public String reason() {
    return String.valueOf(getMessage());
  }
}
