package dev.poststation.route;

import dev.poststation.conditions.MailFacts;
import dev.poststation.conditions.UndecidedException;
import dev.poststation.config.AdminSettings;
import dev.poststation.config.BounceSettings;
import dev.poststation.config.Configuration;
import dev.poststation.config.Connector;
import dev.poststation.config.DnsSettings;
import dev.poststation.config.Egress;
import dev.poststation.config.Limits;
import dev.poststation.config.Line;
import dev.poststation.config.LogSettings;
import dev.poststation.config.MimeLimits;
import dev.poststation.config.OpenPgpSettings;
import dev.poststation.config.Origin;
import dev.poststation.config.OutbreakSettings;
import dev.poststation.config.Pool;
import dev.poststation.config.QuarantineSettings;
import dev.poststation.config.QueueSettings;
import dev.poststation.config.Rewriting;
import dev.poststation.config.RouteConditions;
import dev.poststation.config.RouteRule;
import dev.poststation.config.SmimeSettings;
import dev.poststation.config.SpoolSettings;
import dev.poststation.config.StsSettings;
import dev.poststation.config.SuppressionSettings;
import dev.poststation.config.TlsTerms;
import dev.poststation.config.TraceSettings;
import dev.poststation.config.UsersSettings;
import dev.poststation.config.WebKeyDirectories;
import dev.poststation.ldap.Directories;
import dev.poststation.message.Envelope;
import dev.poststation.os.Chance;
import dev.poststation.os.Os;
import dev.poststation.sim.LonelyNetwork;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.smtp.Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Settings for the tests of this package.
final class Samples {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private Samples() {}

  static Connector smarthost(String name, Connector.Host... hosts) {
    return connector(name, Connector.Type.SMARTHOST, 25, hosts);
  }

  /// One without hosts.
  static Connector of(String name, Connector.Type type) {
    return connector(name, type, 25);
  }

  static Connector mx(String name, int port) {
    return connector(name, Connector.Type.MX, port);
  }

  private static Connector connector(
      String name, Connector.Type type, int port, Connector.Host... hosts) {
    var timeouts =
        new Connector.Timeouts(
            MINUTE, MINUTE, MINUTE, MINUTE, MINUTE, MINUTE, MINUTE, MINUTE, MINUTE);
    return new Connector(
        name,
        type,
        List.of(hosts),
        port,
        TlsTerms.of(Connector.Tls.OPPORTUNISTIC, "tls of connector " + name),
        List.of(),
        Connector.AddressFamily.IPV6,
        null,
        null,
        Egress.DIRECT,
        20,
        100,
        100,
        MINUTE,
        Pool.STANDARD,
        Line.FREE,
        timeouts,
        null,
        null,
        false,
        null,
        Origin.DEFAULT);
  }

  /// A rule that stands in that line.
  static RouteRule rule(
      int line, List<String> from, List<String> to, List<String> client, String... via) {
    return new RouteRule(
        RouteConditions.of(from, to, client),
        List.of(via),
        RouteRule.USUAL,
        new Origin("poststation.conf", line));
  }

  /// A mail of which nothing else is known.
  static MailFacts mail(String client, Address sender) {
    return MailFacts.of(new Envelope.Source(client, "relay", "", "", "ESMTP"), sender, -1, null);
  }

  /// The route of such a mail.
  static Optional<Route> route(Router router, String client, Address sender, Address recipient) {
    try {
      return router.route(mail(client, sender), recipient, false);
    } catch (UndecidedException e) {
      throw new AssertionError(e);
    }
  }

  /// A router for these rules, with a smarthost for each name in `via`.
  static Router router(List<RouteRule> rules) {
    Map<String, Connector> connectors = new HashMap<>();
    for (var rule : rules) {
      rule.via().forEach(name -> connectors.put(name, smarthost(name)));
    }
    return router(configuration(connectors, rules));
  }

  /// A router whose rules ask no directory.
  static Router router(Configuration configuration) {
    return new Router(configuration, new Directories(Os.real(), new ScriptedResolver()));
  }

  static Configuration configuration(Map<String, Connector> connectors, List<RouteRule> rules) {
    return new Configuration(
        "relay.example.com",
        Path.of("data"),
        List.of(),
        List.of(),
        List.of(),
        connectors,
        rules,
        List.of(),
        Rewriting.NONE,
        new UsersSettings(Path.of("users"), 4096, null, 10, MINUTE),
        new DnsSettings(List.of(), MINUTE),
        new StsSettings(null, MINUTE),
        Optional.empty(),
        Map.of(),
        new SmimeSettings(
            null,
            MINUTE,
            null,
            new SmimeSettings.Harvest(false, MINUTE, 1),
            new SmimeSettings.Revocation(SmimeSettings.Mode.OFF, MINUTE, List.of())),
        new OpenPgpSettings(null, MINUTE, WebKeyDirectories.OFF, OpenPgpSettings.Harvest.OFF),
        new BounceSettings(false, 0, 0),
        new SuppressionSettings(
            SuppressionSettings.Reach.OFF, SuppressionSettings.Per.CLIENT, List.of(), MINUTE, 1),
        new QuarantineSettings(MINUTE),
        new Limits(
            1,
            1,
            MINUTE,
            1,
            1,
            1,
            1,
            1,
            1,
            1,
            1,
            1,
            1,
            1,
            MINUTE,
            MINUTE,
            MINUTE,
            MINUTE,
            MINUTE,
            1,
            1,
            1,
            1,
            1,
            1,
            1,
            MINUTE,
            OutbreakSettings.STANDARD,
            MimeLimits.STANDARD),
        new LogSettings(LogSettings.Format.LOGFMT, null, 0),
        new TraceSettings(MINUTE, 0, false),
        new QueueSettings(List.of(MINUTE), MINUTE, MINUTE, MINUTE, 1),
        new SpoolSettings(0, 0, 0),
        new AdminSettings(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
  }

  /// A machine with chance of its own, alone at 192.0.2.200 and 2001:db8::200.
  static Os os(Chance chance) {
    var real = Os.real();
    var network = new LonelyNetwork("127.0.0.1", "::1", "192.0.2.200", "2001:db8::200");
    return new Os(real.time(), network, real.tasks(), chance, real.disk(), real.processes());
  }

  /// `user@domain` or `<>`.
  static Address address(String text) {
    if (text.equals("<>")) {
      return Address.NULL;
    }
    int at = text.lastIndexOf('@');
    return at < 0
        ? new Address(text, "")
        : new Address(text.substring(0, at), text.substring(at + 1));
  }
}
