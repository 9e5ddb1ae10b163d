package dev.poststation.route;

import dev.poststation.config.Connector;
import dev.poststation.os.Chance;
import java.util.List;
import java.util.Optional;

/// Where mail queues up: a connector, with one account if it has several, and the set of hosts it
/// leads to. Domains with the same mail exchangers share one. Two are the same when their names
/// are: mail of two accounts never shares a connection.
///
/// @param name for people and as a key: `provider`, `provider:sales@example.com`, or
///   `internet:mx1.example.com,mx2.example.com`
/// @param hosts by rising rank; each connection draws its order among those of the same
/// @param incomplete whether hosts are missing that cannot be found now, and may take what the
///   others cannot
public record Destination(
    String name, Connector connector, List<NextHop> hosts, boolean incomplete) {
  public Destination {
    hosts = List.copyOf(hosts);
  }

  /// One whose hosts are all known.
  public Destination(String name, Connector connector, List<NextHop> hosts) {
    this(name, connector, hosts, false);
  }

  /// Whether a destination of this name is one of this connector's, under terms of TLS that it has.
  ///
  /// @param name as a destination is called, or was when mail was put off
  public static boolean leads(Connector connector, String name) {
    var wish = connector.tls().wish();
    return begins(name, connector.label())
        || connector.tlsFor().stream()
            .anyMatch(each -> begins(name, connector.label(each.terms().wished(wish))));
  }

  private static boolean begins(String name, String label) {
    return name.startsWith(label) && DestinationName.follows(name.substring(label.length()));
  }

  /// The same with the hosts that follow the one we talked to.
  ///
  /// @param relay `host[address]:port` or `unix:path`, as a conversation names it
  public Destination after(String relay) {
    int place = host(relay).map(hosts::indexOf).orElse(hosts.size() - 1);
    return with(hosts.subList(place + 1, hosts.size()));
  }

  /// The host that a conversation is with; empty: none of these.
  ///
  /// @param relay `host[address]:port` or `unix:path`, as a conversation names it
  public Optional<NextHop> host(String relay) {
    for (NextHop hop : hosts) {
      if (hop.local() ? relay.equals(hop.host()) : isOf(hop, relay)) {
        return Optional.of(hop);
      }
    }
    return Optional.empty();
  }

  private static boolean isOf(NextHop hop, String relay) {
    return relay.startsWith(hop.host() + "[") && relay.endsWith("]:" + hop.port());
  }

  /// The same with its hosts in the order in which one connection tries them: those of the same
  /// rank by lot.
  public Destination drawn(Chance chance) {
    return hosts.size() < 2
        ? this
        : with(Turns.of(hosts, NextHop::rank, NextHop::weight, chance::below));
  }

  /// The same with other hosts.
  public Destination with(List<NextHop> others) {
    return new Destination(name, connector, others, incomplete);
  }
}
