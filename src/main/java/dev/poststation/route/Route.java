package dev.poststation.route;

import dev.poststation.config.Connector;
import dev.poststation.config.RouteRule;
import java.util.List;

/// Which rule matched a recipient, and the connectors to try in order. Pure configuration; nothing
/// was looked up yet.
///
/// @param number of the rule in the file, from 1
public record Route(int number, RouteRule rule, List<Connector> via) {
  public Route {
    via = List.copyOf(via);
  }

  /// For people: `route 2 (poststation.conf:17)`.
  public String describe() {
    return "route " + number + " (" + rule.origin() + ")";
  }
}
