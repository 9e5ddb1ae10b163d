package dev.poststation.config;

import java.math.BigInteger;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/// Addresses of one family, as ranges that do not overlap. Confined to one thread.
final class AddressSet {
  private final int octets;
  private final TreeMap<BigInteger, BigInteger> ranges = new TreeMap<>();

  /// @param octets 4 or 16: networks of the other family are passed over
  AddressSet(int octets) {
    this.octets = octets;
  }

  AddressSet with(Collection<Cidr> networks) {
    var sum = new AddressSet(octets);
    sum.ranges.putAll(ranges);
    networks.forEach(sum::add);
    return sum;
  }

  private void add(Cidr network) {
    if (network.network().getAddress().length != octets) {
      return;
    }
    BigInteger first = first(network);
    BigInteger last = last(network);
    // Ranges that overlap the new one, or touch it, become part of it.
    for (var range = ranges.floorEntry(last.add(BigInteger.ONE));
        range != null && range.getValue().add(BigInteger.ONE).compareTo(first) >= 0;
        range = ranges.floorEntry(last.add(BigInteger.ONE))) {
      ranges.remove(range.getKey());
      first = first.min(range.getKey());
      last = last.max(range.getValue());
    }
    ranges.put(first, last);
  }

  /// Whether it has all addresses of a network of its family.
  boolean covers(Cidr network) {
    Map.Entry<BigInteger, BigInteger> range = ranges.floorEntry(first(network));
    return network.network().getAddress().length == octets
        && range != null
        && range.getValue().compareTo(last(network)) >= 0;
  }

  /// How many addresses it has.
  BigInteger size() {
    BigInteger sum = BigInteger.ZERO;
    for (var range : ranges.entrySet()) {
      sum = sum.add(range.getValue()).subtract(range.getKey()).add(BigInteger.ONE);
    }
    return sum;
  }

  private static BigInteger first(Cidr network) {
    return new BigInteger(1, network.network().getAddress());
  }

  private static BigInteger last(Cidr network) {
    int hostBits = network.network().getAddress().length * 8 - network.bits();
    return first(network).add(BigInteger.ONE.shiftLeft(hostBits)).subtract(BigInteger.ONE);
  }
}
