package dev.poststation.sasl;

/// Whoever knows the users cannot be asked now: a file that cannot be read, a directory that does
/// not answer. Nobody is refused for it for good (454 4.7.0).
public class UnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  /// @param message one sentence for the log that says what is missing
  public UnavailableException(String message, Throwable cause) {
    super(message, cause);
  }

  /// @param message one sentence for the log that says what is missing
  public UnavailableException(String message) {
    super(message);
  }
}
