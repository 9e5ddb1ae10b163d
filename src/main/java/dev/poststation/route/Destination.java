package dev.poststation.route;

import dev.poststation.config.Connector;
import java.util.List;

/// Where mail queues up: a connector and the set of hosts it leads to. Domains with the same mail
/// exchangers share one. Two are the same when their names are.
///
/// @param name for people and as a key: `provider`, or `internet:mx1.example.com,mx2.example.com`
/// @param hosts in the order to try; for mx, equal preferences are already shuffled
public record Destination(String name, Connector connector, List<NextHop> hosts) {
  public Destination {
    hosts = List.copyOf(hosts);
  }
}
