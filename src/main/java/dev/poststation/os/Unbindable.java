package dev.poststation.os;

import java.io.IOException;

/// What to do when an address cannot be listened on. Pure functions.
public final class Unbindable {
  private Unbindable() {}

  /// What to do, as the reason says: the port is taken, or the address is another machine's.
  public static String remedy(IOException e) {
    return String.valueOf(e.getMessage()).contains("Cannot assign requested address")
        ? "no interface of this machine has the address: name one that it has, or 0.0.0.0 for all"
        : "stop what uses the port, or name another one";
  }
}
