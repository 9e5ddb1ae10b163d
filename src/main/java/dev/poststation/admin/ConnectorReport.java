package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.Poststation;
import dev.poststation.config.Account;
import dev.poststation.config.Configuration;
import dev.poststation.config.Connector;
import dev.poststation.config.Secret;
import dev.poststation.config.SourceAddress;
import dev.poststation.oauth.TokenState;
import dev.poststation.queue.DestinationView;
import dev.poststation.queue.Queue;
import dev.poststation.queue.Quotas;
import dev.poststation.route.NextHop;
import dev.poststation.tls.Certificates;
import dev.poststation.tls.ShownCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How each connector is, as JSON: what stands in the file, and of a relay that runs how its hosts,
/// quotas and tokens are. Pure functions, but for files of certificates that changed.
public final class ConnectorReport {
  private ConnectorReport() {}

  /// How a connector is, in one word.
  enum State {
    /// A mail was delivered, and nothing speaks against the next.
    WORKS,
    /// Nothing was delivered since the start, and nothing failed.
    UNUSED,
    /// Mail goes, but not by all hosts, or not all of it.
    LIMPING,
    /// No host takes mail, or lets us in.
    FAILING,
    /// There is no token to log in with, as any of its accounts.
    PAUSED,
    /// It keeps mail, as it should.
    HOLDS,
    /// It throws mail away, as it should.
    DISCARDS,
    /// No relay runs that could tell.
    UNKNOWN
  }

  /// As a relay that runs has them.
  static ObjectNode of(Poststation relay) {
    return all(relay.configuration(), relay.shownCertificates(), relay);
  }

  /// As the file has them; no relay runs.
  public static ObjectNode of(Configuration configuration, ShownCertificates shown) {
    return all(configuration, shown, null);
  }

  private static ObjectNode all(
      Configuration configuration, ShownCertificates shown, @Nullable Poststation relay) {
    var answer = Json.object();
    answer.put("running", relay != null);
    var connectors = answer.putArray("connectors");
    for (var connector : configuration.connectors().values()) {
      var entry = connectors.addObject();
      entry.put("name", connector.name());
      entry.put("origin", connector.origin().text());
      entry.put("type", Json.word(connector.type()));
      accounts(connector).forEach(entry.putArray("accounts")::add);
      var certificates = entry.putArray("certificates");
      certificates(certificates, "tls", shown.toNextHops(connector));
      certificates(certificates, "oauth", shown.toTokenServers(connector));
      sources(entry, sources(connector, configuration), relay);
      if (relay == null) {
        state(entry, kept(connector).orElse(State.UNKNOWN), null, null, "");
        hosts(entry.putArray("hosts"), connector, List.of(), Set.of());
        quotas(entry.putArray("quotas"), connector);
      } else {
        running(entry, connector, relay);
      }
    }
    return answer;
  }

  /// Its own, and those of routes that it is used by.
  private static List<SourceAddress> sources(Connector connector, Configuration configuration) {
    Map<InetAddress, SourceAddress> all = new LinkedHashMap<>();
    configuration.departing().stream()
        .filter(each -> each.name().equals(connector.name()))
        .flatMap(each -> each.egress().sources().stream())
        .forEach(source -> all.putIfAbsent(source.address(), source));
    return List.copyOf(all.values());
  }

  private static void sources(
      ObjectNode entry, List<SourceAddress> all, @Nullable Poststation relay) {
    var sources = entry.putArray("sources");
    for (var source : all) {
      var its = sources.addObject().put("source", source.toString());
      if (relay != null) {
        var view = relay.sources().view(source);
        its.put("state", view.state()).put("reason", view.text());
        var most = view.most();
        if (most != null) {
          its.put("sentToday", view.sent()).put("mostToday", most);
        }
      }
    }
  }

  private static List<String> accounts(Connector connector) {
    var auth = connector.auth();
    return auth == null ? List.of() : auth.accounts().stream().map(Account::name).toList();
  }

  private static void running(ObjectNode entry, Connector connector, Poststation relay) {
    var views =
        relay.queue().destinations().stream().filter(view -> isOf(view, connector)).toList();
    var tokens =
        relay.tokens().states().stream()
            .filter(state -> state.account().connector().equals(connector.name()))
            .toList();
    var lately = relay.queue().lately(connector.name());
    var secrets = unreadable(connector);
    judge(entry, connector, views, tokens, secrets, relay);
    entry.put("destinations", views.size());
    entry.put("setAside", views.stream().filter(view -> view.setAsideUntil() != null).count());
    entry.put("connections", views.stream().mapToInt(DestinationView::connections).sum());
    entry.put("connectionsMax", connector.maxConnections());
    var busy = views.stream().map(DestinationView::busy).filter(words -> !words.isEmpty());
    entry.put("busy", busy.findFirst().orElse(""));
    hosts(entry.putArray("hosts"), connector, views, lately.reached());
    quotas(entry.putArray("quotas"), connector, relay.queue());
    entry.set("tokens", TokenReport.list(tokens));
    entry.set("secrets", Json.texts(secrets));
    Json.time(entry, "lastDelivery", lately.delivered());
    Json.time(entry, "lastFailure", lately.failed());
    entry.put("failure", lately.failure());
  }

  /// A destination is called after its connector, its terms of TLS, the source addresses of its
  /// route and its account.
  private static boolean isOf(DestinationView view, Connector connector) {
    String name = view.name();
    int end = connector.name().length();
    return name.startsWith(connector.name())
        && (name.length() == end || ":/@".indexOf(name.charAt(end)) >= 0);
  }

  private static Optional<State> kept(Connector connector) {
    return switch (connector.type()) {
      case HOLD -> Optional.of(State.HOLDS);
      case DISCARD -> Optional.of(State.DISCARDS);
      default -> Optional.empty();
    };
  }

  private static void judge(
      ObjectNode entry,
      Connector connector,
      List<DestinationView> views,
      List<TokenState> tokens,
      List<String> secrets,
      Poststation relay) {
    var kept = kept(connector);
    if (kept.isPresent()) {
      state(entry, kept.get(), null, null, "");
      return;
    }
    var paused =
        tokens.stream().filter(token -> token.standing() == TokenState.Standing.PAUSED).toList();
    if (!paused.isEmpty() && paused.size() == accounts(connector).stream().distinct().count()) {
      var first = paused.getFirst();
      state(entry, State.PAUSED, first.since(), null, first.problem());
      return;
    }
    // Some destinations of the Internet never work: there, one that fails is not the connector.
    boolean listed = connector.type().listed();
    var failing = views.stream().filter(view -> view.since() != null).findFirst();
    if (failing.isPresent() && listed) {
      var view = failing.get();
      boolean all = views.stream().allMatch(each -> each.since() != null);
      var state = all ? State.FAILING : State.LIMPING;
      state(entry, state, view.since(), view.setAsideUntil(), view.reason());
      return;
    }
    if (limps(entry, paused, secrets) || (listed && limps(entry, views, relay))) {
      return;
    }
    var lately = relay.queue().lately(connector.name());
    if (lately.delivered() == null && lately.failed() != null) {
      boolean some = views.stream().anyMatch(view -> view.since() == null);
      String reason = "nothing was delivered yet: " + lately.failure();
      state(entry, some ? State.LIMPING : State.FAILING, null, null, reason);
      return;
    }
    state(entry, lately.delivered() == null ? State.UNUSED : State.WORKS, null, null, "");
  }

  /// Because of some of its accounts.
  private static boolean limps(ObjectNode entry, List<TokenState> paused, List<String> secrets) {
    for (var token : paused) {
      String reason = "no token for " + token.account().user() + ": " + token.problem();
      state(entry, State.LIMPING, token.since(), null, reason);
      return true;
    }
    for (String secret : secrets) {
      state(entry, State.LIMPING, null, null, secret);
      return true;
    }
    return false;
  }

  /// Because of some of its hosts, or of what they say.
  private static boolean limps(ObjectNode entry, List<DestinationView> views, Poststation relay) {
    for (var view : views) {
      for (var host : view.hosts()) {
        if (host.last()) {
          state(entry, State.LIMPING, host.since(), host.probe(), host.name() + " comes last");
          return true;
        }
      }
      var trouble = relay.queue().trouble(view.name());
      if (trouble.isPresent()) {
        state(entry, State.LIMPING, null, null, trouble.get().text());
        return true;
      }
    }
    return false;
  }

  /// Secrets in files that cannot be read just now, which shows else only at the next login. What
  /// comes from a command is not asked for: it may act on other systems.
  private static List<String> unreadable(Connector connector) {
    var auth = connector.auth();
    List<String> problems = new ArrayList<>();
    for (var account : auth == null ? List.<Account>of() : auth.accounts()) {
      var grant = account.grant();
      var secret = grant == null ? account.password() : grant.clientSecret();
      if (secret != null) {
        unreadable(secret, account.name(), problems);
      }
    }
    var endpoint = connector.endpoint();
    if (endpoint != null && endpoint.token() != null) {
      unreadable(endpoint.token(), "token", problems);
    }
    return problems;
  }

  private static void unreadable(Secret secret, String whose, List<String> problems) {
    if (secret.file().isPresent()) {
      try {
        secret.reveal();
      } catch (IOException e) {
        problems.add("the secret of " + whose + " cannot be used: " + e.getMessage());
      }
    }
  }

  private static void state(
      ObjectNode entry,
      State state,
      @Nullable Instant since,
      @Nullable Instant until,
      String reason) {
    entry.put("state", Json.word(state));
    Json.time(entry, "since", since);
    Json.time(entry, "until", until);
    entry.put("reason", reason);
  }

  /// Those of the file, and what the DNS made of them; of mail exchangers none, for there may be
  /// thousands.
  private static void hosts(
      ArrayNode hosts, Connector connector, List<DestinationView> views, Set<String> reached) {
    if (!connector.type().listed()) {
      return;
    }
    Map<String, DestinationView.Host> known = new LinkedHashMap<>();
    for (var view : views) {
      // Each account has its own breakers: the worst is told.
      view.hosts().forEach(host -> known.merge(host.name(), host, ConnectorReport::worse));
    }
    for (var host : connector.hosts()) {
      String written =
          host.byMx()
              ? "mx:" + host.name()
              : new NextHop(host.name(), host.port(), host.implicitTls()).toString();
      var health = known.remove(written);
      var entry = hosts.addObject().put("host", written);
      entry.put("priority", host.priority()).put("weight", host.weight());
      entry.put("byMx", host.byMx()).put("reached", reached.contains(written));
      health(entry, health, views);
    }
    known.forEach(
        (name, health) -> {
          var entry = hosts.addObject().put("host", name).put("reached", reached.contains(name));
          health(entry, health, views);
        });
  }

  private static DestinationView.Host worse(DestinationView.Host one, DestinationView.Host other) {
    return Comparator.comparing(DestinationView.Host::last)
                .thenComparingInt(DestinationView.Host::failures)
                .compare(one, other)
            < 0
        ? other
        : one;
  }

  /// The breaker of a host. Where it is the only one, it is the destination that is set aside.
  private static void health(
      ObjectNode entry, DestinationView.@Nullable Host health, List<DestinationView> views) {
    if (health == null) {
      return;
    }
    var whole =
        views.stream()
            .filter(view -> view.since() != null && view.hosts().size() == 1)
            .filter(view -> view.hosts().getFirst().name().equals(health.name()))
            .findFirst();
    Json.time(entry, "answered", health.answered());
    entry.put("failures", health.failures());
    entry.put("last", health.last());
    Json.time(entry, "since", whole.map(DestinationView::since).orElse(health.since()));
    Json.time(entry, "probe", whole.map(DestinationView::setAsideUntil).orElse(health.probe()));
    entry.put("reason", whole.map(DestinationView::reason).orElse(health.reason()));
  }

  private static void certificates(
      ArrayNode certificates, String use, List<Certificates.InUse> shown) {
    for (var certificate : shown) {
      var entry = certificates.addObject().put("use", use);
      entry.put("file", certificate.chain().toString());
      certificate.names().forEach(entry.putArray("names")::add);
      Json.time(entry, "expires", certificate.expires());
    }
  }

  private static void quotas(ArrayNode quotas, Connector connector, Queue queue) {
    for (var each : connector.withQuotas()) {
      quotasOfOne(quotas, each, queue.quotas());
      int most = each.pool().connections();
      if (most > 0) {
        int open = queue.connections(each);
        var entry = quotas.addObject().put("of", each.quotaHolder());
        entry.put("counts", "connections").put("quota", String.valueOf(most));
        entry.put("used", open).put("left", Math.max(0, most - open));
      }
    }
  }

  private static void quotasOfOne(ArrayNode quotas, Connector connector, Quotas used) {
    for (var quota : used.used(connector)) {
      var entry = quotas.addObject();
      entry.put("of", quota.who());
      entry.put("counts", quota.recipients() ? "recipients" : "mails");
      entry.put("quota", quota.rate().toString());
      entry.put("used", quota.rate().count() - quota.left());
      entry.put("left", quota.left());
      Json.time(entry, "free", quota.free());
    }
  }

  private static void quotas(ArrayNode quotas, Connector connector) {
    var pool = connector.pool();
    pool.quota()
        .forEach(rate -> quotas.addObject().put("counts", "mails").put("quota", rate.toString()));
    pool.quotaRecipients()
        .forEach(
            rate -> quotas.addObject().put("counts", "recipients").put("quota", rate.toString()));
    if (pool.connections() > 0) {
      var entry = quotas.addObject().put("counts", "connections");
      entry.put("quota", String.valueOf(pool.connections()));
    }
  }
}
