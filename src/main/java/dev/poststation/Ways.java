package dev.poststation;

import dev.poststation.conditions.MailFacts;
import dev.poststation.conditions.UndecidedException;
import dev.poststation.config.Configuration;
import dev.poststation.config.Connector;
import dev.poststation.dns.Resolver;
import dev.poststation.ldap.Directories;
import dev.poststation.os.Os;
import dev.poststation.queue.Directions;
import dev.poststation.route.Destinations;
import dev.poststation.route.Ourselves;
import dev.poststation.route.Resolution;
import dev.poststation.route.Route;
import dev.poststation.route.Router;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.TlsWish;
import dev.poststation.sts.Policies;
import dev.poststation.sts.PolicySite;
import java.util.List;
import java.util.Optional;

/// Where mail goes by one configuration. Safe for any thread.
record Ways(Router router, Destinations destinations) implements Directions {
  /// The ways of a configuration.
  static Ways of(
      Configuration configuration,
      Directories directories,
      Resolver resolver,
      Policies policies,
      Os os) {
    var ourselves = Ourselves.of(configuration, os);
    return new Ways(
        new Router(configuration, directories),
        new Destinations(resolver, policies, ourselves, os));
  }

  /// Those that would be if it were in force, for commands beside the relay.
  static Ways beside(Configuration configuration, Resolver resolver, Os os) {
    var site = PolicySite.of(configuration::sts, os);
    var policies = Policies.reading(resolver, site, os, configuration.data());
    return of(configuration, new Directories(os, resolver), resolver, policies, os);
  }

  @Override
  public Optional<Route> route(MailFacts mail, Address recipient, boolean ask)
      throws UndecidedException {
    return router.route(mail, recipient, ask);
  }

  @Override
  public List<String> open(MailFacts mail, Address recipient) throws UndecidedException {
    return router.open(mail, recipient);
  }

  @Override
  public List<Connector> connectors(TlsWish wish) {
    return router.connectors(wish);
  }

  @Override
  public List<Connector> standbys() {
    return router.standbys();
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
