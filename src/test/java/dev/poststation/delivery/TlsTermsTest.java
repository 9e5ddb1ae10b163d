package dev.poststation.delivery;

import static dev.poststation.delivery.Play.brief;
import static dev.poststation.delivery.Play.failed;
import static dev.poststation.delivery.Play.opened;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Connector;
import dev.poststation.config.TlsTerms;
import dev.poststation.os.Os;
import dev.poststation.route.Destination;
import dev.poststation.route.NextHop;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.sim.Sink;
import dev.poststation.tls.ClientTls;
import dev.poststation.tls.Fingerprint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Pins, names and versions, over real TLS. No authority is trusted here: only the pin speaks for a
/// host.
@Timeout(60)
class TlsTermsTest {
  private static final Os OS = Os.real();
  private static final String SOURCE = "tls of connector provider";

  private final ScriptedResolver resolver =
      new ScriptedResolver()
          .address("mx.example", "127.0.0.1")
          .address("other.example", "127.0.0.1");
  private final Sample.Via via = new Sample.Via();

  private static KeyStore store(String file) {
    try (InputStream in = Files.newInputStream(Path.of("src/test/resources/tls", file))) {
      var store = KeyStore.getInstance("PKCS12");
      store.load(in, "changeit".toCharArray());
      return store;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static SSLContext tlsOf(String file) {
    try {
      var factory = KeyManagerFactory.getInstance("PKIX");
      factory.init(store(file), "changeit".toCharArray());
      var context = SSLContext.getInstance("TLS");
      context.init(factory.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// @param number 0: its own, 1: that of its authority
  private static X509Certificate certificate(String file, int number) {
    try {
      var store = store(file);
      return (X509Certificate) store.getCertificateChain(store.aliases().nextElement())[number];
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String pin(String file, int number) {
    return Fingerprint.of(certificate(file, number));
  }

  private static String keyPin(String file, int number) {
    return Fingerprint.ofKey(certificate(file, number));
  }

  private static TlsTerms pinned(String name, String... pins) {
    return new TlsTerms(
        Connector.Tls.PINNED, List.of(pins), TlsTerms.PROTOCOLS, name, null, SOURCE, true);
  }

  private static TlsTerms atLeast(Connector.Tls level, String... protocols) {
    return new TlsTerms(level, List.of(), List.of(protocols), null, null, SOURCE, true);
  }

  /// What comes of it: the protocol, or why it waits.
  private String dial(String host, String keys, TlsTerms terms) {
    via.terms = terms;
    try (var sink = new Sink(OS, List.of(), tlsOf(keys), false, true)) {
      var dialer =
          new Dialer(
              OS, resolver, ClientTls.trusting(List.of()), "relay.example", () -> Sample.LIMITS);
      var opening =
          dialer.open(
              new Destination(
                  "d", via.connector(), List.of(new NextHop(host, sink.port(), false))));
      if (opening instanceof Opening.Failed) {
        assertThat(sink.contents()).isEmpty();
        var outcome = failed(opening).outcome();
        assertThat(brief(outcome)).isEqualTo("Deferred TLS 4.7.5");
        assertThat(failed(opening).dialogue())
            .anyMatch(line -> line.startsWith("* certificate of ") && line.contains("sha256:"));
        return outcome.text();
      }
      try (var conversation = opened(opening)) {
        assertThat(brief(conversation.send(new Sample.Letter().order())))
            .containsExactly("Delivered 2.0.0");
        return conversation.tls().protocol();
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aPinnedCertificateOrKeyIsEnoughWhateverItsNameAndDate() {
    for (String keys : List.of("nexthop-issued.p12", "nexthop-expired.p12", "nexthop.p12")) {
      assertThat(dial("other.example", keys, pinned(null, pin(keys, 0)))).isEqualTo("TLSv1.3");
      assertThat(dial("other.example", keys, pinned(null, keyPin(keys, 0)))).isEqualTo("TLSv1.3");
    }
  }

  @Test
  void oneOfSeveralPinsIsEnough() {
    String keys = "nexthop.p12";
    assertThat(dial("mx.example", keys, pinned(null, pin("nexthop-issued.p12", 0), pin(keys, 0))))
        .isEqualTo("TLSv1.3");
  }

  @Test
  void anotherCertificateThanThePinnedOneGetsNothing() {
    assertThat(dial("mx.example", "nexthop.p12", pinned(null, pin("nexthop-issued.p12", 0))))
        .endsWith(
            "its certificate is none that is pinned, and none of its authorities is (tls of"
                + " connector provider = pinned)");
  }

  @Test
  void aPinnedAuthorityVouchesForWhatItIssued() {
    String keys = "nexthop-issued.p12";
    assertThat(dial("mx.example", keys, pinned(null, pin(keys, 1)))).isEqualTo("TLSv1.3");
    assertThat(dial("mx.example", keys, pinned(null, keyPin(keys, 1)))).isEqualTo("TLSv1.3");
    assertThat(dial("other.example", keys, pinned("mx.example", pin(keys, 1))))
        .isEqualTo("TLSv1.3");
  }

  @Test
  void butNotForAnotherNameNorAfterItsTime() {
    String keys = "nexthop-issued.p12";
    assertThat(dial("other.example", keys, pinned(null, pin(keys, 1))))
        .contains("does not carry the name other.example");
    for (var late : List.of("nexthop-expired.p12", "nexthop-early.p12")) {
      assertThat(dial("mx.example", late, pinned(null, pin(late, 1))))
          .contains(late.contains("early") ? "is not valid yet" : "has expired");
    }
  }

  @Test
  void aHostThatIsWrittenAsAnAddressIsKnownByTheAddressInItsCertificate() {
    String keys = "nexthop-issued.p12";
    assertThat(dial("127.0.0.1", keys, pinned(null, pin(keys, 1)))).isEqualTo("TLSv1.3");
    assertThat(dial("mx.example", keys, pinned("127.0.0.2", pin(keys, 1))))
        .contains("does not carry the name 127.0.0.2");
  }

  @Test
  void theOldestVersionIsKeptTo() {
    var old = atLeast(Connector.Tls.REQUIRED, "TLSv1.2");
    assertThat(dial("mx.example", "nexthop.p12", old)).isEqualTo("TLSv1.2");
    assertThat(dial("mx.example", "nexthop.p12", atLeast(Connector.Tls.REQUIRED, "TLSv1.3")))
        .isEqualTo("TLSv1.3");
  }

  @Test
  void whatWasRefusedInTheHandshakeIsShownToo() {
    assertThat(
            dial("mx.example", "nexthop.p12", atLeast(Connector.Tls.VERIFY, "TLSv1.3", "TLSv1.2")))
        .contains("update-ca-certificates");
  }
}
