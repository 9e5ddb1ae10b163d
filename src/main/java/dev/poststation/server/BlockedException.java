package dev.poststation.server;

import dev.poststation.sasl.UnavailableException;
import java.time.Duration;

/// Whoever wants to log in has failed too often to be asked for a password now.
final class BlockedException extends UnavailableException {
  private static final long serialVersionUID = 1L;

  BlockedException(Duration left) {
    super("too many failed logins; blocked for " + Math.max(1, left.toSeconds()) + " s more");
  }
}
