package dev.poststation.queue;

import dev.poststation.conditions.MailFacts;
import dev.poststation.conditions.UndecidedException;
import dev.poststation.config.Connector;
import dev.poststation.route.Resolution;
import dev.poststation.route.Route;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.TlsWish;
import java.util.List;
import java.util.Optional;

/// Where to: the router and the resolver of destinations, as the queue asks them. A reload brings
/// new ones.
public interface Directions {
  /// The rule for a recipient; empty when none matches. Reads the content where a rule asks for it.
  ///
  /// @param ask whether somebody may be asked for it, which takes its time
  /// @throws UndecidedException when that cannot be known now, or somebody has to be asked
  Optional<Route> route(MailFacts mail, Address recipient, boolean ask) throws UndecidedException;

  /// The rules before that one that would match if something were so that is not known of the mail.
  ///
  /// @throws UndecidedException when that cannot be known now
  default List<String> open(MailFacts mail, Address recipient) throws UndecidedException {
    return List.of();
  }

  /// Whether `resolve` answers for this connector without asking anybody.
  boolean immediate(Connector connector);

  /// All connectors that some rule leads to, as `route` has them for mail that wishes this of TLS.
  default List<Connector> connectors(TlsWish wish) {
    return List.of();
  }

  /// The connectors whose hosts are asked while nobody calls them: those where mail has another
  /// way.
  default List<Connector> standbys() {
    return List.of();
  }

  /// The destination that a connector leads to. May ask the DNS and take its time.
  Resolution resolve(Connector connector, String domain);
}
