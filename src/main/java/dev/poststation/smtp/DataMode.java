package dev.poststation.smtp;

/// What to do about CR or LF alone in DATA.
public enum DataMode {
  /// Refuse the mail.
  REFUSE,
  /// Make CRLF of them. They still never end the data.
  NORMALISE
}
