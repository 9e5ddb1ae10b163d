package dev.poststation.smtp;

/// How DATA ended.
public sealed interface DataResult {
  /// With CRLF.CRLF, and the sink has all of it.
  ///
  /// @param normalised whether any bare CR or LF became CRLF
  record Complete(ContentTraits traits, boolean normalised) implements DataResult {}

  /// With CRLF.CRLF, but a CR or LF stood alone before it; the sink has only what came before that.
  /// Refuse it.
  record BareNewline() implements DataResult {}

  /// The client went away before CRLF.CRLF; the sink has a part.
  record End() implements DataResult {}
}
