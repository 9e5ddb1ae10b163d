package dev.poststation.delivery;

import dev.poststation.route.NextHop;
import java.net.Inet6Address;
import java.net.InetAddress;

/// How a next hop is named to people: `mx1.example.com[192.0.2.1]:25`. Pure functions.
final class Relay {
  private Relay() {}

  static String name(NextHop hop, InetAddress address) {
    return hop.host() + "[" + text(address) + "]:" + hop.port();
  }

  /// An address as text; IPv6 as RFC 5952 wants it.
  static String text(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return address.getHostAddress();
    }
    byte[] octets = address.getAddress();
    int[] groups = new int[8];
    for (int i = 0; i < 8; i++) {
      groups[i] = ((octets[2 * i] & 255) << 8) | (octets[2 * i + 1] & 255);
    }
    int gap = -1;
    int gapLength = 1; // A single group of zeros is not shortened.
    for (int i = 0; i < 8; i++) {
      int length = 0;
      while (i + length < 8 && groups[i + length] == 0) {
        length++;
      }
      if (length > gapLength) {
        gap = i;
        gapLength = length;
      }
    }
    var text = new StringBuilder(40);
    for (int i = 0; i < 8; i++) {
      if (i == gap) {
        text.append("::");
        i += gapLength - 1;
        continue;
      }
      if (i > 0 && text.charAt(text.length() - 1) != ':') {
        text.append(':');
      }
      text.append(Integer.toHexString(groups[i]));
    }
    return text.toString();
  }
}
