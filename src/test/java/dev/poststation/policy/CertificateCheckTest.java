package dev.poststation.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.ClientConditions;
import dev.poststation.os.Os;
import dev.poststation.os.TlsFacts;
import dev.poststation.sim.SimTime;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Clients by subject and authority; by fingerprint they are in [ConditionsTest].
class CertificateCheckTest {
  private static final Path FILES = Path.of("src/test/resources/tls");

  private static List<X509Certificate> chain(String store) {
    try (InputStream in = Files.newInputStream(FILES.resolve(store))) {
      var keys = KeyStore.getInstance("PKCS12");
      keys.load(in, "changeit".toCharArray());
      List<X509Certificate> chain = new ArrayList<>();
      for (Certificate each : keys.getCertificateChain(keys.aliases().nextElement())) {
        chain.add((X509Certificate) each);
      }
      return chain;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static X509Certificate authority(String file) {
    try (InputStream in = Files.newInputStream(FILES.resolve(file))) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Facts client(List<X509Certificate> chain) {
    var connected = Configured.from("203.0.113.9");
    var tls = new TlsFacts("TLSv1.3", "", null, chain);
    return new Facts(
        connected.address(), "relay", "", tls, Facts.fingerprint(tls), null, "partner.example");
  }

  private static boolean means(ClientConditions.Certificate meant, Facts client) {
    return new CertificateCheck(meant, Os.real().time()).means(client);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "of the authority, nexthop-issued.p12, authority.pem, true",
    "of an unknown authority, nexthop-issued.p12, relay.pem, false",
    "signed by itself, nexthop.p12, authority.pem, false",
    "expired, nexthop-expired.p12, authority.pem, false",
    "not yet valid, nexthop-early.p12, authority.pem, false"
  })
  void onlyWhatTheAuthorityIssuedCounts(String kind, String store, String file, boolean counts) {
    var chain = chain(store);
    var subject = chain.getFirst().getSubjectX500Principal();
    var meant = new ClientConditions.Certificate(null, subject, List.of(authority(file)), false);
    assertThat(means(meant, client(chain))).as(kind).isEqualTo(counts);
    var leafOnly = List.of(chain.getFirst());
    assertThat(means(meant, client(leafOnly))).as(kind + ", alone").isEqualTo(counts);
  }

  @Test
  void anotherSubjectOfTheSameAuthorityIsAnotherClient() {
    var client = client(chain("nexthop-issued.p12"));
    var authorities = List.of(authority("authority.pem"));
    var other = new X500Principal("CN=somebody.example");
    assertThat(means(new ClientConditions.Certificate(null, other, authorities, false), client))
        .isFalse();
    assertThat(means(new ClientConditions.Certificate(null, null, authorities, false), client))
        .isTrue();
  }

  @Test
  void aNameThatNobodyVouchesForCountsNothing() {
    var chain = chain("nexthop.p12");
    var subject = chain.getFirst().getSubjectX500Principal();
    var client = client(chain);
    assertThat(means(new ClientConditions.Certificate(null, subject, List.of(), false), client))
        .isFalse();
    var print = client.certificate();
    assertThat(means(new ClientConditions.Certificate(print, null, List.of(), false), client))
        .isTrue();
    assertThat(means(new ClientConditions.Certificate(print, subject, List.of(), false), client))
        .isFalse();
  }

  @Test
  void oneThatWasFoundIssuedIsLookedAtAgainAfterAMinute() {
    var chain = chain("nexthop-issued.p12");
    var expires = chain.getFirst().getNotAfter().toInstant();
    var time = new SimTime(expires.minusSeconds(30));
    var meant =
        new ClientConditions.Certificate(
            null,
            chain.getFirst().getSubjectX500Principal(),
            List.of(authority("authority.pem")),
            false);
    var check = new CertificateCheck(meant, time);
    var client = client(chain);
    assertThat(check.means(client)).isTrue();
    var later = client.at(expires.plusSeconds(1));
    assertThat(check.means(later)).isFalse();
    assertThat(check.why(later)).endsWith("it is not valid then");
    time.advance(Duration.ofSeconds(91));
    assertThat(check.means(client)).isFalse();
    assertThat(check.means(client)).as("what is not issued is not remembered").isFalse();
  }

  @Test
  void aCertificateFurtherUpTheChainIsNotTheClients() {
    var issued = chain("nexthop-issued.p12");
    var own = chain("nexthop.p12");
    var subject = issued.getFirst().getSubjectX500Principal();
    var meant =
        new ClientConditions.Certificate(null, subject, List.of(authority("authority.pem")), false);
    List<X509Certificate> stolen = new ArrayList<>(own);
    stolen.addAll(issued);
    assertThat(means(meant, client(stolen))).isFalse();
  }
}
