package dev.poststation.os;

import java.io.IOException;
import java.net.InetAddress;

/// A connection was to come from an address that this machine does not have. The message is a
/// clause with the address.
public final class NotOursException extends IOException {
  private static final long serialVersionUID = 1L;

  /// What the system says of such an address (EADDRNOTAVAIL); Java has no type for it.
  private static final String NOT_AVAILABLE = "Cannot assign requested address";

  /// An address that this machine does not have.
  public NotOursException(InetAddress address) {
    super(IpText.of(address) + " is no address of this machine");
  }

  /// What it means that an address could not be bound to: that it is not ours, or that something
  /// else is in the way, such as that all its ports are in use.
  ///
  /// @param failure of the system
  public static IOException of(InetAddress address, IOException failure) {
    String why = String.valueOf(failure.getMessage());
    return why.contains(NOT_AVAILABLE)
        ? new NotOursException(address)
        : new UnboundException("nothing can be sent from " + IpText.of(address) + ": " + why);
  }
}
