package dev.poststation.config;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The whole configuration, checked: what is in here is consistent. Immutable; a reload makes a new
/// one.
///
/// @param hostname our name: greeting, EHLO, Received, Message-ID
/// @param data the directory of the spool and of the admin token
/// @param listeners in the order of their names
/// @param certificates chosen by SNI; the first is the default
/// @param clients in the order of the file: the first match decides
/// @param connectors by name
/// @param routes in the order of the file: the first match decides
/// @param content the services that look at mail, or change it, in their order
/// @param tlsReports what others are told of TLS; empty: nothing
/// @param rewriting which addresses become others when a mail comes in
/// @param dkim the domains whose mail is signed, by name
/// @param smime what signs and encrypts mail has in common
/// @param openPgp the same of OpenPGP
public record Configuration(
    String hostname,
    Path data,
    List<ListenerSettings> listeners,
    List<CertificateFiles> certificates,
    List<ClientRule> clients,
    Map<String, Connector> connectors,
    List<RouteRule> routes,
    List<ContentRule> content,
    Rewriting rewriting,
    UsersSettings users,
    DnsSettings dns,
    StsSettings sts,
    Optional<TlsReportSettings> tlsReports,
    Map<String, DkimDomain> dkim,
    SmimeSettings smime,
    OpenPgpSettings openPgp,
    BounceSettings bounces,
    SuppressionSettings suppression,
    QuarantineSettings quarantine,
    Limits limits,
    LogSettings log,
    TraceSettings trace,
    QueueSettings queue,
    SpoolSettings spool,
    AdminSettings admin) {
  public Configuration {
    listeners = List.copyOf(listeners);
    certificates = List.copyOf(certificates);
    clients = List.copyOf(clients);
    routes = List.copyOf(routes);
    content = List.copyOf(content);
  }

  /// Octets of the largest mail that any connector of a route takes.
  public long largestMail() {
    long most = routes.isEmpty() ? Long.MAX_VALUE : 0;
    for (var route : routes) {
      for (String name : route.via()) {
        var connector = connectors.get(name);
        long size = connector == null || !connector.type().sends() ? 0 : connector.line().maxSize();
        most = Math.max(most, size == 0 ? Long.MAX_VALUE : size);
      }
    }
    return most;
  }

  /// The connectors as they are, and as routes use them that name source addresses.
  public List<Connector> departing() {
    Set<Connector> all = new LinkedHashSet<>(connectors.values());
    for (var route : routes) {
      for (String name : route.source().isEmpty() ? List.<String>of() : route.via()) {
        var connector = connectors.get(name);
        if (connector != null) {
          all.add(connector.from(route.source()));
        }
      }
    }
    return List.copyOf(all);
  }

  /// What it changes when it is taken while the relay runs: what is only taken at a start stays as
  /// it is in the configuration in force.
  public Configuration asStarted(Configuration start) {
    return new Configuration(
        start.hostname,
        start.data,
        start.listeners,
        certificates,
        clients,
        connectors,
        routes,
        content,
        rewriting,
        users,
        start.dns,
        sts,
        tlsReports,
        dkim,
        smime,
        openPgp,
        start.bounces,
        suppression,
        quarantine.asStarted(start.quarantine),
        limits.asStarted(start.limits),
        log,
        trace,
        start.queue,
        start.spool,
        start.admin);
  }
}
