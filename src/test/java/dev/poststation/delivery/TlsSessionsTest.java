package dev.poststation.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Configuration;
import dev.poststation.config.Connector;
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
import dev.poststation.smtp.TlsWish;
import dev.poststation.sts.Policies;
import dev.poststation.tls.ClientTls;
import dev.poststation.tlsrpt.TlsSession;
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

/// What a domain would be told of a session with its host (RFC 8460 4.3), over real TLS.
@Timeout(60)
class TlsSessionsTest {
  private static final Os OS = Os.real();
  private static final String ISSUED = "nexthop-issued.p12";
  private static final int WEEK = 604_800;

  private final ScriptedResolver resolver =
      new ScriptedResolver()
          .address("mx.example", "127.0.0.1")
          .address("other.example", "127.0.0.1")
          .mx("recipient.example", 10, "mx.example")
          .mx("elsewhere.example", 10, "other.example")
          .mx("plain.example", 10, "mx.example")
          .text("_mta-sts.recipient.example", "v=STSv1; id=1;")
          .text("_mta-sts.elsewhere.example", "v=STSv1; id=1;");
  private final ToyPolicySite site =
      new ToyPolicySite()
          .publish("recipient.example", "enforce", WEEK, "mx.example")
          .publish("elsewhere.example", "enforce", WEEK, "other.example");
  private final Policies policies = Policies.forgetting(resolver, site, OS);
  private String tls = "dane-or-sts";
  private TlsWish wish = TlsWish.NONE;
  private boolean encrypts = true;
  private Tlsa[] records = {};
  private String lie = "";
  private int port;
  private List<TlsSession> seen = List.of();

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

  private static Tlsa record(int usage, String file, int number) throws Exception {
    var store = store(file);
    byte[] octets =
        store
            .getCertificateChain(store.aliases().nextElement())[number]
            .getPublicKey()
            .getEncoded();
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(octets);
    return new Tlsa(usage, 1, 1, HexFormat.of().formatHex(hash));
  }

  private Configuration configuration(int port) {
    String text =
        """
        hostname = "relay.example.com"
        dns { dnssec = validate }
        clients = [ { name = lan, networks = ["10.0.0.0/8"] } ]
        connectors { internet { type = mx, port = %1$d, tls = %2$s }
                     by-mx { hosts = ["mx:recipient.example:%1$d"], tls = %2$s } }
        routes = [ { via = [internet, by-mx] } ]
        """
            .formatted(port, tls);
    return switch (new Loader(OS, Map.of()).parse(text, Path.of("test.conf"))) {
      case Loaded.Good good -> good.configuration();
      case Loaded.Bad bad -> throw new AssertionError(bad.problems().toString());
    };
  }

  private String meet(String domain, String keys) throws Exception {
    return meet("internet", domain, keys);
  }

  /// What is reported of each session: `sts recipient.example: certificate-expired`.
  private String meet(String connector, String domain, String keys) throws Exception {
    try (var sink = new Sink(OS, List.of(), encrypts ? tlsOf(keys) : null, false, true)) {
      var configuration = configuration(port == 0 ? sink.port() : port);
      if (!lie.isEmpty()) {
        resolver.fail("_" + sink.port() + "._tcp.mx.example", lie);
      }
      resolver.tlsa("_" + sink.port() + "._tcp.mx.example", records);
      if (records.length > 0) {
        resolver.secure("_" + sink.port() + "._tcp.mx.example");
      }
      var destinations = new Destinations(resolver, policies, Ourselves.of(configuration, OS), OS);
      var way = configuration.connectors().get(connector);
      way = wish == TlsWish.NONE ? way : way.under(way.tls().wished(wish));
      var found = ((Resolution.Found) destinations.resolve(way, domain)).destination();
      var authorities = ClientTls.trusting(List.of(authority()));
      var dialer = new Dialer(OS, resolver, authorities, "relay.example", () -> Sample.LIMITS);
      var opening = dialer.open(found);
      if (opening instanceof Opening.Opened opened) {
        opened.conversation().close();
      }
      seen = opening.sessions();
      return String.join("; ", seen.stream().map(TlsSessionsTest::words).toList());
    }
  }

  private static String words(TlsSession session) {
    var failure = session.failure();
    var policy = session.policy();
    String what = policy.type().word() + " " + policy.domain();
    return what.strip() + ": " + (failure == null ? "good" : failure.type().word());
  }

  private TlsSession.Failure failure() {
    return seen.getFirst().failure();
  }

  @Test
  void aSessionAsThePolicyWantsItIsASuccess() throws Exception {
    assertThat(meet("recipient.example", ISSUED)).isEqualTo("sts recipient.example: good");
    assertThat(seen.getFirst().policy().lines())
        .containsExactly("version: STSv1", "mode: enforce", "mx: mx.example", "max_age: " + WEEK);
    assertThat(seen.getFirst().policy().mx()).containsExactly("mx.example");
  }

  @Test
  void whatAPolicyRefusesHasItsType() throws Exception {
    assertThat(meet("recipient.example", "nexthop-expired.p12"))
        .isEqualTo("sts recipient.example: certificate-expired");
    assertThat(meet("elsewhere.example", ISSUED))
        .isEqualTo("sts elsewhere.example: certificate-host-mismatch");
    assertThat(meet("recipient.example", "nexthop.p12"))
        .isEqualTo("sts recipient.example: certificate-not-trusted");
    assertThat(failure().host()).isEqualTo("mx.example");
    assertThat(failure().to()).isEqualTo("127.0.0.1");
    assertThat(failure().from()).isEqualTo("127.0.0.1");
    assertThat(failure().hello()).isNotEmpty();
    encrypts = false;
    assertThat(meet("recipient.example", ISSUED))
        .isEqualTo("sts recipient.example: starttls-not-supported");
    site.publish("recipient.example", "enforce", WEEK, "mx2.example");
    resolver.text("_mta-sts.recipient.example", "v=STSv1; id=2;");
    assertThat(meet("recipient.example", ISSUED))
        .isEqualTo("sts recipient.example: validation-failure");
    assertThat(failure().code()).contains("is no mail exchanger by the MTA-STS policy");
  }

  @Test
  void aPolicyInTestingTellsWhatItWouldRefuseThoughTheMailGoes() throws Exception {
    site.publish("recipient.example", "testing", WEEK, "mx.example");
    assertThat(meet("recipient.example", ISSUED)).isEqualTo("sts recipient.example: good");
    assertThat(meet("recipient.example", "nexthop-expired.p12"))
        .isEqualTo("sts recipient.example: certificate-expired");
    encrypts = false;
    assertThat(meet("recipient.example", ISSUED))
        .isEqualTo("sts recipient.example: starttls-not-supported");
    encrypts = true;
    site.publish("recipient.example", "testing", WEEK, "mx2.example");
    resolver.text("_mta-sts.recipient.example", "v=STSv1; id=2;");
    assertThat(meet("recipient.example", ISSUED))
        .isEqualTo("sts recipient.example: validation-failure");
  }

  @Test
  void aPolicyThatCannotBeHadIsTold() throws Exception {
    site.fails("https://mta-sts.recipient.example/ takes no connection");
    assertThat(meet("recipient.example", ISSUED)).isEqualTo("sts: sts-policy-fetch-error");
  }

  @Test
  void aPolicyThatIsNoneIsTold() throws Exception {
    site.publish("recipient.example", "nonsense", WEEK, "mx.example");
    assertThat(meet("recipient.example", ISSUED)).isEqualTo("sts: sts-policy-invalid");
  }

  @Test
  void whereNothingIsPublishedItIsToldWhetherTlsWorked() throws Exception {
    assertThat(meet("plain.example", "nexthop-expired.p12")).isEqualTo("no-policy-found: good");
    encrypts = false;
    assertThat(meet("plain.example", ISSUED)).isEqualTo("no-policy-found: starttls-not-supported");
  }

  @Test
  void recordsOfDaneAreToldWithWhatTheyRefuse() throws Exception {
    resolver.secure("recipient.example", "mx.example");
    records = new Tlsa[] {record(3, ISSUED, 0)};
    assertThat(meet("recipient.example", ISSUED)).isEqualTo("tlsa mx.example: good");
    assertThat(seen.getFirst().policy().lines()).containsExactly(records[0].record());
    assertThat(meet("recipient.example", "nexthop.p12")).isEqualTo("tlsa mx.example: tlsa-invalid");
    assertThat(failure().code()).contains("is none that the DNS names");
    encrypts = false;
    assertThat(meet("recipient.example", ISSUED))
        .isEqualTo("tlsa mx.example: starttls-not-supported");
  }

  @Test
  void anAuthorityInTheDnsThatVouchesForAnotherNameOrNoMoreIsTold() throws Exception {
    resolver.secure("plain.example", "mx.example");
    records = new Tlsa[] {record(2, ISSUED, 1)};
    assertThat(meet("plain.example", ISSUED)).isEqualTo("tlsa mx.example: good");
    assertThat(meet("plain.example", "nexthop-expired.p12"))
        .isEqualTo("tlsa mx.example: certificate-expired");
  }

  @Test
  void recordsThatCannotBeLookedUpAreTold() throws Exception {
    resolver.secure("recipient.example", "mx.example");
    lie = "DNSSEC refuses the answer";
    assertThat(meet("recipient.example", ISSUED)).isEqualTo("tlsa mx.example: dnssec-invalid");
    assertThat(failure().code()).contains(lie);
  }

  @Test
  void aSmarthostIsToldOfItselfWhoeverGetsTheMail() throws Exception {
    assertThat(meet("by-mx", "plain.example", ISSUED)).isEqualTo("sts recipient.example: good");
    assertThat(seen.getFirst().domain()).isEqualTo("recipient.example");
  }

  @Test
  void whatNobodyPublishesIsNobodysToReport() throws Exception {
    for (String level : List.of("opportunistic", "required", "verify")) {
      tls = level;
      assertThat(meet("recipient.example", ISSUED)).isEmpty();
    }
    assertThat(Connector.Tls.VERIFY.asks()).isFalse();
  }

  @Test
  void mailThatWaivesWhatIsPublishedIsNotReported() throws Exception {
    wish = TlsWish.WAIVED;
    assertThat(meet("recipient.example", "nexthop-expired.p12")).isEmpty();
  }

  @Test
  void aHostThatCannotBeReachedSaysNothingOfTls() throws Exception {
    port = 1;
    assertThat(meet("recipient.example", ISSUED)).isEmpty();
  }
}
