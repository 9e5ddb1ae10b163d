package dev.poststation.content;

import java.io.IOException;

/// A service was not reached, or says itself that it cannot now: no mail can bring it to that. The
/// message is a clause.
final class UnableException extends IOException {
  private static final long serialVersionUID = 1;

  UnableException(String message) {
    super(message);
  }

  UnableException(IOException cause) {
    super(cause.getMessage(), cause);
  }
}
