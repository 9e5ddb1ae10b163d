package dev.poststation.smtp;

/// What whoever sent a mail wishes of TLS on all of its way (RFC 8689).
public enum TlsWish {
  /// Nothing.
  NONE,
  /// That it goes only encrypted to hosts that are proven, and obey the same: `REQUIRETLS`.
  REQUIRED,
  /// That it goes although the recipient's domain asks for more than can be had: `TLS-Required:
  /// No`.
  WAIVED
}
