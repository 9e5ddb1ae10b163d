package dev.poststation.config;

import dev.poststation.os.IpText;
import java.net.InetAddress;
import java.util.Optional;

/// A network: `10.0.0.0/8`, `2001:db8::/32`, or one address. Immutable.
public record Cidr(InetAddress network, int bits) {
  public Cidr {
    if (bits < 0 || bits > network.getAddress().length * 8) {
      throw new IllegalArgumentException("prefix length out of range: " + bits);
    }
  }

  /// Reads one, as it is written in the file; empty: it is none.
  public static Optional<Cidr> parse(String text) {
    return Addresses.network(text) instanceof Parsed.Good<Cidr>(var network)
        ? Optional.of(network)
        : Optional.empty();
  }

  /// Whether the address lies within. An IPv4 address never lies within an IPv6 network, nor the
  /// other way round.
  public boolean contains(InetAddress address) {
    byte[] net = network.getAddress();
    byte[] other = address.getAddress();
    if (net.length != other.length) {
      return false;
    }
    int whole = bits / 8;
    for (int i = 0; i < whole; i++) {
      if (net[i] != other[i]) {
        return false;
      }
    }
    int rest = bits % 8;
    return rest == 0 || ((net[whole] ^ other[whole]) & 0xff) >>> (8 - rest) == 0;
  }

  /// Whether it is one address only.
  public boolean isSingle() {
    return bits == network.getAddress().length * 8;
  }

  @Override
  public String toString() {
    return IpText.of(network) + "/" + bits;
  }
}
