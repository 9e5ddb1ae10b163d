package dev.poststation.policy;

import dev.poststation.config.Cidr;
import dev.poststation.config.ClientRule;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/// The rules of `clients`, prepared for looking up an address: the first rule in the order of the
/// file that has a network around it. Immutable; safe for any thread.
public final class Clients {
  /// No rule matches.
  static final int NONE = -1;

  private final List<ClientRule> rules;
  private final List<Network> four = new ArrayList<>();
  private final List<Network> six = new ArrayList<>();

  /// @param rules in the order of the file
  public Clients(List<ClientRule> rules) {
    this.rules = List.copyOf(rules);
    for (int i = 0; i < this.rules.size(); i++) {
      for (Cidr cidr : this.rules.get(i).networks()) {
        byte[] octets = cidr.network().getAddress();
        var family = octets.length == 4 ? four : six;
        family.add(Network.of(octets, cidr.bits(), i));
      }
    }
  }

  /// The rules, in the order of the file.
  List<ClientRule> rules() {
    return rules;
  }

  /// The number of the rule that decides about the address, or `NONE`.
  int match(InetAddress client) {
    if (client.isAnyLocalAddress()) {
      return NONE; // Stands for a client whose address is not known, and nobody has it.
    }
    byte[] octets = client.getAddress();
    long high = octets.length == 4 ? number(octets, 0, 4) << 32 : number(octets, 0, 8);
    long low = octets.length == 4 ? 0 : number(octets, 8, 16);
    var family = octets.length == 4 ? four : six;
    for (int i = 0; i < family.size(); i++) {
      var network = family.get(i);
      if (network.contains(high, low)) {
        return network.rule;
      }
    }
    return NONE;
  }

  private static long number(byte[] octets, int from, int to) {
    long value = 0;
    for (int i = from; i < to; i++) {
      value = value << 8 | (octets[i] & 0xff);
    }
    return value;
  }

  /// An address as 128 bits; those of IPv4 stand in the first 32.
  private record Network(long high, long low, long highMask, long lowMask, int rule) {
    static Network of(byte[] octets, int bits, int rule) {
      long highMask = mask(Math.min(bits, 64));
      long lowMask = mask(Math.max(bits - 64, 0));
      long high = octets.length == 4 ? number(octets, 0, 4) << 32 : number(octets, 0, 8);
      long low = octets.length == 4 ? 0 : number(octets, 8, 16);
      return new Network(high & highMask, low & lowMask, highMask, lowMask, rule);
    }

    private static long mask(int bits) {
      return bits == 0 ? 0 : -1L << (64 - bits);
    }

    boolean contains(long otherHigh, long otherLow) {
      return (otherHigh & highMask) == high && (otherLow & lowMask) == low;
    }
  }
}
