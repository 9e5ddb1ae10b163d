package dev.poststation.account;

import dev.poststation.os.IpText;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/// What counts as one address: of IPv6 all that begin with the same 64 bits, for whoever has one of
/// them has them all. Pure functions.
final class Networks {
  private static final int IPV6_OCTETS = 8;

  private Networks() {}

  /// `192.0.2.1`, `2001:db8::/64`.
  static String of(InetAddress address) {
    byte[] octets = address.getAddress();
    if (octets.length == 4) {
      return IpText.of(address);
    }
    Arrays.fill(octets, IPV6_OCTETS, octets.length, (byte) 0);
    try {
      return IpText.of(InetAddress.getByAddress(octets)) + "/64";
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // It has the length of one.
    }
  }
}
