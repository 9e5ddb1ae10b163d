package dev.poststation.delivery;

import static dev.poststation.delivery.Play.brief;
import static dev.poststation.delivery.Play.failed;
import static dev.poststation.delivery.Play.opened;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Connector;
import dev.poststation.os.Os;
import dev.poststation.route.Destination;
import dev.poststation.route.NextHop;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.sim.Sink;
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
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Certificates of all kinds at next hops, over real TLS: where TLS is only encryption any will do,
/// where it is to verify only a right one does, and it is said what is wrong with the others.
@Timeout(60)
class CertificatesOfNextHopsTest {
  private static final Os OS = Os.real();

  private final ScriptedResolver resolver =
      new ScriptedResolver()
          .address("mx.example", "127.0.0.1")
          .address("other.example", "127.0.0.1");
  private final Sample.Via via = new Sample.Via();

  private static SSLContext tlsOf(String file) {
    try (InputStream in = Files.newInputStream(Path.of("src/test/resources/tls", file))) {
      var store = KeyStore.getInstance("PKCS12");
      store.load(in, "changeit".toCharArray());
      var factory = KeyManagerFactory.getInstance("PKIX");
      factory.init(store, "changeit".toCharArray());
      var context = SSLContext.getInstance("TLS");
      context.init(factory.getKeyManagers(), null, null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Certificate certificate(String file) {
    try (InputStream in = Files.newInputStream(Path.of("src/test/resources/tls", file))) {
      return CertificateFactory.getInstance("X.509").generateCertificate(in);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    // kind, keys, trusted, name, what is said of it; nothing: it is right
    "of a trusted authority, nexthop-issued.p12, authority.pem, mx.example, ''",
    "by its address, nexthop-issued.p12, authority.pem, 127.0.0.1, ''",
    "of an unknown authority, nexthop-issued.p12, relay.pem, mx.example, update-ca-certificates",
    "signed by itself, nexthop.p12, authority.pem, mx.example, update-ca-certificates",
    "expired, nexthop-expired.p12, authority.pem, mx.example, expired",
    "not yet valid, nexthop-early.p12, authority.pem, mx.example, not valid yet",
    "of another name, nexthop-issued.p12, authority.pem, other.example, other.example",
  })
  void onlyTheRightOneIsVerifiedAndAnyEncrypts(
      String kind, String keys, String trusted, String name, String wrong) throws IOException {
    for (var tls : List.of(Connector.Tls.OPPORTUNISTIC, Connector.Tls.REQUIRED)) {
      assertThat(protocol(tls, keys, trusted, name)).as(tls + ", " + kind).isEqualTo("TLSv1.3");
    }
    if (wrong.isEmpty()) {
      assertThat(protocol(Connector.Tls.VERIFY, keys, trusted, name)).isEqualTo("TLSv1.3");
      return;
    }
    via.tls = Connector.Tls.VERIFY;
    for (boolean implicit : new boolean[] {false, true}) {
      try (var sink = new Sink(OS, List.of(), tlsOf(keys), implicit, true)) {
        var outcome = failed(dial(name, trusted, sink.port(), implicit)).outcome();
        assertThat(brief(outcome)).as(kind).isEqualTo("Deferred TLS 4.7.5");
        assertThat(outcome.text()).contains(wrong).doesNotContain("sun.", "PKIX", "java.");
        assertThat(sink.contents()).isEmpty();
      }
    }
  }

  /// Delivers a mail.
  private String protocol(Connector.Tls tls, String keys, String trusted, String name)
      throws IOException {
    via.tls = tls;
    try (var sink = new Sink(OS, List.of(), tlsOf(keys), false, true);
        var conversation = opened(dial(name, trusted, sink.port(), false))) {
      assertThat(brief(conversation.send(new Sample.Letter().order())))
          .containsExactly("Delivered 2.0.0");
      var facts = conversation.tls();
      return facts == null ? "none" : facts.protocol();
    }
  }

  private Opening dial(String host, String trusted, int port, boolean implicit) {
    var authorities = ClientTls.trusting(List.of(certificate(trusted)));
    var dialer = new Dialer(OS, resolver, authorities, "relay.example", () -> Sample.LIMITS);
    return dialer.open(
        new Destination("d", via.connector(), List.of(new NextHop(host, port, implicit))));
  }
}
