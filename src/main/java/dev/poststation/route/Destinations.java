package dev.poststation.route;

import dev.poststation.config.Connector;
import dev.poststation.config.Connector.Host;
import dev.poststation.dns.DomainName;
import dev.poststation.dns.NumericAddress;
import dev.poststation.dns.Resolver;
import dev.poststation.message.Outcome;
import dev.poststation.message.Outcome.Stage;
import dev.poststation.os.Os;
import dev.poststation.route.Exchangers.Search;
import dev.poststation.smtp.EnhancedStatus;
import dev.poststation.sts.Policies;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Finds where a connector leads to for a domain, asking the DNS where that is needed. Blocking;
/// safe for any thread.
///
/// The addresses of a smarthost's plain hosts are not looked up here: that is done when it is
/// called.
public final class Destinations {
  /// More than a domain has mail exchangers.
  private static final int RANKS = 100;

  /// What a weight of one is worth: the share of a domain is divided among its mail exchangers.
  private static final int WEIGHT = 100;

  private final TlsChoice tls = new TlsChoice();
  private final Assurances assurances;
  private final Exchangers exchangers;
  private final Os os;

  /// Looks up with that resolver, and never leads to ourselves.
  ///
  /// @param policies what domains publish about TLS
  public Destinations(Resolver resolver, Policies policies, Ourselves ourselves, Os os) {
    this.os = os;
    this.assurances = new Assurances(resolver, policies);
    this.exchangers = new Exchangers(resolver, ourselves, os);
  }

  /// Whether `resolve` answers for this connector without asking anybody.
  public boolean immediate(Connector connector) {
    return connector.undecided()
        || !connector.type().sends()
        || (connector.type().listed() && !connector.tls().asksSts() && !byMx(connector.hosts()));
  }

  private static boolean byMx(List<Host> hosts) {
    for (var host : hosts) {
      if (host.byMx()) {
        return true;
      }
    }
    return false;
  }

  /// Where the connector leads to for mail to this domain.
  ///
  /// @param domain of the recipient, as in the envelope: any spelling, or an address literal
  public Resolution resolve(Connector connector, String domain) {
    if (connector.undecided()) {
      String text =
          "connector " + connector.name() + " has no account in auth for this sender and client";
      return new Resolution.Nowhere(ourFault(text), List.of());
    }
    return switch (connector.type()) {
      case SMARTHOST, LMTP, GRAPH, HTTP -> smarthost(connector);
      case MX -> byDomain(connector, domain);
      case HOLD -> kept(new Outcome.Held(connector.where() + " holds mail for an administrator"));
      case DISCARD -> kept(new Outcome.Discarded("discarded by " + connector.where()));
    };
  }

  private static Resolution kept(Outcome outcome) {
    return new Resolution.Nowhere(outcome, List.of());
  }

  private Resolution byDomain(Connector connector, String domain) {
    List<String> facts = new ArrayList<>();
    if (domain.isEmpty()) { // RCPT TO:<Postmaster>
      String text = "a recipient without domain cannot be sent by MX: route it to a smarthost";
      return new Resolution.Nowhere(ourFault(text), facts);
    }
    return switch (exchangers.search(domain, connector.port(), facts)) {
      case Search.None(var why) -> new Resolution.Nowhere(why, facts);
      case Search.Hosts hosts -> {
        var way = tls.of(connector, domain, facts);
        yield new Resolution.Found(assurances.destination(way, domain, hosts, facts), facts);
      }
    };
  }

  private Resolution smarthost(Connector connector) {
    List<String> facts = new ArrayList<>();
    List<NextHop> nextHops = new ArrayList<>(connector.hosts().size());
    List<Outcome> failures = new ArrayList<>();
    for (var host : connector.hosts()) {
      int weight = host.weight() * WEIGHT;
      int rank = host.priority() * RANKS;
      if (!host.byMx()) {
        nextHops.add(
            assurances.listed(connector, spelled(host.name()), host, rank, facts).weighing(weight));
        continue;
      }
      switch (exchangers.search(host.name(), host.port(), facts)) {
        case Search.None(var why) -> {
          facts.add("mx:" + host.name() + ": " + why.text());
          failures.add(why);
        }
        case Search.Hosts hosts -> {
          var all = assurances.of(connector, host, hosts, rank, facts);
          for (var hop : all) {
            long equals = all.stream().filter(each -> each.rank() == hop.rank()).count();
            nextHops.add(hop.weighing((int) Math.ceilDiv(weight, equals)));
          }
        }
      }
    }
    return nextHops.isEmpty()
        ? new Resolution.Nowhere(deferred(connector, failures), facts)
        : new Resolution.Found(
            new Destination(connector.label(), connector, nextHops, !failures.isEmpty())
                .drawn(os.chance()),
            facts);
  }

  private static String spelled(String host) {
    if (host.startsWith(Host.UNIX)) {
      return host;
    }
    Optional<InetAddress> numeric = NumericAddress.parse(host);
    return numeric.isPresent()
        ? numeric.get().getHostAddress()
        : DomainName.ascii(host).orElse(host);
  }

  /// A smarthost that cannot be found is never the sender's fault: his mail waits.
  private static Outcome deferred(Connector connector, List<Outcome> failures) {
    for (var failure : failures) {
      if (failure instanceof Outcome.Deferred) {
        return failure;
      }
    }
    String why = failures.isEmpty() ? "it has no host" : failures.getFirst().text();
    return ourFault("connector " + connector.name() + " leads nowhere: " + why);
  }

  private static Outcome ourFault(String text) {
    return new Outcome.Deferred(Stage.ROUTE, new EnhancedStatus(4, 3, 5), text, null);
  }
}
