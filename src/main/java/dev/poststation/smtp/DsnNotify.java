package dev.poststation.smtp;

/// NOTIFY= of RCPT: when the sender wants a notification (RFC 3461 4.1).
public enum DsnNotify {
  /// On no condition; stands alone.
  NEVER,
  /// When delivered.
  SUCCESS,
  /// When it cannot be delivered.
  FAILURE,
  /// When it is delayed.
  DELAY
}
