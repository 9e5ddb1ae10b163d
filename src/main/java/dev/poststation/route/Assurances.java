package dev.poststation.route;

import dev.poststation.config.Connector;
import dev.poststation.dns.DomainName;
import dev.poststation.dns.Resolver;
import dev.poststation.dns.Tlsa;
import dev.poststation.dns.TlsaSearch;
import dev.poststation.route.Exchangers.Search;
import java.util.ArrayList;
import java.util.List;

/// Finds what the DNS says of the hosts of a destination, where the terms of TLS depend on it (RFC
/// 7672). Blocking; safe for any thread.
final class Assurances {
  private static final int AUTHORITY = 2;

  private final Resolver resolver;

  Assurances(Resolver resolver) {
    this.resolver = resolver;
  }

  /// Where mail for a domain goes: domains with the same hosts share a destination, if the same is
  /// demanded of these.
  Destination destination(Connector way, String domain, Search.Hosts found, List<String> facts) {
    var assurance = Assurance.NONE;
    String label = way.label();
    if (way.tls().level().asksDns()) {
      assurance = of(way, domain, found, way.port(), facts);
      label = way.label() + label(assurance);
    }
    var hops = hops(found, way.port(), false, 0, assurance);
    return new Destination(DestinationName.of(label, found.inOrder()), way, hops);
  }

  /// @param first the rank of the best
  private static List<NextHop> hops(
      Search.Hosts found, int port, boolean implicitTls, int first, Assurance assurance) {
    var hosts = found.inOrder();
    List<NextHop> hops = new ArrayList<>(hosts.size());
    int rank = first;
    for (int i = 0; i < hosts.size(); i++) {
      rank += i > 0 && hosts.get(i).preference() != hosts.get(i - 1).preference() ? 1 : 0;
      hops.add(new NextHop(hosts.get(i).name(), port, implicitTls, rank, assurance));
    }
    return hops;
  }

  private static String label(Assurance assurance) {
    String vouched = assurance.vouched() ? "/signed" : "";
    return assurance.names().isEmpty()
        ? vouched
        : vouched + "(" + String.join(",", assurance.names()) + ")";
  }

  /// A host that stands in the configuration: nobody can change its name.
  static NextHop listed(Connector connector, String name, Connector.Host host, int rank) {
    var assurance =
        connector.tls().level().asksDns() && !host.name().startsWith(Connector.Host.UNIX)
            ? new Assurance(true, Connector.Tls.OPPORTUNISTIC, source(connector), List.of())
            : Assurance.NONE;
    return new NextHop(name, host.port(), host.implicitTls(), rank, assurance);
  }

  /// The mail exchangers of a domain that stands in the configuration.
  List<NextHop> of(
      Connector connector, Connector.Host host, Search.Hosts found, int rank, List<String> facts) {
    var assurance =
        connector.tls().level().asksDns()
            ? of(connector, host.name(), found, host.port(), facts)
            : Assurance.NONE;
    return hops(found, host.port(), host.implicitTls(), rank, assurance);
  }

  private Assurance of(
      Connector way, String domain, Search.Hosts found, int port, List<String> facts) {
    if (!found.vouched()) {
      facts.add("DNSSEC does not vouch for the mail exchangers of " + domain + ": no DANE");
      return new Assurance(false, Connector.Tls.OPPORTUNISTIC, source(way), List.of());
    }
    boolean byAuthority = false;
    for (var host : found.inOrder()) {
      switch (TlsaSearch.of(resolver, host.name(), port)) {
        case TlsaSearch.Found.Nothing(var why) ->
            facts.add("no DANE for " + host.name() + ": " + why);
        case TlsaSearch.Found.Failed(var reason) -> facts.add("not usable now: " + reason);
        case TlsaSearch.Found.Records(var base, var records) -> {
          facts.add(
              "TLSA _"
                  + port
                  + "._tcp."
                  + base
                  + ": "
                  + String.join(", ", records.stream().map(Tlsa::toString).toList()));
          byAuthority |= records.stream().anyMatch(each -> each.usage() == AUTHORITY);
        }
      }
    }
    // Where an authority vouches, the certificate may carry the domain (RFC 7672 3.2.2): such mail
    // shares no connection with that of other domains.
    List<String> names = byAuthority ? DomainName.ascii(domain).stream().toList() : List.of();
    return new Assurance(true, Connector.Tls.OPPORTUNISTIC, source(way), names);
  }

  private static String source(Connector connector) {
    return connector.tls().source()
        + " = "
        + connector.tls().word()
        + ", which finds no DANE here:";
  }
}
