package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Configuration;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.delivery.Dialer;
import dev.poststation.delivery.Opening;
import dev.poststation.dns.DnsResolver;
import dev.poststation.dns.Resolver.Answer;
import dev.poststation.os.Os;
import dev.poststation.route.Destinations;
import dev.poststation.route.Ourselves;
import dev.poststation.route.Resolution;
import dev.poststation.sim.ToyPolicySite;
import dev.poststation.tls.ClientTls;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// DANE with a zone that Knot has signed and a Postfix whose certificate OpenSSL has made.
@Tag("peer")
final class DaneAtPeersTest {
  private static final Os OS = Os.real();
  private static Home home;
  private static PostfixPeer postfix;
  private static PostfixPeer inClear;
  private static SignedDnsPeer knot;

  @BeforeAll
  static void start() {
    home = Home.create("dane");
    // The authority vouches for the name behind an alias, not for that of the host.
    var authority = Authority.in(home);
    var real = authority.issue("real", "DNS:real.test", List.of());
    Program.run(List.of("sh", "-c", "chown mail:mail " + home.path() + "/*.both.pem"));
    postfix = PostfixPeer.showing(Map.of("127.0.0.2", real.both()));
    inClear = PostfixPeer.start("smtpd_tls_security_level = none");
    String right = hash(postfix.certificate());
    String wrong = "ab".repeat(32);
    int port = postfix.port();
    knot =
        SignedDnsPeer.signing(
            List.of(
                "good MX 10 mail",
                "mail A 127.0.0.1",
                "_" + port + "._tcp.mail TLSA 3 0 1 " + right,
                "_" + inClear.port() + "._tcp.mail TLSA 3 0 1 " + right,
                "another MX 10 other",
                "other A 127.0.0.1",
                "_" + port + "._tcp.other TLSA 3 0 1 " + wrong,
                "useless MX 10 pkix",
                "pkix A 127.0.0.1",
                "_" + port + "._tcp.pkix TLSA 1 0 1 " + wrong,
                "missing MX 10 bare",
                "bare A 127.0.0.1",
                "alias MX 10 www",
                "www CNAME mail",
                "real MX 10 vouched",
                "renamed CNAME real",
                "stranger MX 10 vouched",
                "vouched A 127.0.0.2",
                "_" + port + "._tcp.vouched TLSA 2 0 1 " + hash(Path.of(authority.certificate())),
                "half MX 10 mail.plain"),
            List.of(
                "@ MX 10 mail", "mail A 127.0.0.1", "_" + port + "._tcp.mail TLSA 3 0 1 " + wrong));
    home.write("anchors", knot.keys(), Map.of());
  }

  @AfterAll
  static void stop() {
    knot.close();
    inClear.close();
    postfix.close();
    home.close();
  }

  private static String hash(Path certificate) {
    return OpenSsl.fingerprint(certificate).substring("sha256:".length());
  }

  private static Configuration configuration(int dns, int smtp) {
    return configuration(dns, smtp, "");
  }

  /// @param unsigned what `dns.unsigned` names
  private static Configuration configuration(int dns, int smtp, String unsigned) {
    String text =
        """
        hostname = "relay.here.test"
        dns { servers = ["127.0.0.1:%d"], dnssec = validate, anchors = "%s", unsigned = [%s] }
        clients = [ { name = local, networks = ["127.0.0.1"] } ]
        connectors { internet { type = mx, port = %d, tls = dane } }
        routes = [ { via = [internet] } ]
        """
            .formatted(dns, home.path().resolve("anchors"), unsigned, smtp);
    return switch (new Loader(OS, Map.of()).parse(text, Path.of("test.conf"))) {
      case Loaded.Good good -> good.configuration();
      case Loaded.Bad bad -> throw new AssertionError(bad.problems().toString());
    };
  }

  /// How a mail for a domain is sent: `TLSv1.3`, `clear`, or why it waits.
  private static String send(SignedDnsPeer dns, int smtp, String domain) {
    return send(configuration(dns.port(), smtp), domain);
  }

  private static String send(Configuration configuration, String domain) {
    var resolver = new DnsResolver(configuration.dns(), OS);
    var connector = configuration.connectors().get("internet");
    var found =
        new Destinations(
                resolver, ToyPolicySite.none(resolver, OS), Ourselves.of(configuration, OS), OS)
            .resolve(connector, domain);
    if (found instanceof Resolution.Nowhere(var outcome, _)) {
      return outcome.status() + " " + outcome.text();
    }
    var dialer =
        new Dialer(
            OS, resolver, ClientTls.trusting(List.of()), "relay.here.test", configuration::limits);
    return switch (dialer.open(((Resolution.Found) found).destination())) {
      case Opening.Failed failed -> failed.outcome().status() + " " + failed.outcome().text();
      case Opening.Withheld withheld -> throw new AssertionError(withheld.toString());
      case Opening.Opened opened -> {
        var facts = opened.conversation().tls();
        opened.conversation().close();
        String how = facts == null ? "clear" : facts.protocol();
        yield how + (String.join("\n", opened.dialogue()).contains("as demanded") ? " proven" : "");
      }
    };
  }

  private static String send(String domain) {
    return send(knot, postfix.port(), domain);
  }

  @Test
  void theCertificateThatTheSignedZoneNamesIsProvenAlsoBehindAnAlias() {
    assertThat(send("good.test")).isEqualTo("TLSv1.3 proven");
    assertThat(send("alias.test")).isEqualTo("TLSv1.3 proven");
  }

  /// RFC 7672 3.2.2.
  @Test
  void whereAnAuthorityVouchesTheDomainCountsAndTheOneThatItIsAnAliasOf() {
    assertThat(send("real.test")).isEqualTo("TLSv1.3 proven");
    assertThat(send("renamed.test")).isEqualTo("TLSv1.3 proven");
    assertThat(send("stranger.test")).startsWith("4.7.5 ");
  }

  @Test
  void anotherCertificateAndStrippedStarttlsGetNothing() {
    assertThat(send("another.test")).startsWith("4.7.5 ").contains("none that the DNS names");
    assertThat(send(knot, inClear.port(), "good.test"))
        .startsWith("4.7.4 ")
        .contains("offers no TLS");
  }

  @Test
  void unusableRecordsDemandEncryptionOnly() {
    assertThat(send("useless.test")).isEqualTo("TLSv1.3");
    assertThat(send(knot, inClear.port(), "missing.test")).isEqualTo("clear");
  }

  @Test
  void whatIsMissingOrNotSignedIsOpportunistic() {
    assertThat(send("missing.test")).isEqualTo("TLSv1.3");
    assertThat(send("plain.test")).isEqualTo("TLSv1.3");
    assertThat(send("half.test")).isEqualTo("TLSv1.3");
    assertThat(send(knot, inClear.port(), "plain.test")).isEqualTo("clear");
  }

  @Test
  void aZoneThatSomebodyChangedGetsNothing() {
    String right = hash(postfix.certificate());
    String changed = knot.zone().replaceAll("(?i)" + right.substring(0, 8), "00112233");
    assertThat(changed).contains("00112233");
    try (var liar = SignedDnsPeer.repeating(changed)) {
      assertThat(send(liar, postfix.port(), "good.test"))
          .startsWith("4.7.5 ")
          .contains("cannot be looked up: DNSSEC refuses the answer");
      assertThat(send(liar, postfix.port(), "another.test")).contains("none that the DNS names");
    }
    // Without the records that deny: stripped of what would show that there is a TLSA.
    String stripped = knot.zone().replaceAll("(?m)^_\\S+\\s.*\\n?", "");
    try (var liar = SignedDnsPeer.repeating(stripped)) {
      assertThat(send(liar, postfix.port(), "good.test")).startsWith("4.7.5 ");
    }
    // Without any signature: for a zone of one's own that is so, and that is said.
    String bare = knot.zone().replaceAll("(?m)^.*\\t(RRSIG|NSEC)\\t.*\\n?", "");
    try (var own = SignedDnsPeer.repeating(bare)) {
      assertThat(send(own, postfix.port(), "good.test"))
          .startsWith("4.4.3 ")
          .contains("DNSSEC refuses the answer", "dns.unsigned");
      var unsigned = configuration(own.port(), postfix.port(), "test");
      assertThat(send(unsigned, "good.test")).isEqualTo("TLSv1.3");
      var another = configuration(own.port(), postfix.port(), "good.test");
      assertThat(send(another, "good.test")).startsWith("4.4.3 ");
    }
    // Signed by somebody else altogether.
    try (var other =
        SignedDnsPeer.signing(List.of("good MX 10 mail", "mail A 127.0.0.1"), List.of())) {
      assertThat(send(other, postfix.port(), "good.test")).startsWith("4.4.3 ");
    }
  }

  @Test
  void dnssecVouchesForWhatIsSignedAlsoThatThereIsNothing() {
    var resolver = new DnsResolver(configuration(knot.port(), 25).dns(), OS);
    assertThat(resolver.assuredExchangers("good.test").secure()).isTrue();
    assertThat(resolver.assuredExchangers("nowhere.test").secure()).isTrue();
    assertThat(resolver.assuredExchangers("nowhere.test").answer())
        .isInstanceOf(Answer.NoName.class);
    assertThat(resolver.assuredExchangers("plain.test").secure()).isFalse();
    assertThat(resolver.assuredAddresses("www.test").name()).isEqualTo("mail.test");
  }
}
