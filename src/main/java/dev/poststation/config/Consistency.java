package dev.poststation.config;

import dev.poststation.os.IpText;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Looks at whether the parts of a configuration fit together. Confined to one thread.
final class Consistency {
  /// Domains that are in use without being registered (RFC 6762 appendix G, and what ICANN has set
  /// aside).
  private static final Set<String> OWN_TOPS =
      Set.of("local", "internal", "intranet", "private", "corp", "home", "lan", "localdomain");

  private final Section in;
  private final Configuration configuration;

  /// Where something listens.
  private record Bound(String what, InetSocketAddress address, Origin origin) {}

  Consistency(Section in, Configuration configuration) {
    this.in = in;
    this.configuration = configuration;
  }

  void check() {
    checkHostname();
    checkAddresses();
    new ClientCheck(in, configuration).check();
    checkConnectors();
    checkRoutes();
    checkDkim();
    ScannerSizes.tell(configuration, in.reading().problems());
  }

  private void checkHostname() {
    String name = configuration.hostname();
    if (!name.contains(".") && !in.refused("hostname")) {
      in.warning(
          "hostname",
          "hostname is \"" + name + "\", which is no full name: many servers refuse mail from such",
          "write hostname = \"" + name + ".YOUR.DOMAIN\"");
    }
  }

  private void checkAddresses() {
    List<Bound> bound = new ArrayList<>();
    for (ListenerSettings listener : configuration.listeners()) {
      bound.add(new Bound("listener " + listener.name(), listener.bind(), listener.origin()));
    }
    bound.add(new Bound("admin", configuration.admin().bind(), in.origin("admin")));
    configuration
        .quarantine()
        .digest()
        .filter(DigestSettings::hasLinks)
        .ifPresent(it -> bound.add(new Bound("quarantine.digest", it.bind(), it.origin())));
    bound.sort((one, other) -> one.origin.compareTo(other.origin));
    for (int i = 0; i < bound.size(); i++) {
      for (int j = 0; j < i; j++) {
        Bound one = bound.get(i);
        Bound other = bound.get(j);
        if (collide(one.address, other.address)) {
          error(
              one.origin,
              one.what + " would listen where " + other.what + " does: " + IpText.at(other.address),
              "give one of them another address or port");
        }
      }
    }
  }

  /// A wildcard takes the port on all addresses; that of IPv6 takes it for IPv4 too. Port 0 is
  /// always a new one.
  private static boolean collide(InetSocketAddress one, InetSocketAddress other) {
    return one.getPort() == other.getPort()
        && one.getPort() != 0
        && (one.getAddress().equals(other.getAddress()) || takes(one, other) || takes(other, one));
  }

  private static boolean takes(InetSocketAddress wildcard, InetSocketAddress other) {
    int length = wildcard.getAddress().getAddress().length;
    return wildcard.getAddress().isAnyLocalAddress()
        && (length == 16 || other.getAddress().getAddress().length == 4);
  }

  private void checkConnectors() {
    if (configuration.connectors().isEmpty()) {
      in.error(
          "connectors",
          "there are no connectors: mail could go nowhere",
          "write, for example, connectors { internet { type = mx } }");
    }
    AuthCheck.choices(in, configuration);
    if (in.reading().problems().haveErrors()) {
      return; // What could not be read may be what is missing.
    }
    configuration.connectors().values().forEach(this::checkRoundabout);
    configuration.connectors().values().forEach(this::checkDane);
    configuration.connectors().values().forEach(this::checkSts);
    configuration.connectors().values().forEach(this::checkUnsigned);
    configuration.tlsReports().ifPresent(this::checkReports);
    Set<String> used = new HashSet<>();
    configuration.routes().forEach(route -> used.addAll(route.via()));
    for (Connector connector : configuration.connectors().values()) {
      if (!used.contains(connector.name()) && !configuration.routes().isEmpty()) {
        warning(
            connector.origin(),
            "no route leads to connector " + connector.name(),
            "name it in routes, or remove it");
      }
    }
  }

  private void checkDane(Connector connector) {
    if (configuration.dns().dnssec() != DnsSettings.Dnssec.OFF) {
      return;
    }
    if (connector.tls().level().byDane()) {
      withoutDnssec(connector.origin(), connector, connector.tls().level());
    }
    for (TlsFor each : connector.tlsFor()) {
      if (each.terms().level().byDane()) {
        withoutDnssec(each.origin(), connector, each.terms().level());
      }
    }
  }

  /// Reports are about what domains publish.
  private void checkReports(TlsReportSettings reports) {
    boolean some =
        configuration.connectors().values().stream()
            .anyMatch(
                each ->
                    each.tls().asks() || each.tlsFor().stream().anyMatch(it -> it.terms().asks()));
    if (!some) {
      warning(
          reports.origin(),
          "tls-reports: no connector looks at what domains publish about TLS, so there is nothing"
              + " to report",
          "write tls = dane-or-sts or tls = mta-sts in a connector of type mx");
    }
    String from = reports.from().domainKey();
    if (!configuration.dkim().isEmpty()
        && configuration.dkim().values().stream().noneMatch(each -> signs(each, from))) {
      warning(
          reports.origin(),
          "tls-reports: dkim has no key for "
              + from
              + ", the domain of from: receivers may ignore reports by mail that nobody has signed",
          "write dkim { \"" + from + "\" { } }, or a from of a domain that is there");
    }
  }

  private static boolean signs(DkimDomain domain, String from) {
    String name = domain.name().toLowerCase(Locale.ROOT);
    return from.equals(name)
        || (domain.subdomains() && from.endsWith("." + name))
        || !domain.alsoFor().isEmpty(); // It may be for this one.
  }

  /// The name of a host that stands in the file needs nobody's word; its certificate does.
  private void checkSts(Connector connector) {
    if (connector.tls().level() == Connector.Tls.MTA_STS
        && connector.hosts().stream().anyMatch(host -> !host.byMx())) {
      warning(
          connector.origin(),
          "connector "
              + connector.name()
              + " has tls = mta-sts for a host that stands in the file: only if that very name has"
              + " a policy its certificate is looked at",
          "write tls = verify, which always does");
    }
  }

  /// Of names that the root of the DNS does not know it is proven that they do not exist.
  private void checkUnsigned(Connector connector) {
    var dns = configuration.dns();
    if (dns.dnssec() != DnsSettings.Dnssec.VALIDATE) {
      return;
    }
    for (Connector.Host host : connector.hosts()) {
      String name = host.name().toLowerCase(Locale.ROOT);
      boolean own = OWN_TOPS.contains(name.substring(name.lastIndexOf('.') + 1));
      if (own && dns.unsigned().stream().noneMatch(each -> ("." + name).endsWith("." + each))) {
        String domain = name.substring(name.indexOf('.') + 1);
        warning(
            connector.origin(),
            "connector "
                + connector.name()
                + " has the host "
                + name
                + ", whose name the Internet does not know: dnssec = validate does not believe that"
                + " it exists",
            "write dns { unsigned = [\"" + domain + "\"] }, or put the host into /etc/hosts");
      }
    }
  }

  private void withoutDnssec(Origin origin, Connector connector, Connector.Tls level) {
    error(
        origin,
        "connector "
            + connector.name()
            + " has tls = "
            + Kinds.word(level)
            + ", but nobody proves what the DNS says",
        level.bySts()
            ? "write dns { dnssec = validate }, or tls = mta-sts"
            : "write dns { dnssec = validate }");
  }

  /// A smarthost that is this very relay would get each mail again until it is taken for a loop.
  private void checkRoundabout(Connector connector) {
    for (Connector.Host host : connector.hosts()) {
      InetAddress address = Addresses.numeric(host.name()).orElse(null);
      if (address == null || host.byMx()) {
        continue;
      }
      for (ListenerSettings listener : configuration.listeners()) {
        InetSocketAddress bind = listener.bind();
        boolean here =
            bind.getAddress().equals(address)
                || (bind.getAddress().isAnyLocalAddress() && address.isLoopbackAddress());
        if (here && bind.getPort() == host.port()) {
          error(
              connector.origin(),
              "connector "
                  + connector.name()
                  + " leads to listener "
                  + listener.name()
                  + " of this relay: its mail would go round in a loop",
              "name the host and port of the next hop");
        }
      }
    }
  }

  private void checkRoutes() {
    List<RouteRule> routes = configuration.routes();
    if (routes.isEmpty()) {
      String first = configuration.connectors().keySet().stream().findFirst().orElse("NAME");
      in.error(
          "routes",
          "there are no routes: mail could go nowhere",
          "write, for example, routes = [ { via = [" + first + "] } ]");
    }
    if (in.reading().problems().haveErrors()) {
      return; // A condition that could not be read seems to be none.
    }
    for (int i = 0; i < routes.size(); i++) {
      RouteRule route = routes.get(i);
      routes.subList(0, i).stream()
          .filter(before -> before.covers(route))
          .findFirst()
          .ifPresent(
              before ->
                  warning(
                      route.origin(),
                      "this route never matches: the one at " + before.origin() + " matches before",
                      "put it before that one, or remove it"));
    }
    routes.forEach(this::checkDiscards);
    new AlignmentCheck(in, configuration).check();
    if (routes.stream().noneMatch(RouteRule::matchesAll)) {
      in.warning(
          "routes",
          "no route is without conditions: mail that matches none of them has no way to go",
          "end the list with { via = [NAME] }");
    }
  }

  /// What a route throws away nobody gets back.
  private void checkDiscards(RouteRule route) {
    List<Connector> via =
        route.via().stream().map(name -> configuration.connectors().get(name)).toList();
    int first = 0;
    while (first < via.size() && via.get(first).type() != Connector.Type.DISCARD) {
      first++;
    }
    if (first == via.size()) {
      return;
    }
    String name = via.get(first).name();
    if (first == 0 && route.matchesAll()) {
      warning(
          route.origin(),
          "this route has no condition and discards all mail that comes to it, by connector "
              + name,
          "write from, to or client, or name another connector in via");
    } else if (first > 0) {
      warning(
          route.origin(),
          "connector "
              + name
              + " discards the mail of this route whenever "
              + via.get(first - 1).name()
              + " cannot take it for a while",
          "remove it from via: then the mail waits");
    }
    if (first + 1 < via.size()) {
      warning(
          route.origin(),
          "what stands behind connector " + name + " in via is never used: that discards the mail",
          "remove it, or put " + name + " last");
    }
  }

  /// A mail may leave after it has waited for long, and is verified then.
  private void checkDkim() {
    var signs =
        configuration.content().stream()
            .filter(rule -> rule.service() instanceof ContentService.DkimSign)
            .findFirst();
    if (signs.isPresent() && configuration.dkim().isEmpty()) {
      error(
          signs.get().origin(),
          "dkim-sign has no domain to sign by",
          "write, for example, dkim { \"example.com\" { } }, and see docs/manual/dkim.md");
    }
    for (var rule : configuration.content()) {
      if (rule.service() instanceof ArcService(var domain)
          && configuration.dkim().keySet().stream().noneMatch(domain::equalsIgnoreCase)) {
        error(
            rule.origin(),
            "arc-seal has no key: " + domain + " does not stand in dkim",
            "write, for example, dkim { \"" + domain + "\" { } }, and see docs/manual/dkim.md");
      }
    }
    boolean seals =
        configuration.content().stream().anyMatch(rule -> rule.service() instanceof ArcService);
    if (signs.isEmpty() && !seals && !configuration.dkim().isEmpty()) {
      warning(
          configuration.dkim().values().iterator().next().origin(),
          "dkim has the keys of domains, and nothing signs by them",
          "write content = [ { use = dkim-sign } ], when the keys are published");
    }
    var lifetime = configuration.queue().lifetime();
    for (DkimDomain domain : configuration.dkim().values()) {
      if (domain.keep().compareTo(lifetime) < 0) {
        warning(
            domain.origin(),
            "dkim."
                + domain.name()
                + ".keep is shorter than queue.lifetime: mail that waits may leave when the key"
                + " that signed it is published no more",
            "write keep = \"" + (lifetime.toDays() + 2) + " days\"");
      }
    }
  }

  private void error(Origin origin, String message, String remedy) {
    in.reading().problems().error(origin, message, remedy);
  }

  private void warning(Origin origin, String message, String remedy) {
    in.reading().problems().warning(origin, message, remedy);
  }
}
