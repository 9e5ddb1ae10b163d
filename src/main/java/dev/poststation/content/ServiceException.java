package dev.poststation.content;

/// A service could not do its work. The message says why, in one sentence without a full stop; what
/// becomes of the mail, `on-error` of its entry says.
public final class ServiceException extends Exception {
  private static final long serialVersionUID = 1;

  /// For how much mail that holds.
  enum Kind {
    /// It would fail at any other mail too.
    DOWN,
    /// It lives, and has said nothing about this one.
    MUTE,
    /// It cannot do its work at this one.
    AT_THIS_MAIL
  }

  private final Kind kind;

  private ServiceException(String message, Kind kind) {
    super(message);
    this.kind = kind;
  }

  /// It does not answer, or not in time: it is not asked for the next mail either, for a while.
  public static ServiceException down(String message) {
    return new ServiceException(message, Kind.DOWN);
  }

  /// It cannot do its work at this mail.
  public static ServiceException atThisMail(String message) {
    return new ServiceException(message, Kind.AT_THIS_MAIL);
  }

  /// It lives, and has said nothing about this mail. Where that is so of several in a row, it is no
  /// fault of theirs.
  static ServiceException mute(String message) {
    return new ServiceException(message, Kind.MUTE);
  }

  Kind kind() {
    return kind;
  }

  /// Whether it would fail at any other mail too.
  public boolean isDown() {
    return kind == Kind.DOWN;
  }

  /// The message.
  public String reason() {
    return String.valueOf(getMessage());
  }
}
