package dev.poststation.delivery;

import dev.poststation.tlsrpt.ResultType;
import javax.net.ssl.SSLException;

/// TLS works, but the host has not shown what is demanded of it. The message is the rest of a
/// sentence for people.
final class DistrustException extends SSLException {
  private final ResultType type;

  DistrustException(ResultType type, String message) {
    super(message);
    this.type = type;
  }

  /// As reports call it.
  ResultType type() {
    return type;
  }
}
