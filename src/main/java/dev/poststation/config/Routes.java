package dev.poststation.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// The kernel's tables of routes, `/proc/net/route` and `/proc/net/ipv6_route`, as far as they say
/// from where forwarded connections may seem to come, and those of the machine's own addresses,
/// `/proc/net/fib_trie` and `/proc/net/if_inet6`. Immutable.
///
/// @param gateways of the default routes
/// @param firstAddresses of the IPv4 networks that this machine is in
/// @param own addresses of this machine, without loopback
record Routes(List<InetAddress> gateways, List<InetAddress> firstAddresses, List<InetAddress> own) {
  private static final String NONE_4 = "0".repeat(8);
  private static final String NONE_6 = "0".repeat(32);

  Routes {
    gateways = List.copyOf(gateways);
    firstAddresses = List.copyOf(firstAddresses);
    own = List.copyOf(own);
  }

  /// @param four interface, destination, gateway, flags, …, mask as the eighth: hexadecimal, lowest
  ///   octet first
  /// @param six destination and its length, source and its length, gateway, …
  /// @param trie a line `|-- ADDRESS`, and below it `/32 host LOCAL` where it is one of this
  ///   machine
  /// @param own6 address, hexadecimal, …
  static Routes read(List<String> four, List<String> six, List<String> trie, List<String> own6) {
    List<InetAddress> gateways = new ArrayList<>();
    List<InetAddress> first = new ArrayList<>();
    for (String line : four) {
      String[] fields = line.strip().split("\\s+", -1);
      if (fields.length > 2 && fields[1].equals(NONE_4) && !fields[2].equals(NONE_4)) {
        address(turned(fields[2])).ifPresent(gateways::add);
      } else if (fields.length > 7 && !fields[1].equals(NONE_4) && fields[2].equals(NONE_4)) {
        firstOf(turned(fields[1]), turned(fields[7])).ifPresent(first::add);
      }
    }
    for (String line : six) {
      String[] fields = line.strip().split("\\s+", -1);
      if (fields.length > 4
          && fields[0].equals(NONE_6)
          && fields[1].equals("00")
          && !fields[4].equals(NONE_6)) {
        address(fields[4]).ifPresent(gateways::add);
      }
    }
    return new Routes(gateways, first, own(trie, own6));
  }

  private static List<InetAddress> own(List<String> trie, List<String> own6) {
    List<InetAddress> own = new ArrayList<>();
    String leaf = "";
    for (String line : trie) {
      String words = line.strip();
      if (words.startsWith("|-- ")) {
        leaf = words.substring(4);
      } else if (words.equals("/32 host LOCAL")) {
        Addresses.numeric(leaf).ifPresent(own::add);
      }
    }
    own6.forEach(line -> address(line.strip().split("\\s+", -1)[0]).ifPresent(own::add));
    return own.stream().filter(each -> !each.isLoopbackAddress()).distinct().toList();
  }

  private static String turned(String hex) {
    var turned = new StringBuilder(hex.length());
    for (int i = hex.length() - 2; i >= 0; i -= 2) {
      turned.append(hex, i, i + 2);
    }
    return turned.toString();
  }

  /// Of a network that has others beside it.
  private static Optional<InetAddress> firstOf(String network, String mask) {
    return address(network)
        .filter(_ -> !mask.equalsIgnoreCase("ffffffff") && !mask.equalsIgnoreCase("fffffffe"))
        .flatMap(
            base -> {
              byte[] octets = base.getAddress();
              octets[3] |= 1;
              return address(HexFormat.of().formatHex(octets));
            });
  }

  private static Optional<InetAddress> address(String hex) {
    try {
      return Optional.of(InetAddress.getByAddress(HexFormat.of().parseHex(hex)));
    } catch (UnknownHostException | IllegalArgumentException _) {
      return Optional.empty(); // Not a line as the kernel writes it.
    }
  }
}
