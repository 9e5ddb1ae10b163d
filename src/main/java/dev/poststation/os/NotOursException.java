package dev.poststation.os;

import java.io.IOException;
import java.net.InetAddress;

/// A connection was to come from an address that cannot be bound to, mostly because this machine
/// does not have it. The message is a clause with the address.
public final class NotOursException extends IOException {
  private static final long serialVersionUID = 1L;

  /// An address that cannot be bound to.
  ///
  /// @param why what the system says
  public NotOursException(InetAddress address, String why) {
    super(
        why.contains("Cannot assign requested address")
            ? IpText.of(address) + " is no address of this machine"
            : "nothing can be sent from " + IpText.of(address) + ": " + why);
  }
}
