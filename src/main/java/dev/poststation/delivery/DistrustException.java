package dev.poststation.delivery;

import javax.net.ssl.SSLException;

/// TLS works, but the host has not shown what is demanded of it. The message is the rest of a
/// sentence for people.
final class DistrustException extends SSLException {
  DistrustException(String message) {
    super(message);
  }
}
