package dev.poststation.delivery;

import static dev.poststation.delivery.Play.brief;
import static dev.poststation.delivery.Play.opened;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.conditions.MailFacts;
import dev.poststation.config.Configuration;
import dev.poststation.config.Connector;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.ldap.Directories;
import dev.poststation.os.Os;
import dev.poststation.route.Destinations;
import dev.poststation.route.Ourselves;
import dev.poststation.route.Resolution;
import dev.poststation.route.Router;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.sim.Sink;
import dev.poststation.sim.ToyPolicySite;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.TlsWish;
import dev.poststation.sts.Policies;
import dev.poststation.tls.ClientTls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Mail that demands TLS on all of its way, or waives what others publish (RFC 8689), from the
/// route to the content, over real TLS.
@Timeout(60)
class RequireTlsTest {
  private static final Os OS = Os.real();
  private static final String ISSUED = "nexthop-issued.p12";

  private final ScriptedResolver resolver =
      new ScriptedResolver()
          .address("mx.example", "127.0.0.1")
          .address("other.example", "127.0.0.1")
          .mx("plain.example", 10, "mx.example")
          .mx("signed.example", 10, "mx.example")
          .mx("strange.example", 10, "other.example")
          .mx("policed.example", 10, "mx.example")
          .secure("signed.example", "strange.example")
          .text("_mta-sts.policed.example", "v=STSv1; id=1;");
  private final ToyPolicySite site =
      new ToyPolicySite().publish("policed.example", "testing", 604_800, "mx.example");
  private final Policies policies = Policies.forgetting(resolver, site, OS);
  private final Sample.Letter letter = new Sample.Letter();
  private String connector = "internet { type = mx, port = %d, tls = opportunistic }";
  private List<String> offers = List.of("REQUIRETLS");
  private boolean encrypts = true;
  private String dialogue = "";
  private String destination = "";

  private static SSLContext tlsOf(String file) throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(Path.of("src/test/resources/tls", file))) {
      var store = KeyStore.getInstance("PKCS12");
      store.load(in, "changeit".toCharArray());
      var factory = KeyManagerFactory.getInstance("PKIX");
      factory.init(store, "changeit".toCharArray());
      var context = SSLContext.getInstance("TLS");
      context.init(factory.getKeyManagers(), null, null);
      return context;
    }
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
        connectors { %s }
        routes = [ { via = [internet] } ]
        """
            .formatted(connector.replace("%d", Integer.toString(port)));
    return switch (new Loader(OS, Map.of()).parse(text, Path.of("test.conf"))) {
      case Loaded.Good good -> good.configuration();
      case Loaded.Bad bad -> throw new AssertionError(bad.problems().toString());
    };
  }

  private String send(String domain) throws Exception {
    return send(domain, ISSUED);
  }

  /// What comes of the letter: the protocol, `clear`, or status and reason.
  private String send(String domain, String keys) throws Exception {
    var to = new Address("b", domain);
    var order = letter.to("b@" + domain).order();
    try (var sink = new Sink(OS, offers, encrypts ? tlsOf(keys) : null, false, true)) {
      var configuration = configuration(sink.port());
      var facts = MailFacts.of(order.mail(), order.content());
      var via =
          new Router(configuration, new Directories(OS, resolver))
              .route(facts, to, false)
              .orElseThrow()
              .via()
              .getFirst();
      var destinations = new Destinations(resolver, policies, Ourselves.of(configuration, OS), OS);
      var found = ((Resolution.Found) destinations.resolve(via, domain)).destination();
      destination = found.name();
      var authorities = ClientTls.trusting(List.of(authority()));
      var dialer = new Dialer(OS, resolver, authorities, "relay.example", () -> Sample.LIMITS);
      return switch (dialer.open(found)) {
        case Opening.Failed failed -> {
          dialogue = String.join("\n", failed.dialogue());
          assertThat(sink.contents()).isEmpty();
          yield brief(failed.outcome()) + " " + failed.outcome().text();
        }
        case Opening.Withheld withheld -> throw new AssertionError(withheld.toString());
        case Opening.Opened open -> {
          try (var conversation = opened(open)) {
            var result = conversation.send(order);
            dialogue = String.join("\n", result.dialogue());
            assertThat(brief(result)).containsExactly("Delivered 2.0.0");
            var tls = conversation.tls();
            yield tls == null ? "clear" : tls.protocol();
          }
        }
      };
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"signed.example", "policed.example"})
  void whatDemandsTlsGoesToAHostThatIsProvenAndOffersIt(String domain) throws Exception {
    letter.tls = TlsWish.REQUIRED;
    assertThat(send(domain)).isEqualTo("TLSv1.3");
    assertThat(dialogue).containsPattern("MAIL FROM:<[^>]*>[^\n]* REQUIRETLS");
    assertThat(destination).startsWith("internet/requiretls-dane-or-sts");
    offers = List.of();
    assertThat(send(domain))
        .startsWith("Bounced ")
        .contains(" 5.7.30 ")
        .endsWith("does not offer REQUIRETLS, which the mail demands");
  }

  @Test
  void aHostThatNobodyVouchesForGetsNothingForEver() throws Exception {
    letter.tls = TlsWish.REQUIRED;
    assertThat(send("plain.example"))
        .startsWith("Bounced ROUTE 5.7.30 host mx.example is not used: neither DNSSEC nor MTA-STS");
  }

  @Test
  void whileAPolicyCannotBeHadTheMailWaits() throws Exception {
    letter.tls = TlsWish.REQUIRED;
    site.fails("nobody answers");
    assertThat(send("policed.example"))
        .startsWith("Deferred ROUTE 4.7.5 ")
        .contains("is not known now");
    site.fails("");
    resolver.text("_mta-sts.policed.example", "v=STSv1; id=2;");
    assertThat(send("policed.example")).isEqualTo("TLSv1.3");
    resolver.mx("silent.example", 10, "mx.example").fail("_mta-sts.silent.example", "time-out");
    assertThat(send("silent.example")).startsWith("Deferred ROUTE 4.7.5 ");
  }

  @Test
  void anotherCertificateOrNoneIsTriedAgain() throws Exception {
    letter.tls = TlsWish.REQUIRED;
    assertThat(send("signed.example", "nexthop-expired.p12"))
        .startsWith("Deferred TLS 4.7.5 ")
        .contains("has expired");
    assertThat(send("strange.example")).startsWith("Deferred TLS 4.7.5 ");
    encrypts = false;
    assertThat(send("signed.example"))
        .startsWith("Deferred TLS 4.7.4 ")
        .contains("offers no TLS, which REQUIRETLS = verify demands");
  }

  @Test
  void aHostWithoutItIsNotTheLastWordWhileAnotherOneCannotBeReached() throws Exception {
    letter.tls = TlsWish.REQUIRED;
    offers = List.of();
    resolver.mx("signed.example", 5, "gone.example");
    resolver.address("gone.example", "127.0.0.1").fail("gone.example", "no server answers");
    assertThat(send("signed.example")).startsWith("Deferred ");
    resolver.mx("signed.example", 20, "other.example");
    assertThat(send("signed.example")).startsWith("Deferred ");
  }

  @Test
  void aSmarthostOfTheFileMustHaveAValidCertificateAndOfferIt() throws Exception {
    letter.tls = TlsWish.REQUIRED;
    for (String level : List.of("off", "opportunistic", "required", "verify", "mta-sts")) {
      connector = "internet { hosts = [\"mx.example:%d\"], tls = " + level + " }";
      offers = List.of("REQUIRETLS");
      assertThat(send("any.example")).as(level).isEqualTo("TLSv1.3");
      assertThat(send("any.example", "nexthop.p12")).as(level).startsWith("Deferred TLS 4.7.5 ");
      offers = List.of();
      assertThat(send("any.example")).as(level).contains(" 5.7.30 ");
    }
  }

  @Test
  void exceptionsForADomainAreNoWayAroundIt() throws Exception {
    letter.tls = TlsWish.REQUIRED;
    connector =
        "internet { type = mx, port = %d, tls-for = [ { to = [\"signed.example\"], tls = off } ] }";
    assertThat(send("signed.example", "nexthop.p12")).startsWith("Deferred TLS 4.7.5 ");
    assertThat(send("signed.example")).isEqualTo("TLSv1.3");
  }

  @Test
  void aNoticeGoesAsItCanAndSaysItWhereItCan() throws Exception {
    letter.tls = TlsWish.REQUIRED;
    letter.from = Address.NULL;
    assertThat(send("plain.example", "nexthop.p12")).isEqualTo("TLSv1.3");
    assertThat(dialogue).contains("MAIL FROM:<>").contains(" REQUIRETLS");
    offers = List.of();
    assertThat(send("plain.example")).isEqualTo("TLSv1.3");
    assertThat(dialogue).doesNotContain("REQUIRETLS");
    encrypts = false;
    offers = List.of("REQUIRETLS");
    assertThat(send("plain.example")).isEqualTo("clear");
    assertThat(dialogue).doesNotContain("REQUIRETLS");
  }

  @Test
  void whatWaivesTlsGoesThoughAPolicyForbidsIt() throws Exception {
    site.publish("policed.example", "enforce", 604_800, "mx.example");
    connector = "internet { type = mx, port = %d, tls = mta-sts }";
    assertThat(send("policed.example", "nexthop.p12")).startsWith("Deferred TLS 4.7.5 ");
    letter.tls = TlsWish.WAIVED;
    assertThat(send("policed.example", "nexthop.p12")).isEqualTo("TLSv1.3");
    assertThat(destination).isEqualTo("internet/opportunistic:mx.example");
    encrypts = false;
    assertThat(send("policed.example")).isEqualTo("clear");
  }

  @Test
  void whatTheFileDemandsNobodyCanWaive() throws Exception {
    letter.tls = TlsWish.WAIVED;
    encrypts = false;
    for (String level : List.of("required", "verify")) {
      connector = "internet { type = mx, port = %d, tls = " + level + " }";
      assertThat(send("signed.example")).as(level).startsWith("Deferred TLS 4.7.4 ");
    }
    connector =
        "internet { type = mx, port = %d, tls = mta-sts, tls-for = [ { to = [\"signed.example\"],"
            + " tls = required } ] }";
    assertThat(send("signed.example")).startsWith("Deferred TLS 4.7.4 ");
  }

  @Test
  void mailboxesAreTheEndOfTheWay() throws Exception {
    letter.tls = TlsWish.REQUIRED;
    var order = letter.to("b@any.example").order();
    connector = "internet { type = lmtp, hosts = [\"127.0.0.1:24\"] }, later { type = hold }";
    var facts = MailFacts.of(order.mail(), order.content());
    var route =
        new Router(configuration(24), new Directories(OS, resolver))
            .route(facts, new Address("b", "any.example"), false);
    assertThat(route.orElseThrow().via().getFirst())
        .matches(each -> each.type() == Connector.Type.LMTP)
        .matches(each -> !each.tls().strict());
  }
}
