package dev.poststation.os;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/// An IP address as people write it, in log, trace and messages. Pure functions.
public final class IpText {
  private IpText() {}

  /// Without a scope; of IPv6 the longest row of zeros is left out (RFC 5952 4).
  public static String of(InetAddress address) {
    byte[] octets = address.getAddress();
    if (octets.length == 4) {
      return address.getHostAddress();
    }
    int[] groups = new int[8];
    for (int i = 0; i < 8; i++) {
      groups[i] = ((octets[2 * i] & 0xff) << 8) | (octets[2 * i + 1] & 0xff);
    }
    int from = 0;
    int length = 0;
    for (int i = 0; i < 8; i++) {
      int end = i;
      while (end < 8 && groups[end] == 0) {
        end++;
      }
      if (end - i > length) {
        from = i;
        length = end - i;
      }
    }
    return length < 2
        ? joined(groups, 0, 8)
        : joined(groups, 0, from) + "::" + joined(groups, from + length, 8);
  }

  private static String joined(int[] groups, int from, int to) {
    var text = new StringBuilder();
    for (int i = from; i < to; i++) {
      text.append(i == from ? "" : ":").append(Integer.toHexString(groups[i]));
    }
    return text.toString();
  }

  /// `host:port`, with brackets about an address of IPv6 (RFC 3986 3.2.2).
  ///
  /// @param host a name or a numeric address
  public static String at(String host, int port) {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }

  /// The same of an address that was looked up, as the JDK spells it.
  public static String at(InetSocketAddress address) {
    return at(address.getAddress().getHostAddress(), address.getPort());
  }
}
