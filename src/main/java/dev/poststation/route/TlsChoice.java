package dev.poststation.route;

import dev.poststation.config.Connector;
import dev.poststation.config.TlsFor;
import dev.poststation.message.AddressPatterns;
import dev.poststation.message.AddressPatterns.Kind;
import dev.poststation.smtp.Address;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Decides which terms of TLS hold towards the mail exchangers of a domain: those of the first
/// entry of `tls-for` that is for it, else those of the connector. Belongs to one configuration;
/// safe for any thread.
final class TlsChoice {
  private static final EnumSet<Kind> KINDS = EnumSet.of(Kind.DOMAIN, Kind.BELOW);

  private record Rule(AddressPatterns to, TlsFor written) {}

  /// Made ready to be compared, by the connector's name.
  private final Map<String, List<Rule>> rules = new ConcurrentHashMap<>();

  /// The connector under the terms that hold.
  ///
  /// @param facts what decided is added
  Connector of(Connector connector, String domain, List<String> facts) {
    if (connector.tlsFor().isEmpty()) {
      return connector;
    }
    var keys = AddressPatterns.keysOf(new Address("postmaster", domain), KINDS);
    for (var rule : rules.computeIfAbsent(connector.name(), _ -> rules(connector))) {
      if (rule.to.match(keys)) {
        var terms = rule.written.terms().wished(connector.tls().wish());
        facts.add("tls = " + terms.word() + " by tls-for at " + rule.written.origin());
        return connector.under(terms);
      }
    }
    return connector;
  }

  private static List<Rule> rules(Connector connector) {
    return connector.tlsFor().stream()
        .map(each -> new Rule(new AddressPatterns(each.to()), each))
        .toList();
  }
}
