package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Configuration;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.delivery.Dialer;
import dev.poststation.delivery.Opening;
import dev.poststation.dns.DnsResolver;
import dev.poststation.os.Os;
import dev.poststation.route.Destinations;
import dev.poststation.route.Ourselves;
import dev.poststation.route.Resolution;
import dev.poststation.sim.ToyPolicySite;
import dev.poststation.sts.Policies;
import dev.poststation.tls.ClientTls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// MTA-STS with records that Knot gives and a Postfix whose certificate OpenSSL has made, for
/// `localhost`.
@Tag("peer")
final class StsAtPeersTest {
  private static final Os OS = Os.real();
  private static PostfixPeer postfix;
  private static PostfixPeer inClear;
  private static SignedDnsPeer knot;
  private static ToyPolicySite site;

  @BeforeAll
  static void start() {
    postfix = PostfixPeer.start();
    inClear = PostfixPeer.start("smtpd_tls_security_level = none");
    knot =
        SignedDnsPeer.signing(
            List.of("mail A 127.0.0.1"),
            List.of(
                "good MX 10 localhost.",
                "_mta-sts.good TXT \"v=STSv1; \" \"id=20261130;\"",
                "named MX 10 mail.test.",
                "_mta-sts.named TXT \"v=STSv1; id=1;\"",
                "forged MX 10 localhost.",
                "_mta-sts.forged TXT \"v=STSv1; id=1;\"",
                "tested MX 10 mail.test.",
                "_mta-sts.tested TXT \"v=STSv1; id=1;\"",
                "none MX 10 mail.test."));
    site =
        new ToyPolicySite()
            .publish("good.plain.test", "enforce", 86_400, "localhost")
            .publish("named.plain.test", "enforce", 86_400, "*.test")
            .publish("forged.plain.test", "enforce", 86_400, "mail.test")
            .publish("tested.plain.test", "testing", 86_400, "mail.test");
  }

  @AfterAll
  static void stop() {
    knot.close();
    inClear.close();
    postfix.close();
  }

  private static Configuration configuration(int smtp) {
    String text =
        """
        hostname = "relay.here.test"
        dns { servers = ["127.0.0.1:%d"] }
        clients = [ { name = local, networks = ["127.0.0.1"] } ]
        connectors { internet { type = mx, port = %d, tls = mta-sts } }
        routes = [ { via = [internet] } ]
        """
            .formatted(knot.port(), smtp);
    return switch (new Loader(OS, Map.of()).parse(text, Path.of("test.conf"))) {
      case Loaded.Good good -> good.configuration();
      case Loaded.Bad bad -> throw new AssertionError(bad.problems().toString());
    };
  }

  private static ClientTls trusting(Path certificate) {
    try (InputStream in = Files.newInputStream(certificate)) {
      var factory = CertificateFactory.getInstance("X.509");
      return ClientTls.trusting(List.of(factory.generateCertificate(in)));
    } catch (IOException | CertificateException e) {
      throw new IllegalStateException(e);
    }
  }

  /// How a mail for a domain is sent: `TLSv1.3`, `clear`, or why it waits.
  private static String send(PostfixPeer peer, String domain) {
    var configuration = configuration(peer.port());
    var resolver = new DnsResolver(configuration.dns(), OS);
    var policies = Policies.forgetting(resolver, site, OS);
    var destinations = new Destinations(resolver, policies, Ourselves.of(configuration, OS), OS);
    var connector = configuration.connectors().get("internet");
    var found = destinations.resolve(connector, domain);
    if (found instanceof Resolution.Nowhere(var outcome, _)) {
      return outcome.status() + " " + outcome.text();
    }
    var authorities = trusting(postfix.certificate());
    var dialer = new Dialer(OS, resolver, authorities, "relay.here.test", configuration::limits);
    return switch (dialer.open(((Resolution.Found) found).destination())) {
      case Opening.Failed failed -> failed.outcome().status() + " " + failed.outcome().text();
      case Opening.Withheld withheld -> throw new AssertionError(withheld.toString());
      case Opening.Opened opened -> {
        var facts = opened.conversation().tls();
        opened.conversation().close();
        String dialogue = String.join("\n", opened.dialogue());
        String how = facts == null ? "clear" : facts.protocol();
        how += dialogue.contains("certificate verified") ? " verified" : "";
        yield how + (dialogue.contains("would refuse this host") ? " noted" : "");
      }
    };
  }

  @Test
  void aHostThatThePolicyNamesIsVerified() {
    assertThat(send(postfix, "good.plain.test")).isEqualTo("TLSv1.3 verified");
  }

  @Test
  void anotherNameAnotherHostAndStrippedStarttlsGetNothing() {
    assertThat(send(postfix, "named.plain.test")).startsWith("4.7.5 ").contains("mail.test");
    assertThat(send(postfix, "forged.plain.test"))
        .startsWith("4.7.5 ")
        .contains("is no mail exchanger by the MTA-STS policy of forged.plain.test");
    assertThat(send(inClear, "good.plain.test")).startsWith("4.7.4 ").contains("offers no TLS");
  }

  @Test
  void testingAndNoPolicyChangeNothing() {
    assertThat(send(postfix, "tested.plain.test")).isEqualTo("TLSv1.3 noted");
    assertThat(send(inClear, "tested.plain.test")).isEqualTo("clear noted");
    assertThat(send(inClear, "none.plain.test")).isEqualTo("clear");
  }
}
