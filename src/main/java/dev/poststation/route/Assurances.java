package dev.poststation.route;

import dev.poststation.config.Connector;
import dev.poststation.dns.DomainName;
import dev.poststation.dns.Resolver;
import dev.poststation.dns.Tlsa;
import dev.poststation.dns.TlsaSearch;
import dev.poststation.route.Exchangers.Search;
import dev.poststation.sts.Policies;
import dev.poststation.sts.StsPolicy;
import dev.poststation.sts.StsTerms;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Finds what is published of the hosts of a destination, where the terms of TLS depend on it: by
/// the DNS (RFC 7672), and by the domain (RFC 8461). Blocking; safe for any thread.
final class Assurances {
  private static final int AUTHORITY = 2;

  private static final Policies.Found NOT_ASKED = new Policies.Found.None("", true);

  private final Resolver resolver;
  private final Policies policies;

  Assurances(Resolver resolver, Policies policies) {
    this.resolver = resolver;
    this.policies = policies;
  }

  /// What is known of all hosts of a domain.
  ///
  /// @param unknown the domain, while it has a policy that cannot be had; empty: it has none, or
  ///   that is known
  private record Known(
      Assurance assurance, Optional<Policies.Found.Policy> policy, String unknown) {
    static final Known NOTHING = new Known(Assurance.NONE, Optional.empty(), "");

    Assurance of(String host) {
      return policy.map(each -> assurance.with(StsTerms.of(each, host))).orElse(assurance);
    }

    /// What makes connections different from others: who shares one shares what is known.
    String label() {
      String vouched = assurance.vouched() ? DestinationName.SIGNED : "";
      String names =
          assurance.names().isEmpty()
              ? ""
              : DestinationName.NAMES + String.join(",", assurance.names()) + ")";
      String apart = unknown.isEmpty() ? "" : DestinationName.STS_UNKNOWN + unknown + ")";
      return vouched + names + policy.map(Known::label).orElse(apart);
    }

    private static String label(Policies.Found.Policy policy) {
      boolean testing = policy.policy().mode() == StsPolicy.Mode.TESTING;
      return (testing ? DestinationName.STS_TESTING : DestinationName.STS) + policy.domain() + ")";
    }
  }

  /// Where mail for a domain goes: domains with the same hosts share a destination, if the same is
  /// demanded of these.
  Destination destination(Connector way, String domain, Search.Hosts found, List<String> facts) {
    var known = of(way, domain, found, way.port(), facts);
    var hops = hops(found, way.port(), false, 0, known);
    return new Destination(
        DestinationName.of(way.label() + known.label(), found.inOrder()), way, hops);
  }

  /// @param first the rank of the best
  private static List<NextHop> hops(
      Search.Hosts found, int port, boolean implicitTls, int first, Known known) {
    var hosts = found.inOrder();
    List<NextHop> hops = new ArrayList<>(hosts.size());
    int rank = first;
    for (int i = 0; i < hosts.size(); i++) {
      rank += i > 0 && hosts.get(i).preference() != hosts.get(i - 1).preference() ? 1 : 0;
      String name = hosts.get(i).name();
      hops.add(new NextHop(name, port, implicitTls, rank, 1, known.of(name)));
    }
    return hops;
  }

  /// A host that stands in the configuration: nobody can change its name. The domain whose policy
  /// counts is that name (RFC 8461 3.4).
  NextHop listed(
      Connector connector, String name, Connector.Host host, int rank, List<String> facts) {
    boolean asks = connector.tls().asks() && !host.name().startsWith(Connector.Host.UNIX);
    var assurance = Assurance.NONE;
    if (asks) {
      var plain = new Assurance(true, Connector.Tls.OPPORTUNISTIC, source(connector), List.of());
      var published = connector.tls().asksSts() ? policies.of(name) : NOT_ASKED;
      var known = new Known(plain.where(published), policy(published, facts), "");
      assurance = known.of(name).whose(name);
    }
    return new NextHop(name, host.port(), host.implicitTls(), rank, 1, assurance);
  }

  /// The mail exchangers of a domain that stands in the configuration.
  List<NextHop> of(
      Connector connector, Connector.Host host, Search.Hosts found, int rank, List<String> facts) {
    var known = of(connector, host.name(), found, host.port(), facts);
    return hops(found, host.port(), host.implicitTls(), rank, known).stream()
        .map(
            hop ->
                new NextHop(
                    hop.host(),
                    hop.port(),
                    hop.implicitTls(),
                    hop.rank(),
                    hop.weight(),
                    hop.assurance().whose(host.name())))
        .toList();
  }

  private Known of(Connector way, String domain, Search.Hosts found, int port, List<String> facts) {
    if (!way.tls().asks()) {
      return Known.NOTHING;
    }
    var plain = byDns(way, domain, found, port, facts);
    var published = way.tls().asksSts() ? policies.of(domain) : NOT_ASKED;
    var policy = policy(published, facts);
    var assurance = plain.where(published);
    policy.ifPresent(
        each -> {
          for (var host : found.inOrder()) {
            var terms = StsTerms.of(each, host.name());
            if (!terms.listed()) {
              facts.add(host.name() + " " + terms.unlisted());
            }
          }
        });
    return new Known(assurance, policy, unknown(way, domain, published));
  }

  /// What its policy is matters to reports, as soon as the domain announces one, and to mail that
  /// goes only where that is known: others at the same hosts have nothing to do with it.
  private static String unknown(Connector way, String domain, Policies.Found published) {
    boolean apart =
        published instanceof Policies.Found.None none
            && (none.trouble() != null || (way.tls().strict() && !none.sure()));
    return apart ? DomainName.ascii(domain).orElse(domain) : "";
  }

  /// The policy of a domain that asks for something.
  private static Optional<Policies.Found.Policy> policy(
      Policies.Found published, List<String> facts) {
    return switch (published) {
      case Policies.Found.None(var why, _, _) -> {
        if (!why.isEmpty()) {
          facts.add(why);
        }
        yield Optional.empty();
      }
      case Policies.Found.Policy found -> {
        String trouble = found.problem().isEmpty() ? "" : "; not fetched anew: " + found.problem();
        facts.add(
            "the MTA-STS policy of "
                + found.domain()
                + ": "
                + found.policy().describe()
                + " (id "
                + found.id()
                + ", until "
                + found.until()
                + trouble
                + ")");
        yield Optional.of(found).filter(each -> each.policy().mode() != StsPolicy.Mode.NONE);
      }
    };
  }

  private Assurance byDns(
      Connector way, String domain, Search.Hosts found, int port, List<String> facts) {
    if (!way.tls().level().byDane()) {
      boolean vouched = way.tls().strict() && found.vouched();
      return new Assurance(vouched, Connector.Tls.OPPORTUNISTIC, source(way), List.of());
    }
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
    // Where an authority vouches, the certificate may carry the domain, or the one that it is an
    // alias of (RFC 7672 3.2.2): such mail shares no connection with that of other domains.
    var names = byAuthority ? Stream.of(domain, found.domain()) : Stream.<String>empty();
    return new Assurance(true, Connector.Tls.OPPORTUNISTIC, source(way), ascii(names));
  }

  private static List<String> ascii(Stream<String> names) {
    return names.flatMap(each -> DomainName.ascii(each).stream()).distinct().toList();
  }

  private static String source(Connector connector) {
    var level = connector.tls().level();
    String what = level.bySts() ? level.byDane() ? "neither" : "no policy" : "no DANE";
    return connector.tls().source()
        + " = "
        + connector.tls().word()
        + ", which finds "
        + what
        + " here:";
  }
}
