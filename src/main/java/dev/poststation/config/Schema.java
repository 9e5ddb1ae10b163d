package dev.poststation.config;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeSet;

/// Reads the file from its top. The order of the calls is the order of the manual.
final class Schema {
  /// `data`, when it is not written.
  static final String DATA = "/var/lib/poststation";

  private Schema() {}

  /// A client rule with what only the check needs.
  record Client(ClientRule rule, boolean openRelay, Origin networks) {}

  private enum OpenRelay {
    REFUSED,
    ALLOWED
  }

  /// A listener that is there when none is written; it is read as if it stood in the file.
  private static final ConfigObject LISTENERS =
      ConfigFactory.parseString(
              "relay { bind = \"0.0.0.0:25\" }",
              ConfigParseOptions.defaults().setOriginDescription(Origin.DEFAULT.text()))
          .root();

  /// The file, completed by sections without which nothing works.
  static ConfigObject completed(ConfigObject file) {
    ConfigValue listeners = file.get("listeners");
    return Presets.completed(
        listeners == null || listeners.valueType() == ConfigValueType.NULL
            ? file.withValue("listeners", LISTENERS)
            : file);
  }

  static Configuration read(Section in) {
    in.later("domains", "accounts", "radius", "collect", "checks");
    in.later("reports", "events");
    String hostname = hostname(in);
    Path data =
        in.read(
            "data",
            in.file(),
            DATA,
            """
            The directory of the spool and of the token that commands authorise themselves with. On
            a disk that keeps what was synced: every mail is, before it is acknowledged.
            """);
    boolean haveCertificates = in.has("certificates");
    List<ListenerSettings> listeners = listeners(in, haveCertificates);
    List<CertificateFiles> certificates = certificates(in);
    List<Client> clients = clients(in);
    Optional<SrsSettings> srs = SrsSettings.read(in);
    SortedMap<String, DirectorySettings> directories = directories(in);
    SortedMap<String, Connector> connectors = connectors(in, srs);
    var known = known(clients, listeners, directories);
    List<RouteRule> routes = routes(in, connectors, known);
    List<String> own = ContentConditions.own(in);
    List<ContentRule> content = content(in, known, own);
    var configuration =
        new Configuration(
            hostname,
            data,
            listeners,
            certificates,
            clients.stream().map(Client::rule).toList(),
            connectors,
            routes,
            content,
            Rewriting.read(
                in,
                clients.stream().map(each -> each.rule().name()).toList(),
                srs.orElse(null),
                directories),
            in.section("users", "Who can log in.", section -> UsersSettings.read(section, data)),
            in.section("dns", "Whom to ask for names.", DnsSettings::read),
            in.section("mta-sts", "Policies of domains (`tls = mta-sts`).", StsSettings::read),
            TlsReportSettings.read(in),
            DkimKeys.read(in),
            in.section(
                "smime",
                "Keys and certificates by which mail is signed and encrypted (S/MIME). See"
                    + " docs/manual/smime.md.",
                SmimeSettings::read),
            in.section(
                "openpgp",
                "Keys by which mail is signed and encrypted (OpenPGP). See docs/manual/openpgp.md.",
                OpenPgpSettings::read),
            in.section("bounces", "Notices to senders.", BounceSettings::read),
            in.section(
                "suppression",
                "Recipients that are not tried any more for a while, because there is no such"
                    + " mailbox. See docs/manual/suppression.md.",
                SuppressionSettings::read),
            in.section(
                "quarantine",
                "Mail that services of `content` keep from its recipients. See"
                    + " docs/manual/quarantine.md.",
                section -> QuarantineSettings.read(section, content, own)),
            in.section("limits", "Everything that a peer can make grow.", Limits::read),
            in.section("log", "The mail log: one line per event.", LogSettings::read),
            in.section(
                "trace", "The trace, by which each mail can be explained.", TraceSettings::read),
            in.section("queue", "When mail that waits is tried again.", QueueSettings::read),
            in.section("spool", "The durable store of mail.", SpoolSettings::read),
            in.section(
                "admin",
                "The interface that commands and monitoring talk to.",
                AdminSettings::read));
    in.end();
    if (!in.reading().documenting()) {
      new RelayCheck(in, clients).check();
      new Consistency(in, configuration).check();
    }
    return configuration;
  }

  private static String hostname(Section in) {
    String name = in.reading().machine().name();
    return in.read(
        "hostname",
        Kinds.HOSTNAME,
        Standard.computed(name, name, "this machine's full name", "relay.example.com"),
        """
        What this relay calls itself: in the greeting, EHLO, Received and Message-ID. It should be a
        name that the DNS knows, and that the address of this machine leads back to. This machine's
        full name is the kernel's name, completed by /etc/hosts.
        """);
  }

  private static List<ListenerSettings> listeners(Section in, boolean haveCertificates) {
    SortedMap<String, ListenerSettings> listeners =
        in.sections(
            "listeners",
            "relay",
            "one listener `relay` on 0.0.0.0:25",
            """
            Where SMTP clients connect.
            """,
            section -> ListenerSettings.read(section, haveCertificates));
    if (listeners.isEmpty()) {
      in.error(
          "listeners",
          "listeners is empty: no client could connect",
          "write, for example, relay { bind = \"0.0.0.0:25\" }, or leave listeners out");
    }
    return List.copyOf(listeners.values());
  }

  private static List<CertificateFiles> certificates(Section in) {
    List<Optional<CertificateFiles>> certificates =
        in.entries(
            "certificates",
            "",
            "none; clients cannot encrypt",
            """
            Certificates of this relay. Which one a client sees is chosen by the name it asks for
            (SNI); the first one serves those that ask for none, or for another name.
            """,
            CertificateFiles::read);
    if (in.has("certificates") && certificates.isEmpty()) {
      in.error("certificates", "certificates is empty", "name a chain and a key, or remove it");
    }
    return certificates.stream().flatMap(Optional::stream).toList();
  }

  private static List<Client> clients(Section in) {
    return in.entries(
        "clients",
        "",
        "none; nobody may relay",
        """
        Who may relay. The first entry that matches decides; whoever matches none is refused with
        554 5.7.1 at RCPT.
        """,
        Schema::client);
  }

  /// One of them.
  static Client client(Section in) {
    ClientRule rule = ClientRule.read(in);
    OpenRelay open =
        in.read(
            "open-relay",
            Kinds.choice(OpenRelay.class),
            "refused",
            """
            Networks that make up a good part of the Internet are refused, for a relay that is open
            to everybody is found and abused within hours. `allowed` says that it is meant, for a
            test or behind a firewall.
            """);
    return new Client(rule, open == OpenRelay.ALLOWED, in.origin("networks"));
  }

  private static SortedMap<String, DirectorySettings> directories(Section in) {
    return in.sections(
        "directories",
        "staff",
        "none",
        """
        Directories (LDAP) that `rewrite`, `routes` and some services of `content` ask about mail
        addresses. Who logs in by one is a matter of `users.ldap`.
        """,
        DirectorySettings::read);
  }

  private static SortedMap<String, Connector> connectors(Section in, Optional<SrsSettings> srs) {
    return in.sections(
        "connectors",
        "provider",
        "none; at least one must be written",
        """
        The ways to next hops, which `routes` choose from.
        """,
        section -> ConnectorKeys.read(section, srs));
  }

  /// What conditions may name.
  private static RouteConditions.Known known(
      List<Client> clients,
      List<ListenerSettings> listeners,
      Map<String, DirectorySettings> directories) {
    var names = new TreeSet<String>();
    clients.forEach(client -> names.add(client.rule().name()));
    var listenerNames = new TreeSet<String>();
    listeners.forEach(listener -> listenerNames.add(listener.name()));
    var zones = new Zones(clients.stream().map(Client::rule).toList(), listeners).all();
    return new RouteConditions.Known(names, listenerNames, zones, directories);
  }

  private static List<RouteRule> routes(
      Section in, SortedMap<String, Connector> connectors, RouteConditions.Known known) {
    var sources = new RouteSources(connectors);
    return in.entries(
        "routes",
        "",
        "none; at least one must be written",
        """
        Which connector a recipient goes to. The first rule whose conditions all match decides; a
        rule without conditions matches all mail.
        """,
        section -> RouteRule.read(section, connectors, known, sources));
  }

  private static List<ContentRule> content(
      Section in, RouteConditions.Known known, List<String> own) {
    List<ContentRule> rules =
        in.entries(
            "content",
            "",
            "none; mail goes on as it came",
            """
            Services that look at the content of mail, or change it, in this order, before it is
            acknowledged. See docs/manual/content.md.
            """,
            section -> ContentRule.read(section, known, own));
    ContentRule.check(in, rules);
    return rules;
  }
}
