package dev.poststation.smtp;

/// RET= of MAIL: what a delivery status notification shall return of the message (RFC 3461 4.3).
public enum DsnReturn {
  /// The full message.
  FULL,
  /// The headers only.
  HDRS
}
