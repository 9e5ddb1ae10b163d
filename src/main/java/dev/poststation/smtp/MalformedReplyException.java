package dev.poststation.smtp;

import java.io.IOException;

/// A next hop answered with something that is no SMTP reply. What follows on the connection cannot
/// be understood any more: it is as good as lost.
public final class MalformedReplyException extends IOException {
  /// @param message what is wrong, with harmless text only
  public MalformedReplyException(String message) {
    super(message);
  }
}
