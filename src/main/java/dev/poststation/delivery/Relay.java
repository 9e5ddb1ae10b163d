package dev.poststation.delivery;

import dev.poststation.os.IpText;
import dev.poststation.route.NextHop;
import java.net.InetAddress;

/// How a next hop is named to people: `mx1.example.com[192.0.2.1]:25`, `unix:/run/dovecot/lmtp`.
/// Pure functions.
final class Relay {
  private Relay() {}

  static String name(NextHop hop, InetAddress address) {
    if (hop.local()) {
      return hop.host();
    }
    return hop.host() + "[" + IpText.of(address) + "]:" + hop.port();
  }
}
