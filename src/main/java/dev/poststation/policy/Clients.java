package dev.poststation.policy;

import dev.poststation.config.Cidr;
import dev.poststation.config.ClientRule;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Finds the entries of `clients` whose networks are around an address, in the order of the file,
/// together with those that ask for no network. A question costs one look into a table for each
/// prefix length that occurs, however many entries there are. Immutable; safe for any thread.
final class Clients {
  private static final int[] NONE = {};

  private final int[] anywhere;
  private final List<Prefix> four;
  private final List<Prefix> six;

  /// @param rules in the order of the file
  Clients(List<ClientRule> rules) {
    var everywhere = new ArrayList<Integer>();
    Map<Integer, Prefix> four = new HashMap<>();
    Map<Integer, Prefix> six = new HashMap<>();
    for (int i = 0; i < rules.size(); i++) {
      List<Cidr> networks = rules.get(i).networks();
      if (networks.isEmpty()) {
        everywhere.add(i);
      }
      for (Cidr network : networks) {
        byte[] octets = network.network().getAddress();
        var family = octets.length == 4 ? four : six;
        family.computeIfAbsent(network.bits(), Prefix::new).add(Key.of(octets), i);
      }
    }
    this.anywhere = everywhere.stream().mapToInt(Integer::intValue).toArray();
    this.four = List.copyOf(four.values());
    this.six = List.copyOf(six.values());
  }

  /// Whether it stands for a client whose address is not known: nobody has it, no network lets it
  /// in.
  static boolean isUnknown(InetAddress client) {
    return client.isAnyLocalAddress();
  }

  /// The numbers of the entries that may match, ascending.
  int[] around(InetAddress client) {
    if (isUnknown(client)) {
      return anywhere;
    }
    byte[] octets = client.getAddress();
    Key key = Key.of(octets);
    var family = octets.length == 4 ? four : six;
    int[] all = anywhere;
    for (int i = 0; i < family.size(); i++) {
      int[] found = family.get(i).find(key);
      all = found.length == 0 ? all : all.length == 0 ? found : joined(all, found);
    }
    return all;
  }

  /// Both, each number once.
  private static int[] joined(int[] some, int[] others) {
    int[] all = new int[some.length + others.length];
    int length = 0;
    int one = 0;
    int other = 0;
    while (one < some.length || other < others.length) {
      int next;
      if (other == others.length || (one < some.length && some[one] <= others[other])) {
        next = some[one++];
      } else {
        next = others[other++];
      }
      if (length == 0 || all[length - 1] != next) {
        all[length++] = next;
      }
    }
    return length == all.length ? all : Arrays.copyOf(all, length);
  }

  /// An address as 128 bits; those of IPv4 stand in the first 32.
  private record Key(long high, long low) {
    static Key of(byte[] octets) {
      return octets.length == 4
          ? new Key(number(octets, 0, 4) << 32, 0)
          : new Key(number(octets, 0, 8), number(octets, 8, 16));
    }

    private static long number(byte[] octets, int from, int to) {
      long value = 0;
      for (int i = from; i < to; i++) {
        value = value << 8 | (octets[i] & 0xff);
      }
      return value;
    }
  }

  /// The networks of one prefix length.
  private static final class Prefix {
    private final long highMask;
    private final long lowMask;
    private final Map<Key, int[]> entries = new HashMap<>();

    Prefix(int bits) {
      this.highMask = mask(Math.min(bits, 64));
      this.lowMask = mask(Math.max(bits - 64, 0));
    }

    private static long mask(int bits) {
      return bits == 0 ? 0 : -1L << (64 - bits);
    }

    private Key masked(Key key) {
      return new Key(key.high & highMask, key.low & lowMask);
    }

    /// In ascending order.
    void add(Key network, int entry) {
      entries.merge(masked(network), new int[] {entry}, Clients::joined);
    }

    int[] find(Key address) {
      return entries.getOrDefault(masked(address), NONE);
    }
  }
}
