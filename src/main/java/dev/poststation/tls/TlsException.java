package dev.poststation.tls;

/// A certificate or key that cannot be used. The message is one sentence for the administrator:
/// which file, what is wrong, and where it is configured.
public final class TlsException extends Exception {
  /// @param message the sentence
  public TlsException(String message) {
    super(message);
  }

  /// @param message the sentence
  /// @param cause for the log
  public TlsException(String message, Throwable cause) {
    super(message, cause);
  }
}
