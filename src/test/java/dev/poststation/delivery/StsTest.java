package dev.poststation.delivery;

import static dev.poststation.delivery.Play.brief;
import static dev.poststation.delivery.Play.opened;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Configuration;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.dns.Tlsa;
import dev.poststation.os.Os;
import dev.poststation.route.Destinations;
import dev.poststation.route.Ourselves;
import dev.poststation.route.Resolution;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.sim.Sink;
import dev.poststation.sim.ToyPolicySite;
import dev.poststation.sts.Policies;
import dev.poststation.tls.ClientTls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// MTA-STS (RFC 8461) over real TLS, from the domain to the content: what a policy that is enforced
/// does not allow gets nothing, and it is said why; what one in testing would not allow is noted.
@Timeout(60)
class StsTest {
  private static final Os OS = Os.real();
  private static final String ISSUED = "nexthop-issued.p12";

  /// Has `localhost` as common name only; it vouches for itself.
  private static final String COMMON_NAME = "localhost-cn.p12";

  private static final int WEEK = 604_800;

  private final ScriptedResolver resolver =
      new ScriptedResolver()
          .address("mx.example", "127.0.0.1")
          .address("other.example", "127.0.0.1")
          .mx("recipient.example", 10, "mx.example")
          .mx("elsewhere.example", 10, "other.example")
          .text("_mta-sts.recipient.example", "v=STSv1; id=1;")
          .text("_mta-sts.elsewhere.example", "v=STSv1; id=1;");
  private final ToyPolicySite site =
      new ToyPolicySite()
          .publish("recipient.example", "enforce", WEEK, "mx.example")
          .publish("elsewhere.example", "enforce", WEEK, "other.example");
  private final Policies policies = Policies.forgetting(resolver, site, OS);
  private String tls = "mta-sts";
  private boolean encrypts = true;
  private String dialogue = "";
  private String destination = "";
  private List<String> facts = List.of();

  private static KeyStore store(String file) throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(Path.of("src/test/resources/tls", file))) {
      var store = KeyStore.getInstance("PKCS12");
      store.load(in, "changeit".toCharArray());
      return store;
    }
  }

  private static SSLContext tlsOf(String file) throws IOException, GeneralSecurityException {
    var factory = KeyManagerFactory.getInstance("PKIX");
    factory.init(store(file), "changeit".toCharArray());
    var context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    return context;
  }

  private static Certificate authority() throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(Path.of("src/test/resources/tls/authority.pem"))) {
      return CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }

  private Configuration configuration(int port) {
    String text =
        """
        hostname = "relay.example.com"
        dns { dnssec = validate }
        clients = [ { name = lan, networks = ["10.0.0.0/8"] } ]
        connectors { internet { type = mx, port = %d, tls = %s }
                     listed { hosts = ["mx.example:%d"], tls = %s }
                     by-mx { hosts = ["mx:recipient.example:%d"], tls = %s } }
        routes = [ { via = [internet, listed, by-mx] } ]
        """
            .formatted(port, tls, port, tls, port, tls);
    return switch (new Loader(OS, Map.of()).parse(text, Path.of("test.conf"))) {
      case Loaded.Good good -> good.configuration();
      case Loaded.Bad bad -> throw new AssertionError(bad.problems().toString());
    };
  }

  private String send(String domain, String keys) throws Exception {
    return send("internet", domain, keys);
  }

  /// What comes of a mail: the protocol, `clear`, or status and reason.
  private String send(String connector, String domain, String keys) throws Exception {
    try (var sink = new Sink(OS, List.of(), encrypts ? tlsOf(keys) : null, false, true)) {
      var configuration = configuration(sink.port());
      var destinations = new Destinations(resolver, policies, Ourselves.of(configuration, OS), OS);
      var resolution = destinations.resolve(configuration.connectors().get(connector), domain);
      facts = resolution.facts();
      var found = ((Resolution.Found) resolution).destination();
      destination = found.name();
      var trusted =
          keys.equals(COMMON_NAME) ? store(keys).getCertificate("localhost") : authority();
      var authorities = ClientTls.trusting(List.of(trusted));
      var dialer = new Dialer(OS, resolver, authorities, "relay.example", () -> Sample.LIMITS);
      return switch (dialer.open(found)) {
        case Opening.Failed failed -> {
          dialogue = String.join("\n", failed.dialogue());
          assertThat(sink.contents()).isEmpty();
          yield brief(failed.outcome()) + " " + failed.outcome().text();
        }
        case Opening.Withheld withheld -> throw new AssertionError(withheld.toString());
        case Opening.Opened open -> {
          dialogue = String.join("\n", open.dialogue());
          try (var conversation = opened(open)) {
            assertThat(brief(conversation.send(new Sample.Letter().order())))
                .containsExactly("Delivered 2.0.0");
            var facts = conversation.tls();
            yield facts == null ? "clear" : facts.protocol();
          }
        }
      };
    }
  }

  @Test
  void whatThePolicyAllowsIsSentOverAVerifiedConnection() throws Exception {
    assertThat(send("recipient.example", ISSUED)).isEqualTo("TLSv1.3");
    assertThat(dialogue).contains("certificate verified (the MTA-STS policy of recipient.example)");
    assertThat(destination).isEqualTo("internet/sts(recipient.example):mx.example");
    assertThat(String.join("\n", facts))
        .contains("the MTA-STS policy of recipient.example: enforce, mx mx.example (id 1, until ");
  }

  @ParameterizedTest(name = "{0}, {1}")
  @CsvSource({
    "recipient.example, nexthop-expired.p12, has expired",
    "recipient.example, nexthop-early.p12, not valid yet",
    "recipient.example, nexthop.p12, from no authority that this machine trusts",
    "elsewhere.example, nexthop-issued.p12, other.example",
  })
  void anotherCertificateGetsNothing(String domain, String keys, String why) throws Exception {
    assertThat(send(domain, keys)).startsWith("Deferred TLS 4.7.5 ").contains(why);
  }

  /// RFC 8461 4.1; the JDK would be content with it.
  @Test
  void aCommonNameDoesNotCount() throws Exception {
    resolver
        .address("localhost", "127.0.0.1")
        .mx("named.example", 10, "localhost")
        .text("_mta-sts.named.example", "v=STSv1; id=1;");
    site.publish("named.example", "enforce", WEEK, "localhost");
    assertThat(send("named.example", COMMON_NAME))
        .startsWith("Deferred TLS 4.7.5 ")
        .contains("does not carry the name localhost as an alternative one, as MTA-STS demands");
    site.publish("named.example", "testing", WEEK, "localhost");
    resolver.text("_mta-sts.named.example", "v=STSv1; id=2;");
    assertThat(send("named.example", COMMON_NAME)).isEqualTo("TLSv1.3");
    assertThat(dialogue).contains("refuse this host: its certificate does not carry the name");
  }

  @Test
  void whereStarttlsIsStrippedNothingGoesInClear() throws Exception {
    encrypts = false;
    assertThat(send("recipient.example", ISSUED))
        .startsWith("Deferred TLS 4.7.4 ")
        .endsWith("offers no TLS, which the MTA-STS policy of recipient.example demands");
  }

  @Test
  void aHostThatThePolicyDoesNotNameIsNotEvenCalled() throws Exception {
    resolver.mx("recipient.example", 5, "other.example");
    assertThat(send("recipient.example", ISSUED)).isEqualTo("TLSv1.3");
    assertThat(dialogue)
        .contains(
            "host other.example is not used: it is no mail exchanger by the MTA-STS policy of"
                + " recipient.example (enforce, mx mx.example)")
        .doesNotContain("other.example[");
    assertThat(facts)
        .contains(
            "other.example is no mail exchanger by the MTA-STS policy of recipient.example"
                + " (enforce, mx mx.example)");
    site.publish("recipient.example", "enforce", WEEK, "third.example");
    resolver.text("_mta-sts.recipient.example", "v=STSv1; id=2;");
    assertThat(send("recipient.example", ISSUED))
        .startsWith("Deferred ROUTE 4.7.5 ")
        .contains("is no mail exchanger by the MTA-STS policy of recipient.example");
  }

  @Test
  void aPolicyThatIsKnownHoldsThoughItsSiteFailsAndOneThatIsNotDoesNot() throws Exception {
    encrypts = false;
    site.fails("nobody answers");
    assertThat(send("recipient.example", ISSUED)).isEqualTo("clear");
    assertThat(facts)
        .contains("the MTA-STS policy of recipient.example cannot be had: nobody answers");
    site.fails("");
    resolver.text("_mta-sts.recipient.example", "v=STSv1; id=2;");
    assertThat(send("recipient.example", ISSUED)).startsWith("Deferred TLS 4.7.4 ");
    site.fails("nobody answers");
    resolver.forget("_mta-sts.recipient.example");
    assertThat(send("recipient.example", ISSUED)).startsWith("Deferred TLS 4.7.4 ");
  }

  @Test
  void inTestingItIsSentAndNotedWhatWouldNotHaveBeen() throws Exception {
    site.publish("recipient.example", "testing", WEEK, "mx.example");
    site.publish("elsewhere.example", "testing", WEEK, "mx.example");
    String policy = "the MTA-STS policy of recipient.example is in testing; enforced, it would ";
    assertThat(send("recipient.example", ISSUED)).isEqualTo("TLSv1.3");
    assertThat(dialogue).contains(policy + "take this host");
    assertThat(send("recipient.example", "nexthop-expired.p12")).isEqualTo("TLSv1.3");
    assertThat(dialogue).contains(policy + "refuse this host: its certificate has expired");
    assertThat(send("recipient.example", "nexthop.p12")).isEqualTo("TLSv1.3");
    assertThat(dialogue).contains("refuse this host: its certificate is from no authority");
    assertThat(send("elsewhere.example", ISSUED)).isEqualTo("TLSv1.3");
    assertThat(dialogue)
        .contains("refuse this host: it is no mail exchanger by the MTA-STS policy of elsewhere");
    encrypts = false;
    assertThat(send("recipient.example", ISSUED)).isEqualTo("clear");
    assertThat(dialogue).contains(policy + "refuse this host: it is spoken to in clear");
  }

  @Test
  void aPolicyOfModeNoneOrNoneAtAllChangesNothing() throws Exception {
    encrypts = false;
    site.publish("recipient.example", "none", WEEK);
    assertThat(send("recipient.example", ISSUED)).isEqualTo("clear");
    assertThat(destination).isEqualTo("internet:mx.example");
    resolver.mx("plain.example", 10, "mx.example");
    assertThat(send("plain.example", ISSUED)).isEqualTo("clear");
    assertThat(destination).isEqualTo("internet:mx.example");
  }

  @Test
  void recordsOfTheHostComeBeforeThePolicyOfTheDomain() throws Exception {
    tls = "dane-or-sts";
    resolver.secure("recipient.example", "mx.example");
    // No record: the policy counts.
    assertThat(send("recipient.example", "nexthop.p12")).startsWith("Deferred TLS 4.7.5 ");
    // The record names the certificate: no authority counts, and no list of hosts.
    site.publish("recipient.example", "enforce", WEEK, "third.example");
    resolver.text("_mta-sts.recipient.example", "v=STSv1; id=2;");
    resolver.tlsaAtAnyPort("mx.example", record("nexthop.p12", 3));
    assertThat(send("recipient.example", "nexthop.p12")).isEqualTo("TLSv1.3");
    assertThat(dialogue).contains("the certificate is as demanded");
    // The record names another: no policy heals that.
    site.publish("recipient.example", "enforce", WEEK, "mx.example");
    resolver.text("_mta-sts.recipient.example", "v=STSv1; id=3;");
    assertThat(send("recipient.example", ISSUED))
        .startsWith("Deferred TLS 4.7.5 ")
        .contains("none that the DNS names");
    // It cannot be used: encryption is not enough.
    resolver.tlsaAtAnyPort("mx.example", record(ISSUED, 1));
    assertThat(send("recipient.example", "nexthop.p12"))
        .startsWith("Deferred TLS 4.7.5 ")
        .contains("from no authority");
    assertThat(send("recipient.example", ISSUED)).isEqualTo("TLSv1.3");
  }

  private static Tlsa record(String keys, int usage) throws Exception {
    var store = store(keys);
    var own = store.getCertificateChain(store.aliases().nextElement())[0];
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(own.getEncoded());
    return new Tlsa(usage, 0, 1, HexFormat.of().formatHex(hash));
  }

  @Test
  void ofASmarthostItsOwnNameOrTheDomainInTheFileIsTheOneWhosePolicyCounts() throws Exception {
    encrypts = false;
    assertThat(send("by-mx", "any.example", ISSUED))
        .startsWith("Deferred TLS 4.7.4 ")
        .contains("the MTA-STS policy of recipient.example");
    assertThat(send("listed", "recipient.example", ISSUED)).isEqualTo("clear");
    assertThat(facts).contains("mx.example has no MTA-STS policy");
    resolver.text("_mta-sts.mx.example", "v=STSv1; id=1;");
    site.publish("mx.example", "enforce", WEEK, "mx.example");
    assertThat(send("listed", "recipient.example", ISSUED))
        .contains("offers no TLS, which the MTA-STS policy of mx.example demands");
    encrypts = true;
    assertThat(send("listed", "recipient.example", ISSUED)).isEqualTo("TLSv1.3");
  }

  @Test
  void whileASmarthostIsAskedForAPolicyNobodyElseWaits() {
    var configuration = configuration(25);
    var destinations = new Destinations(resolver, policies, Ourselves.of(configuration, OS), OS);
    assertThat(destinations.immediate(configuration.connectors().get("listed"))).isFalse();
  }
}
