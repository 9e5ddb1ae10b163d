package dev.poststation.queue;

import dev.poststation.config.Connector;
import dev.poststation.route.Resolution;
import dev.poststation.route.Route;
import dev.poststation.smtp.Address;
import java.util.Optional;

/// Where to: the router and the resolver of destinations, as the queue asks them. A reload brings
/// new ones.
public interface Directions {
  /// The rule for a recipient; empty when none matches. Pure and fast.
  Optional<Route> route(String client, Address sender, Address recipient);

  /// Whether `resolve` answers for this connector without asking anybody.
  boolean immediate(Connector connector);

  /// The destination that a connector leads to. May ask the DNS and take its time.
  Resolution resolve(Connector connector, String domain);
}
