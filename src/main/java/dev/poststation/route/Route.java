package dev.poststation.route;

import dev.poststation.config.Connector;
import dev.poststation.config.RouteRule;
import java.util.List;

/// Which rule matched a recipient, and the connectors to try in order. Pure configuration; nothing was looked up yet.
public record Route(RouteRule rule, List<Connector> via) {
  public Route {
    via = List.copyOf(via);
  }

  /// The rule for people: `route at poststation.conf:17`.
  public String describe() {
    return "route at " + rule.origin();
  }
}
