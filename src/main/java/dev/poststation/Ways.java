package dev.poststation;

import dev.poststation.config.Connector;
import dev.poststation.queue.Directions;
import dev.poststation.route.Destinations;
import dev.poststation.route.MailFacts;
import dev.poststation.route.Resolution;
import dev.poststation.route.Route;
import dev.poststation.route.Router;
import dev.poststation.route.UndecidedException;
import dev.poststation.smtp.Address;
import java.util.List;
import java.util.Optional;

/// Where mail goes by one configuration. Safe for any thread.
record Ways(Router router, Destinations destinations) implements Directions {
  @Override
  public Optional<Route> route(MailFacts mail, Address recipient) throws UndecidedException {
    return router.route(mail, recipient);
  }

  @Override
  public List<String> open(MailFacts mail, Address recipient) throws UndecidedException {
    return router.open(mail, recipient);
  }

  @Override
  public boolean immediate(Connector connector) {
    return destinations.immediate(connector);
  }

  @Override
  public Resolution resolve(Connector connector, String domain) {
    return destinations.resolve(connector, domain);
  }
}
