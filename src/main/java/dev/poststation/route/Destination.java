package dev.poststation.route;

import dev.poststation.config.Connector;
import java.util.List;

/// Where mail queues up: a connector, with one account if it has several, and the set of hosts it
/// leads to. Domains with the same mail exchangers share one. Two are the same when their names
/// are: mail of two accounts never shares a connection.
///
/// @param name for people and as a key: `provider`, `provider:sales@example.com`, or
///   `internet:mx1.example.com,mx2.example.com`
/// @param hosts in the order to try; for mx, equal preferences are already shuffled
public record Destination(String name, Connector connector, List<NextHop> hosts) {
  public Destination {
    hosts = List.copyOf(hosts);
  }

  /// The same with the hosts that follow the one we talked to.
  ///
  /// @param relay `host[address]:port`, as a conversation names it
  public Destination after(String relay) {
    int bracket = relay.indexOf('[');
    String host = bracket < 0 ? relay : relay.substring(0, bracket);
    for (int i = 0; i < hosts.size(); i++) {
      if (hosts.get(i).host().equals(host)) {
        return new Destination(name, connector, hosts.subList(i + 1, hosts.size()));
      }
    }
    return new Destination(name, connector, List.of());
  }
}
