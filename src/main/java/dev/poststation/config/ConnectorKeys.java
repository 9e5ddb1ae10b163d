package dev.poststation.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads a connector.
final class ConnectorKeys {
  private static final Kind<Connector.Type> TYPE =
      Kinds.knowing(
          Kinds.choice(Connector.Type.class), Map.of("smtp", "smarthost", "relay", "smarthost"));

  /// The priority of a host without one, where another host of the list has one.
  private static final int PRIORITY = 10;

  /// What says how mail is sent.
  private static final List<String> SENDING =
      List.of(
          "hosts",
          "tls",
          "tls-for",
          "tls-min",
          "tls-name",
          "pin",
          "certificate",
          "prefer",
          "auth",
          "login-at",
          "hello",
          "source",
          "proxy",
          "proxy-password",
          "max-connections",
          "mails-per-connection",
          "recipients-per-mail",
          "idle",
          "timeouts",
          "bandwidth",
          "hours",
          "max-size",
          "quota",
          "quota-recipients",
          "quota-connections",
          "probe-every",
          "probe-login",
          "replace-sender",
          "srs",
          "xforward");

  /// What is about hosts that the file names.
  private static final List<String> OF_HOSTS = List.of("probe-every", "probe-login");

  /// Where Microsoft Graph is, but for national clouds.
  private static final Connector.Host GRAPH =
      new Connector.Host("graph.microsoft.com", 443, false, true);

  /// Stands in the place of one that cannot be read.
  private static final Connector.Host UNREAD = new Connector.Host("?", 25, false, false);

  /// A host as it is written.
  private record Written(
      Connector.Host host, Optional<Integer> priority, Optional<Integer> weight) {
    boolean ofSmtp() {
      return host.port() == 25 && !host.equals(UNREAD);
    }
  }

  private ConnectorKeys() {}

  /// @param srs how senders are rewritten where a connector says so; empty: not at all
  static Connector read(Section in, Optional<SrsSettings> srs) {
    in.later("release");
    Optional<String> preset =
        in.optional(
            "preset",
            Presets.KIND,
            Standard.none("none", "microsoft365"),
            """
            Takes hosts, TLS, limits and what a login needs from what is known of a provider, so that
            only the account has to be written. What stands in the connector comes before it;
            `poststation config` shows what comes from it. All presets with their sources:
            docs/reference/presets.md.
            """);
    Connector.Type type =
        in.read(
            "type",
            TYPE,
            "smarthost",
            """
            How the next hop is found: `smarthost` is one of the `hosts`; `mx` asks the DNS for the
            mail exchangers of each recipient's domain; `lmtp` is one of the `hosts`, to which LMTP
            is spoken, as to a Dovecot (RFC 2033). Two have none: `hold` keeps mail until an
            administrator releases it, then it goes by the connector after this one in `via`, if
            there is one; `discard` throws mail away, and tells nobody but log, trace and metrics.
            `graph` sends by the HTTPS interface of Microsoft Graph as the mailbox `auth.user`:
            `hosts` is graph.microsoft.com, unless a national cloud is written
            (docs/manual/graph.md). `http` posts each mail to `url`, as to the endpoint of an archive
            (docs/manual/http.md).
            """);
    if (!type.sends()) {
      withoutEffect(in, type, SENDING, "it sends nothing");
    }
    if (type == Connector.Type.MX) {
      withoutEffect(in, type, OF_HOSTS, "its hosts are those of each domain");
    }
    if (type.byRequests()) {
      HttpKeys.withoutSmtp(in, type);
    }
    List<Connector.Host> written = hosts(in, type, preset);
    int port = port(in, type);
    HttpEndpoint endpoint = HttpKeys.endpoint(in, type);
    List<Connector.Host> hosts = endpoint == null ? written : List.of(endpoint.host());
    TlsTerms terms = TlsKeys.read(in);
    TlsTerms tls = endpoint == null ? terms : HttpKeys.terms(in, endpoint, terms);
    List<TlsFor> tlsFor = TlsKeys.exceptions(in, type, tls);
    Connector.AddressFamily prefer = prefer(in);
    Auth auth = AuthKeys.read(in);
    var whom = AuthCheck.whom(in);
    if (type == Connector.Type.HTTP) {
      HttpKeys.check(in, endpoint, auth);
    } else {
      AuthCheck.fits(in, auth, type, tls, hosts, whom);
      checkTls(in, tls, hosts);
    }
    if (type == Connector.Type.GRAPH) {
      HttpKeys.checkGraph(in, auth);
    }
    int recipientsPerMail = recipientsPerMail(in);
    preset.ifPresent(name -> checkPasswords(in, name, auth));
    return new Connector(
        in.name(),
        type,
        hosts,
        port,
        tls,
        tlsFor,
        prefer,
        auth,
        hello(in).orElse(null),
        Egress.read(in, prefer, hosts),
        maxConnections(in),
        mailsPerConnection(in),
        recipientsPerMail,
        idle(in),
        Pool.read(in, recipientsPerMail, auth != null && auth.several()),
        Line.read(in),
        in.section(
            "timeouts",
            """
            How long a next hop may take at each step; then the mail waits for its next attempt. The
            defaults are those of RFC 5321 4.5.3.2: they look long, but shorter ones lose patience
            with servers that are only busy.
            """,
            Connector.Timeouts::read),
        SenderReplacement.read(in, auth).orElse(null),
        forwarding(in, srs).orElse(null),
        xforward(in),
        endpoint,
        in.origin());
  }

  /// What is written in a connector that leads nowhere.
  private static void withoutEffect(
      Section in, Connector.Type type, List<String> keys, String why) {
    for (String key : keys) {
      if (in.has(key)) {
        in.warning(
            key,
            in.path(key) + " is of no effect with type = " + Kinds.word(type) + ": " + why,
            "remove it, or write another type");
      }
    }
  }

  private static List<Connector.Host> hosts(
      Section in, Connector.Type type, Optional<String> preset) {
    List<Written> written =
        in.entries(
            "hosts",
            "host",
            "none; a smarthost needs at least one",
            """
            The hosts of a smarthost, or of LMTP. A text alone is a host; an object can say more.
            Without priorities they are tried in this order.
            """,
            host -> host(host, type));
    if (in.reading().documenting()) {
      return List.of();
    }
    // Of another type, or with the right preset, it may not need any.
    boolean asked = !in.refused("type") && !in.refused("preset");
    if (asked && type == Connector.Type.LMTP && written.isEmpty()) {
      in.error(
          "hosts",
          in.where() + " has type = lmtp, and no hosts",
          "write, for example, hosts = [\"unix:/run/dovecot/lmtp\"]");
    }
    if (type == Connector.Type.LMTP && written.stream().anyMatch(Written::ofSmtp)) {
      // RFC 2033 5: a client that believed to speak SMTP would not know the answers apart.
      in.warning(
          "hosts",
          in.where() + " has type = lmtp and port 25, which is that of SMTP (RFC 2033 5)",
          "write the port of its LMTP, often 24, or type = smarthost");
    }
    if (asked && type == Connector.Type.SMARTHOST && written.isEmpty()) {
      in.error(
          "hosts",
          in.where() + " is a smarthost without hosts",
          preset
              .flatMap(Presets::host)
              .map(
                  host ->
                      "the preset leaves that to you: write, for example, hosts = [\""
                          + host
                          + "\"]")
              .orElse("write, for example, hosts = [\"smtp.provider.example:587\"], or type = mx"));
    }
    if (type == Connector.Type.GRAPH) {
      return graph(in, written);
    }
    if (type == Connector.Type.MX && in.has("hosts")) {
      in.error(
          "hosts",
          in.where() + " has type = mx, where the DNS names the hosts",
          "remove hosts, or write type = smarthost");
    }
    return ordered(written);
  }

  private static List<Connector.Host> graph(Section in, List<Written> written) {
    if (written.size() > 1 || written.stream().anyMatch(each -> each.host.byMx())) {
      in.error(
          "hosts",
          in.where() + " has type = graph, which has one host",
          "remove hosts, or write hosts = [\"graph.microsoft.us\"]");
    }
    if (written.isEmpty()) {
      return List.of(GRAPH);
    }
    var host = written.getFirst().host;
    int port = host.port() == 25 ? GRAPH.port() : host.port();
    return List.of(new Connector.Host(host.name(), port, false, true));
  }

  private static Written host(Section in, Connector.Type type) {
    Connector.Host host =
        in.required(
            "host",
            type == Connector.Type.LMTP ? Kinds.LMTP_HOST : Kinds.HOST,
            UNREAD,
            "smtp.provider.example:587",
            """
            `host:port`, `192.0.2.1:25` or `[2001:db8::1]:25`; without a port 25. `smtps://host`, or
            port 465, speaks TLS from the first octet. `mx:domain` means the mail exchangers of a
            domain. With `type = lmtp` the port is 24 where none is written, and `unix:/path` is a
            socket of this machine, over which no TLS is spoken.
            """);
    Optional<Integer> priority =
        in.optional(
            "priority",
            Kinds.integer(0, 65535),
            Standard.none("the place in the list; 10 where another host has a priority", "10"),
            """
            Hosts with the lowest number are tried first.
            """);
    Optional<Integer> weight =
        in.optional(
            "weight",
            Kinds.integer(1, 65535),
            Standard.none("1", "1"),
            """
            How large a share of the mail the host takes among those of equal priority.
            """);
    return new Written(host, priority, weight);
  }

  /// Where nobody says anything of priority or weight the order of the list holds.
  private static List<Connector.Host> ordered(List<Written> written) {
    boolean plain = written.stream().allMatch(w -> w.priority.isEmpty() && w.weight.isEmpty());
    List<Connector.Host> hosts = new ArrayList<>();
    for (Written each : written) {
      Connector.Host host = each.host;
      int priority = plain ? hosts.size() : each.priority.orElse(PRIORITY);
      hosts.add(
          new Connector.Host(
              host.name(),
              host.port(),
              host.byMx(),
              host.implicitTls(),
              priority,
              each.weight.orElse(1)));
    }
    hosts.sort(Comparator.comparingInt(Connector.Host::priority));
    return hosts;
  }

  private static int port(Section in, Connector.Type type) {
    int port =
        in.optional(
                "port",
                Kinds.integer(1, 65535),
                Standard.none("25, with `type = mx`", "25"),
                """
                The port of mail exchangers, with `type = mx`. Another one than 25 is for tests and
                closed networks.
                """)
            .orElse(25);
    if (in.has("port") && type != Connector.Type.MX) {
      in.warning(
          "port",
          in.path("port") + " is of no effect with type = " + Kinds.word(type),
          type.sends()
              ? "write the port behind the host: \"host:" + port + "\""
              : "remove it, or write another type");
    }
    return port;
  }

  private static void checkTls(Section in, TlsTerms tls, List<Connector.Host> hosts) {
    if (tls.level() == Connector.Tls.OFF && hosts.stream().anyMatch(Connector.Host::implicitTls)) {
      in.error(
          "tls",
          in.where() + " has tls = off, but a host that speaks TLS from the first octet",
          "write tls = verify, or another port");
    }
    boolean local = hosts.stream().anyMatch(host -> host.name().startsWith(Connector.Host.UNIX));
    if (local && in.has("auth")) {
      in.error(
          "auth",
          in.where() + " has auth and a unix: host: who may use the socket is not asked who it is",
          "remove auth");
    } else if (local && tls.level() != Connector.Tls.OFF && !tls.mayBeInClear()) {
      in.warning(
          "tls",
          in.path("tls") + " is of no effect for unix: hosts: that never leaves this machine",
          "remove it");
    }
    if (tls.level() == Connector.Tls.VERIFY
        && tls.name() == null
        && hosts.stream().anyMatch(host -> Addresses.numeric(host.name()).isPresent())) {
      in.warning(
          "tls",
          in.where() + " has tls = verify and a host without a name",
          "write the name: certificates seldom hold addresses");
    }
  }

  private static void checkPasswords(Section in, String preset, @Nullable Auth auth) {
    if (preset.equals("microsoft365")
        && auth != null
        && auth.accounts().stream().anyMatch(each -> each.password() != null)) {
      in.warning(
          "auth",
          in.where()
              + " logs in by password, which Microsoft takes from the end of December 2026 only"
              + " where an administrator of the tenant has switched that on",
          "write client-id and what belongs to it: see docs/manual/oauth.md");
    }
  }

  private static Connector.AddressFamily prefer(Section in) {
    return in.read(
        "prefer",
        Kinds.choice(Connector.AddressFamily.class),
        "ipv6",
        """
        Which addresses of a host are tried first, or alone (`only-ipv4`, `only-ipv6`). IPv6 first
        is what RFC 6724 asks for; a host that cannot be reached by it is tried by IPv4.
        """);
  }

  private static Optional<String> hello(Section in) {
    return in.optional(
        "hello",
        Kinds.HOSTNAME,
        Standard.none("the `hostname`", "relay.example.com"),
        """
        What is said in EHLO: a name of the address that the connection comes from, for many next
        hops look it up.
        """);
  }

  private static Optional<SrsSettings> forwarding(Section in, Optional<SrsSettings> srs) {
    boolean on =
        in.read(
            "srs",
            Kinds.FLAG,
            "off",
            """
            Whether senders of mail that goes by this connector are rewritten as `srs` says, in MAIL
            FROM, for mail that is forwarded to others. `replace-sender` comes before it.
            """);
    if (on && srs.isEmpty() && !in.reading().documenting()) {
      in.error(
          "srs",
          in.path("srs") + " is on, but there is no srs",
          "write srs { domain = \"srs.example.com\", secrets = [...] } beside connectors");
    }
    return on ? srs : Optional.empty();
  }

  private static boolean xforward(Section in) {
    return in.read(
        "xforward",
        Kinds.FLAG,
        "off",
        """
        Whether the host is told from whom each mail came, by XFORWARD as Postfix documents it, where
        it offers that: for a filter that hands mail back (docs/manual/filter.md). It tells addresses
        and names of your network.
        """);
  }

  private static int maxConnections(Section in) {
    return in.read(
        "max-connections",
        Kinds.integer(1, 10_000),
        "20",
        """
        Connections to one destination at the same time at most. It begins with few and takes more
        while all goes well; more than 20 the large providers take for an attack.
        """);
  }

  private static int mailsPerConnection(Section in) {
    return in.read(
        "mails-per-connection",
        Kinds.integer(1, 1_000_000),
        "1000",
        """
        Mails after which a connection is closed. Reuse saves the handshakes, which cost more than
        the mail; a next hop that wants fewer says 421, and no attempt is lost by that.
        """);
  }

  private static int recipientsPerMail(Section in) {
    return in.read(
        "recipients-per-mail",
        Kinds.integer(1, 100_000),
        "100",
        """
        Recipients in one transaction at most; a mail with more goes out in several. Every server
        takes 100 (RFC 5321 4.5.3.1.8); one that announces fewer (RFC 9422) gets fewer.
        """);
  }

  private static Duration idle(Section in) {
    return in.read(
        "idle",
        Kinds.duration("0 s", "5 minutes"),
        "5 s",
        """
        How long a connection is kept open for the next mail. A little helps when mail comes in
        bursts; more only holds the other side's resources.
        """);
  }
}
