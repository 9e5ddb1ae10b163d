package dev.poststation.config;

import dev.poststation.os.IpText;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.Collectors;

/// Addresses within the networks of an entry of `clients` that are not let in by them: everybody's
/// connections seem to come from there, so that they say nothing of where a client is
/// (docs/adr/0014-gateways.md). Immutable.
///
/// @param of what they are gateways of: `this container`
/// @param addresses all of them
/// @param own those that are its own addresses
public record Gateways(String of, List<InetAddress> addresses, List<InetAddress> own) {
  /// None.
  public static final Gateways NONE = new Gateways("", List.of(), List.of());

  public Gateways {
    addresses = List.copyOf(addresses);
    own = List.copyOf(own);
  }

  /// Those of this machine that these networks let in without naming them.
  static Gateways unnamed(Machine machine, List<Cidr> networks) {
    var unnamed =
        machine.forwarders().stream()
            .filter(address -> networks.stream().anyMatch(each -> each.contains(address)))
            .filter(
                address ->
                    networks.stream().noneMatch(each -> each.isSingle() && each.contains(address)))
            .toList();
    return unnamed.isEmpty()
        ? NONE
        : new Gateways(
            machine.behind(), unnamed, unnamed.stream().filter(machine.own()::contains).toList());
  }

  /// Whether it is one of them.
  public boolean include(InetAddress address) {
    return !addresses.isEmpty() && addresses.contains(address);
  }

  /// What one of them is: `gateway of this container`, `own address of this container`.
  public String kind(InetAddress address) {
    return kind(of, own.contains(address));
  }

  static String kind(String of, boolean own) {
    return (own ? "own address of " : "gateway of ") + of;
  }

  /// `172.17.0.1, the gateway of this container`.
  String sentence() {
    return addresses.stream()
        .map(address -> IpText.of(address) + ", the " + kind(address))
        .collect(Collectors.joining(", and "));
  }
}
