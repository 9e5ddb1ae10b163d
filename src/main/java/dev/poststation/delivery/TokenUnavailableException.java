package dev.poststation.delivery;

/// There is no access token of OAuth 2 for an account now. The mail waits.
public class TokenUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  /// @param message one sentence for log, trace and `queue list`, without secrets, that says what
  ///   is missing and, if that is known, what to do
  public TokenUnavailableException(String message) {
    super(message);
  }

  /// @param message likewise
  public TokenUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
