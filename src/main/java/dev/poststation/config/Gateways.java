package dev.poststation.config;

import dev.poststation.os.IpText;
import java.net.InetAddress;
import java.util.List;

/// Addresses within the networks of an entry of `clients` that are not let in by them: everybody's
/// connections seem to come from there, so that they say nothing of where a client is
/// (docs/adr/0014-gateways.md). Immutable.
///
/// @param of what they are gateways of: `this container`
public record Gateways(String of, List<InetAddress> addresses) {
  /// None.
  public static final Gateways NONE = new Gateways("", List.of());

  public Gateways {
    addresses = List.copyOf(addresses);
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
    return unnamed.isEmpty() ? NONE : new Gateways(machine.behind(), unnamed);
  }

  /// Whether it is one of them.
  public boolean include(InetAddress address) {
    return !addresses.isEmpty() && addresses.contains(address);
  }

  /// `172.17.0.1, the gateway of this container`.
  String sentence() {
    return String.join(" and ", addresses.stream().map(IpText::of).toList())
        + ", the gateway"
        + (addresses.size() == 1 ? "" : "s")
        + " of "
        + of;
  }
}
