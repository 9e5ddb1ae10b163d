package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LoaderTest {
  private final Bench bench = new Bench();

  private Configuration base(String text) {
    return bench.right(Bench.BASE + text);
  }

  @Test
  void aTypeAsOtherProgramsCallItIsTranslated() {
    assertThat(
            bench.problems(
                Bench.BASE + "connectors { provider { type = smtp, hosts = [\"a.example\"] } }"))
        .singleElement()
        .asString()
        .endsWith("is none of the words known here; did you mean \"smarthost\"?");
  }

  @Test
  void defaultsHoldWhereNothingIsWritten() {
    Configuration configuration = base("");
    assertThat(configuration.hostname()).isEqualTo("relay.example.com");
    assertThat(configuration.data()).isEqualTo(Path.of("/var/lib/poststation"));
    assertThat(configuration.listeners())
        .singleElement()
        .satisfies(
            relay -> {
              assertThat(relay.name()).isEqualTo("relay");
              assertThat(relay.bind()).isEqualTo(new InetSocketAddress("0.0.0.0", 25));
              assertThat(relay.tls()).isEqualTo(ListenerSettings.Tls.OFF);
              assertThat(relay.origin()).isEqualTo(Origin.DEFAULT);
            });
    assertThat(configuration.limits().messageSize()).isEqualTo(50_000_000);
    assertThat(configuration.limits().commandLine()).isEqualTo(4096);
    assertThat(configuration.limits().hops()).isEqualTo(100);
    assertThat(configuration.queue().lifetime()).isEqualTo(Duration.ofDays(5));
    assertThat(configuration.queue().bounceLifetime()).isEqualTo(Duration.ofDays(5));
    assertThat(configuration.queue().retry())
        .containsExactly(
            Duration.ofMinutes(1),
            Duration.ofMinutes(5),
            Duration.ofMinutes(15),
            Duration.ofHours(1),
            Duration.ofHours(4));
    assertThat(configuration.admin().bind()).isEqualTo(new InetSocketAddress("127.0.0.1", 8025));
    assertThat(configuration.log().file()).isNull();
    assertThat(configuration.dns().servers()).isEmpty();
  }

  @Test
  void bounceLifetimeFollowsTheLifetime() {
    assertThat(base("queue { lifetime = \"3 days\" }").queue().bounceLifetime())
        .isEqualTo(Duration.ofDays(3));
  }

  @Test
  void connectorHasTheTimeoutsOfTheRfc() {
    Connector connector = base("").connectors().get("provider");
    assertThat(connector).isNotNull();
    assertThat(connector.timeouts())
        .isEqualTo(
            new Connector.Timeouts(
                Duration.ofSeconds(30),
                Duration.ofMinutes(5),
                Duration.ofMinutes(5),
                Duration.ofMinutes(5),
                Duration.ofMinutes(5),
                Duration.ofMinutes(2),
                Duration.ofMinutes(3),
                Duration.ofMinutes(10),
                Duration.ofSeconds(5)));
    assertThat(connector.origin().text()).isEqualTo("base.conf:2");
  }

  @Test
  void hostsKeepTheirOrderWithoutPriorities() {
    assertThat(
            hosts(
                "hosts = [\"b.example\", \"a.example:465\", \"mx:c.example\","
                    + " \"[2001:db8::1]:26\"]"))
        .containsExactly(
            new Connector.Host("b.example", 25, false, false, 0, 1),
            new Connector.Host("a.example", 465, false, true, 1, 1),
            new Connector.Host("c.example", 25, true, false, 2, 1),
            new Connector.Host("2001:db8::1", 26, false, false, 3, 1));
  }

  @Test
  void hostsAreSortedByPriorityWhereOneHasIt() {
    assertThat(
            hosts(
                "hosts = [{ host = \"c.example\", priority = 20 }, \"smtps://a.example\", "
                    + "{ host = \"b.example.\", weight = 3 }]"))
        .containsExactly(
            new Connector.Host("a.example", 465, false, true, 10, 1),
            new Connector.Host("b.example", 25, false, false, 10, 3),
            new Connector.Host("c.example", 25, false, false, 20, 1));
  }

  private List<Connector.Host> hosts(String text) {
    Connector connector =
        base("connectors { c { " + text + " } }, routes = [ { via = [c, provider] } ]")
            .connectors()
            .get("c");
    assertThat(connector).isNotNull();
    return connector.hosts();
  }

  @Test
  void authAsksForVerifiedTls() {
    Connector connector =
        base("connectors { provider { auth { user = me, password = \"env:SECRET\" } } }")
            .connectors()
            .get("provider");
    assertThat(connector).isNotNull();
    assertThat(connector.tls().level()).isEqualTo(Connector.Tls.VERIFY);
  }

  @Test
  void listenerOffersTlsWhereThereAreCertificates() {
    Configuration configuration =
        base("certificates = [ { chain = \"chain.pem\", key = \"key.pem\" } ]");
    assertThat(configuration.listeners())
        .extracting(ListenerSettings::tls)
        .containsExactly(ListenerSettings.Tls.OFFERED);
    assertThat(configuration.certificates())
        .containsExactly(
            new CertificateFiles(
                Path.of("chain.pem"), Path.of("key.pem"), new Origin("poststation.conf", 1)));
  }

  @Test
  void nobodyCanLogInUnlessTheListenerSaysSo() {
    Configuration configuration =
        base(
            """
            certificates = [ { chain = "chain.pem", key = "key.pem" } ]
            listeners { submission { bind = "0.0.0.0:587", tls = required, auth = required } }
            """);
    assertThat(configuration.listeners())
        .extracting(ListenerSettings::name, ListenerSettings::auth)
        .contains(tuple("submission", ListenerSettings.Auth.REQUIRED));
    assertThat(base("").listeners())
        .extracting(ListenerSettings::auth)
        .containsOnly(ListenerSettings.Auth.OFF);
  }

  @Test
  void clientsAndRoutesKeepTheOrderOfTheFile() {
    Configuration configuration =
        base(
            """

            clients = [
              { name = z, networks = "10.1.0.0/16", bare-newlines = normalise, stray-space = on }
              { name = a, networks = ["10.2.0.0/16", "2001:db8::/32"] }
            ]
            routes = [
              { to = "b.example", via = provider }
              { client = [z], from = ["<>"], via = [provider] }
              { via = provider }
            ]
            """);
    assertThat(configuration.clients()).extracting(ClientRule::name).containsExactly("z", "a");
    assertThat(configuration.clients().getFirst().bareNewlines())
        .isEqualTo(ClientRule.BareNewlines.NORMALISE);
    assertThat(configuration.clients().get(1).networks())
        .extracting(Cidr::toString)
        .containsExactly("10.2.0.0/16", "2001:db8::/32");
    assertThat(configuration.routes())
        .extracting(route -> route.origin().text())
        .containsExactly("poststation.conf:7", "poststation.conf:8", "poststation.conf:9");
    assertThat(configuration.routes().get(1).when().from()).containsExactly("<>");
  }

  @Test
  void variablesComeFromTheEnvironment() {
    Configuration configuration =
        base(
            """

            hostname = ${RELAY_NAME}
            limits { sessions = 5, sessions = ${?NO_SUCH}, recipients = ${?limits.sessions} }
            data = "/srv/"${RELAY_NAME}
            """);
    assertThat(configuration.hostname()).isEqualTo("env.example.com");
    assertThat(configuration.limits().sessions()).isEqualTo(5);
    assertThat(configuration.limits().recipients()).isEqualTo(5);
    assertThat(configuration.data()).isEqualTo(Path.of("/srv/env.example.com"));
  }

  @Test
  void whatIsWrongInAVariableIsToldWhereItIsUsed() {
    assertThat(bench.problems(Bench.BASE + "\n\nlimits { sessions = ${RELAY_NAME} }"))
        .singleElement()
        .asString()
        .startsWith("poststation.conf:3: limits.sessions: \"env.example.com\" is no whole number");
  }

  @Test
  void includedFilesAreRelativeToTheFileThatIncludesThem() {
    bench
        .disk
        .with("/etc/poststation/poststation.conf", "include \"conf.d/all.conf\"")
        .with(
            "/etc/poststation/conf.d/all.conf",
            "include \"base.conf\", include required(file(\"q.conf\"))")
        .with("/etc/poststation/conf.d/base.conf", new String(read("base.conf")))
        .with("/etc/poststation/conf.d/q.conf", "queue { lifetime = 2d }");
    Loaded loaded = bench.loader().load(Path.of("/etc/poststation/poststation.conf"));
    assertThat(loaded.problems()).isEmpty();
    assertThat(Bench.configuration(loaded).queue().lifetime()).isEqualTo(Duration.ofDays(2));
    assertThat(Bench.configuration(loaded).routes().getFirst().origin().text())
        .isEqualTo("/etc/poststation/conf.d/base.conf:3");
  }

  @Test
  void fingerprintsAreTakenAsOpensslPrintsThem() {
    String digits = "67:A3" + ":0F".repeat(30);
    String plain = "sha256:" + digits.replace(":", "").toLowerCase(Locale.ROOT);
    for (String shown :
        List.of(plain, digits, "sha256 Fingerprint=" + digits, "SHA256 Fingerprint=" + digits)) {
      var loaded =
          Bench.configuration(
              bench.load(
                  Bench.BASE + "clients = [ { name = p, certificates = [\"" + shown + "\"] } ]"));
      assertThat(loaded.clients().getFirst().when().certificates().getFirst().fingerprint())
          .as(shown)
          .isEqualTo(plain);
    }
  }

  @Test
  void aListThatTakesThePlaceOfOneInAnotherFileIsToldWithBothPlaces() {
    bench.disk.with(
        "imported.conf",
        "\n"
            + "# Made by a program.\n"
            + "clients = ${?clients} [ { name = a, networks = [\"10.0.0.1\"] } ]\n");
    String mine = "clients = [ { name = b, networks = [\"10.0.0.2\"] } ]\n";
    String rest =
        """
        hostname = relay.example.com
        connectors { provider { hosts = ["smtp.provider.example:587"] } }
        routes = [ { via = [provider] } ]
        """;
    assertThat(bench.problems(rest + "include \"imported.conf\"\n" + mine))
        .containsExactly(
            "poststation.conf:5: warning: clients is written twice; the list of imported.conf:3 is"
                + " not used; write clients = ${?clients} [ here to have both, or remove one of"
                + " them");
    assertThat(bench.problems(rest + mine + "include \"imported.conf\"\n")).isEmpty();
    assertThat(
            bench.problems(
                rest
                    + "include \"imported.conf\"\n"
                    + mine.replace("clients = [", "clients = ${?clients} [")))
        .isEmpty();
  }

  private byte[] read(String file) {
    try {
      return bench.disk.read(Path.of(file));
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void relativePathsStartAtTheDirectoryOfTheFile() {
    bench
        .disk
        .with("/etc/poststation/base.conf", new String(read("base.conf")))
        .with("/etc/poststation/poststation.conf", "include \"base.conf\", data = spool");
    Loaded loaded = bench.loader().load(Path.of("/etc/poststation/poststation.conf"));
    assertThat(Bench.configuration(loaded).data()).isEqualTo(Path.of("/etc/poststation/spool"));
  }

  @Test
  void fileInTheWorkingDirectoryGoesBeforeTheOneInEtc() {
    bench.disk.with("/etc/poststation/poststation.conf", "include \"/base.conf\"");
    bench.disk.with("/base.conf", new String(read("base.conf")));
    assertThat(file(bench.lookedUp())).isEqualTo(Path.of("/etc/poststation/poststation.conf"));
    bench.disk.with("poststation.conf", "include \"base.conf\"");
    assertThat(file(bench.lookedUp())).isEqualTo(Path.of("poststation.conf"));
    assertThat(file(bench.loader().load(Optional.of(Path.of("base.conf")))))
        .isEqualTo(Path.of("base.conf"));
  }

  private static Path file(Loaded loaded) {
    return loaded instanceof Loaded.Good good ? good.file() : Path.of("none");
  }

  @Test
  void noFileAtAllGetsOneSentence() {
    assertThat(bench.lookedUp().problems())
        .extracting(Problem::toString)
        .containsExactly(
            "poststation.conf: there is no configuration: neither here nor in /etc/poststation; "
                + "write one, or name it with --config FILE");
  }

  @Test
  void fileThatCannotBeReadGetsOneSentence() {
    assertThat(bench.loader().load(Path.of("nothing.conf")).problems())
        .extracting(Problem::toString)
        .containsExactly(
            "nothing.conf: file nothing.conf does not exist; create it, or name another one");
    assertThat(bench.loader().load(Path.of("forbidden.conf")).problems())
        .extracting(Problem::toString)
        .containsExactly(
            "forbidden.conf: file forbidden.conf may not be read by this user; "
                + "change its owner or its mode");
  }

  @Test
  void fileThatIsNoTextGetsOneSentence() {
    bench.disk.replace(Path.of("x.conf"), new byte[] {'a', (byte) 0xff, (byte) 0xfe}, true);
    assertThat(bench.loader().load(Path.of("x.conf")).problems())
        .extracting(Problem::toString)
        .containsExactly(
            "x.conf: file x.conf is no text in UTF-8; convert it, or remove what is no text");
  }

  @Test
  void fileOfWindowsIsReadToo() {
    String text = "\uFEFF" + Bench.BASE + "\r\nqueue {\r\n  lifetime = \"2 days\"\r\n}\r\n";
    bench.disk.with("poststation.conf", text);
    assertThat(Bench.configuration(bench.lookedUp()).queue().lifetime())
        .isEqualTo(Duration.ofDays(2));
  }

  private static final String REMEDY_GATEWAY =
      "use the host's network or proxy-protocol, so that clients keep their addresses; or name the"
          + " address in networks, if nobody else reaches the port";

  private List<String> inContainer(String networks) {
    bench
        .disk
        .with("/.dockerenv", "")
        .with(
            "/proc/net/route",
            """
            Iface\tDestination\tGateway \tFlags
            eth0\t000011AC\t00000000\t0001
            eth0\t00000000\t010011AC\t0003
            """);
    return bench.problems(
        "include \"base.conf\", clients = [ { name = lan, networks = " + networks + " } ]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"172.16.0.0/12\"",
        "\"172.16.0.0/12\", users = [anna]",
        "[\"10.0.0.0/8\", \"172.16.0.0/12\", \"192.168.0.0/16\"]"
      })
  void inAContainerAnEntryDoesNotLetInAGatewayThatItDoesNotName(String networks) {
    assertThat(inContainer(networks))
        .contains(
            "poststation.conf:1: warning: client \"lan\" does not let in 172.17.0.1, the gateway of"
                + " this container, which its networks have: everybody's connections may seem to"
                + " come from there; "
                + REMEDY_GATEWAY);
    assertThat(bench.problems(Bench.BASE)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[\"172.16.0.0/12\", \"172.17.0.1\"]",
        "\"172.17.0.1\"",
        "\"172.16.0.0/12\", trust-gateway = on"
      })
  void aGatewayThatIsNamedIsLetInAndToldOf(String networks) {
    assertThat(inContainer(networks))
        .containsExactly(
            "poststation.conf:1: warning: client \"lan\" has the gateway of this container,"
                + " 172.17.0.1: where ports are forwarded through it, everybody may relay; see in"
                + " the log which addresses clients come from, or use the host's network");
    assertThat(inContainer(networks + ", users = [anna]"))
        .noneMatch(problem -> problem.contains("gateway"));
  }

  @Test
  void anEntryForTheGatewayMatchesBehindOneThatDoesNotLetItIn() {
    String behind =
        "\"172.16.0.0/12\" }\n { name = host, networks = \"172.17.0.1\" }\n"
            + " { name = never, networks = \"172.17.0.9\"";
    assertThat(inContainer(behind).stream().filter(each -> each.contains("never matches")))
        .singleElement()
        .asString()
        .contains("client \"never\" never matches");
  }

  @Test
  void aGatewayThatMaySpeakForOthersIsToldOf() {
    inContainer("\"10.0.0.0/8\"");
    String text =
        Bench.BASE + "\nlisteners { relay { bind = \"0.0.0.0:25\", proxy-protocol = [\"%s\"] } }";
    assertThat(bench.problems(text.formatted("172.16.0.0/12")))
        .singleElement()
        .asString()
        .contains(
            "listeners.relay.proxy-protocol has 172.17.0.1, the gateway of this container: whoever"
                + " reaches the port through it could claim to be anybody");
    assertThat(bench.problems(text.formatted("172.17.0.1"))).isEmpty();
  }

  @Test
  void containerThatTrustsAllPrivateAddressesIsWarned() {
    bench.disk.with("/run/.containerenv", "");
    String private3 = "[\"10.0.0.0/8\", \"172.16.0.0/12\", \"192.168.0.0/16\"]";
    assertThat(
            bench.problems(
                "include \"base.conf\", clients = [ { name = lan, networks = " + private3 + " } ]"))
        .containsExactly(
            "poststation.conf:1: warning: client \"lan\" has all private addresses, and this is a"
                + " container: where ports are forwarded through it, everybody may relay; see in"
                + " the log which addresses clients come from, or use the host's network");
    assertThat(bench.problems(Bench.BASE)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hours = [\"07:00-19:00\"] | | at other hours",
        "tls = required | | without TLS",
        "tls = required, hours = [\"07:00-19:00\"] | tls = required | at other hours",
        "users = [\"anna\"] | | without a login",
        "certificates = [\"sha256:%1$s\"], tls = required | | without a certificate and without"
            + " TLS",
        "hours = [\"07:00-19:00\"], rate = \"10/hour\" | rate = \"10/hour\" | at other hours",
        "users = [\"anna\"], senders = [\"example.com\"], profile = hold | | without a login",
        "hours = [\"07:00-19:00\"], rate = \"1000/hour\" | rate = \"10/hour\" | ",
        "users = [\"anna\"] | recipients = [\"example.com\"] | ",
        "users = [\"anna\"], max-priority = 4 | | ",
        "hours = [\"07:00-19:00\"], priority = urgent | | ",
        "hours = [\"07:00-19:00\"] | profile = hold | ",
        "hours = [\"07:00-19:00\"], outbreak = off | rate = \"10/hour\" | ",
        "tls = required | users = [\"anna\"] | ",
        "hours = [\"07:00-19:00\"] | hours = [\"08:00-20:00\"] | ",
        "hours = [\"07:00-19:00\"] | expires = 2020-01-31 | ",
        "hours = [\"07:00-19:00\"] | zone = guests | ",
        "hours = [\"07:00-19:00\"], expires = 2020-01-31 | | ",
        "comment = \"no matter\" | | "
      })
  void anEntryBehindThatUndoesWhatOneAsksForIsToldOf(
      String strict, @Nullable String loose, @Nullable String how) {
    String text =
        """
        listeners { relay { bind = "0.0.0.0:25", client-certificates = request }, guests { bind = "0.0.0.0:26", zone = guests } }
        certificates = [ { chain = "chain.pem", key = "key.pem" } ]
        clients = [ { name = scanners, networks = ["10.0.20.0/24", "10.0.21.7"], %s }
                    { name = other, networks = ["192.168.0.0/16"] }
                    { name = lan, networks = ["10.0.0.0/8"], %s } ]
        """
            .formatted(strict.replace("%1$s", "ab".repeat(32)), loose == null ? "" : loose);
    var told =
        bench.problems(Bench.BASE + text).stream().filter(each -> each.contains("lets ")).toList();
    if (how == null) {
      assertThat(told).isEmpty();
    } else {
      assertThat(told)
          .containsExactly(
              "poststation.conf:5: warning: client \"lan\" lets the clients of client \"scanners\""
                  + " in "
                  + how
                  + ", too, though that one (poststation.conf:3) does not; write the same in it,"
                  + " networks without theirs, or terms of its own, as recipients or rate");
    }
  }

  @Test
  void anEntryForUsersMatchesWhereAProxySaysWhoLoggedIn() {
    String text =
        """
        listeners { proxied { bind = "10.0.0.1:26", %s = ["10.0.0.3"], auth = off } }
        clients = [ { name = staff, users = ["*"] } ]
        """;
    assertThat(bench.problems(Bench.BASE + text.formatted("xclient"))).isEmpty();
    assertThat(bench.problems(Bench.BASE + text.formatted("xforward")))
        .singleElement()
        .asString()
        .contains("client \"staff\" never matches: it asks for a user, but no listener has AUTH");
  }

  @Test
  void whoSpeaksForOthersIsNamed() {
    var forwarders =
        base("""
        listeners { relay { bind = "0.0.0.0:25", proxy-protocol = ["10.0.0.1", "10.1.0.0/16"]
                            xclient = "10.0.0.2", xforward = ["2001:db8::/32"] } }
        """)
            .listeners()
            .getFirst()
            .forwarders();
    assertThat(forwarders.balancer(InetAddress.ofLiteral("10.1.2.3"))).isTrue();
    assertThat(forwarders.balancer(InetAddress.ofLiteral("10.0.0.2"))).isFalse();
    assertThat(forwarders.mayXclient(InetAddress.ofLiteral("10.0.0.2"))).isTrue();
    assertThat(forwarders.mayXclient(InetAddress.ofLiteral("10.0.0.1"))).isFalse();
    assertThat(forwarders.mayXforward(InetAddress.ofLiteral("2001:db8::1"))).isTrue();
    assertThat(forwarders.mayXforward(InetAddress.ofLiteral("10.0.0.2"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"proxy-protocol", "xclient", "xforward"})
  void aGoodPartOfTheInternetMayNotSpeakForOthers(String key) {
    assertThat(
            bench.problems(
                Bench.BASE
                    + "listeners { relay { bind = \"0.0.0.0:25\", "
                    + key
                    + " = \"0.0.0.0/0\" } }"))
        .containsExactly(
            "poststation.conf:1: listeners.relay."
                + key
                + " has 0.0.0.0/0: a good part of the Internet could claim to be anybody; name the"
                + " addresses of your own machines that stand in front of this one");
  }

  @Test
  void certificatesOfClientsAreOnlyAskedForInTls() {
    assertThat(
            bench.problems(
                Bench.BASE
                    + "listeners { relay { bind = \"0.0.0.0:25\", client-certificates = request }"
                    + " }"))
        .containsExactly(
            "poststation.conf:1: listener relay asks for certificates of clients, but has no TLS;"
                + " write tls = offered, or client-certificates = off");
    assertThat(
            bench.problems(
                Bench.BASE
                    + "certificates = [ { chain = \"chain.pem\", key = \"key.pem\" } ], listeners {"
                    + " relay { bind = \"0.0.0.0:25\", client-authorities = \"chain.pem\" } }"))
        .containsExactly(
            "poststation.conf:1: warning: listener relay has client-authorities, but asks for no"
                + " certificates; write client-certificates = request");
  }

  @Test
  void shortHostNameIsCompletedByTheHostsFile() {
    bench
        .disk
        .with("/proc/sys/kernel/hostname", "relay\n")
        .with(
            "/etc/hosts",
            """
            127.0.0.1 localhost
            # 127.0.1.1 wrong.example.com relay
            127.0.1.1\trelay.example.org relay
            """);
    assertThat(base("").hostname()).isEqualTo("relay.example.org");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[192.0.2.1]",
        "@[192.0.2.1]",
        "anna@[192.0.2.1]",
        "[IPv6:2001:db8::1]",
        "@[IPv6:2001:db8::1]"
      })
  void anAddressLiteralIsAPatternLikeADomain(String literal) {
    var configuration =
        base("\nroutes = [ { to = [\"" + literal + "\"], via = [provider] }, { via = provider } ]");

    assertThat(configuration.routes().getFirst().when().to()).containsExactly(literal);
  }
}
