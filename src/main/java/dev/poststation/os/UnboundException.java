package dev.poststation.os;

import java.io.IOException;

/// A connection cannot come from an address of this machine now: it has no free port, or the system
/// does not allow it. Nobody was called. The message is a clause with the address.
public final class UnboundException extends IOException {
  private static final long serialVersionUID = 1L;

  /// With what the system says.
  public UnboundException(String message) {
    super(message);
  }
}
