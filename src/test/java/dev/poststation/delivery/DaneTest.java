package dev.poststation.delivery;

import static dev.poststation.delivery.Play.brief;
import static dev.poststation.delivery.Play.failed;
import static dev.poststation.delivery.Play.opened;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Connector;
import dev.poststation.config.TlsTerms;
import dev.poststation.dns.Tlsa;
import dev.poststation.os.Os;
import dev.poststation.route.Assurance;
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
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// DANE (RFC 7672) over real TLS: a host that DNSSEC vouches for gets a mail only when it shows
/// what the DNS says; the others as they always did. No authority of the machine counts.
@Timeout(60)
class DaneTest {
  private static final Os OS = Os.real();
  private static final String ISSUED = "nexthop-issued.p12";

  private final ScriptedResolver resolver =
      new ScriptedResolver()
          .address("mx.example", "127.0.0.1")
          .address("other.example", "127.0.0.1")
          .secure("mx.example", "other.example");
  private final Sample.Via via = new Sample.Via();
  private boolean vouched = true;
  private List<String> names = List.of();
  private boolean encrypts = true;
  private Opening.Failed last;

  private static KeyStore store(String file) {
    try (InputStream in = Files.newInputStream(Path.of("src/test/resources/tls", file))) {
      var store = KeyStore.getInstance("PKCS12");
      store.load(in, "changeit".toCharArray());
      return store;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private SSLContext tlsOf(String file, boolean alone) {
    try {
      var store = store(file);
      if (alone) {
        String alias = store.aliases().nextElement();
        var key = store.getKey(alias, "changeit".toCharArray());
        store.setKeyEntry(
            alias, key, "changeit".toCharArray(), new X509Certificate[] {certificate(file, 0)});
      }
      var factory = KeyManagerFactory.getInstance("PKIX");
      factory.init(store, "changeit".toCharArray());
      var context = SSLContext.getInstance("TLS");
      context.init(factory.getKeyManagers(), null, null);
      return encrypts ? context : null;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static X509Certificate certificate(String file, int number) {
    try {
      var store = store(file);
      return (X509Certificate) store.getCertificateChain(store.aliases().nextElement())[number];
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The record for a certificate: 0 its own, 1 that of its authority.
  private static Tlsa record(int usage, int selector, int matching, String file, int number) {
    try {
      var certificate = certificate(file, number);
      byte[] octets =
          selector == 1 ? certificate.getPublicKey().getEncoded() : certificate.getEncoded();
      byte[] data =
          switch (matching) {
            case 1 -> MessageDigest.getInstance("SHA-256").digest(octets);
            case 2 -> MessageDigest.getInstance("SHA-512").digest(octets);
            default -> octets;
          };
      return new Tlsa(usage, selector, matching, HexFormat.of().formatHex(data));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private String dial(String host, String keys, Tlsa... records) {
    return dial(host, tlsOf(keys, false), records);
  }

  /// What comes of it: the protocol, `clear`, or status and reason.
  private String dial(String host, SSLContext keys, Tlsa... records) {
    via.terms = TlsTerms.of(Connector.Tls.DANE, "tls of connector provider");
    try (var sink = new Sink(OS, List.of(), keys, false, true)) {
      if (records.length > 0) {
        String name = "_" + sink.port() + "._tcp." + host;
        resolver.tlsa(name, records).secure(name);
      }
      var assurance =
          new Assurance(vouched, Connector.Tls.OPPORTUNISTIC, "tls of connector provider", names);
      var hop = new NextHop(host, sink.port(), false, 0, 1, assurance);
      var dialer =
          new Dialer(
              OS, resolver, ClientTls.trusting(List.of()), "relay.example", () -> Sample.LIMITS);
      var opening = dialer.open(new Destination("d", via.connector(), List.of(hop)));
      if (opening instanceof Opening.Failed) {
        last = failed(opening);
        assertThat(sink.contents()).isEmpty();
        var outcome = last.outcome();
        return brief(outcome) + " " + outcome.text();
      }
      try (var conversation = opened(opening)) {
        assertThat(brief(conversation.send(new Sample.Letter().order())))
            .containsExactly("Delivered 2.0.0");
        return conversation.tls() == null ? "clear" : conversation.tls().protocol();
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0, 1", "0, 2", "1, 0", "1, 1", "1, 2"})
  void aCertificateThatTheDnsNamesIsEnoughWhateverItsNameAndDate(int selector, int matching) {
    for (String keys : List.of(ISSUED, "nexthop-expired.p12", "nexthop.p12")) {
      assertThat(dial("other.example", keys, record(3, selector, matching, keys, 0)))
          .isEqualTo("TLSv1.3");
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0, 1", "0, 2", "1, 0", "1, 1", "1, 2"})
  void anAuthorityThatTheDnsNamesVouchesForTheNameAndTheDate(int selector, int matching) {
    var authority = record(2, selector, matching, ISSUED, 1);
    assertThat(dial("mx.example", ISSUED, authority)).isEqualTo("TLSv1.3");
    assertThat(dial("other.example", ISSUED, authority))
        .startsWith("Deferred TLS 4.7.5 ")
        .contains("does not carry the name other.example");
    assertThat(dial("mx.example", "nexthop-expired.p12", record(2, 0, 1, "nexthop-expired.p12", 1)))
        .startsWith("Deferred TLS 4.7.5 ")
        .contains("has expired");
  }

  @Test
  void withAnAuthorityTheDomainOfTheRecipientMayBeTheNameToo() {
    names = List.of("mx.example");
    assertThat(dial("other.example", ISSUED, record(2, 0, 1, ISSUED, 1))).isEqualTo("TLSv1.3");
  }

  @ParameterizedTest
  @CsvSource({"0", "1"})
  void anAuthorityThatStandsInTheRecordAsAWholeNeedNotBeShown(int selector) {
    var alone = tlsOf(ISSUED, true);
    assertThat(dial("mx.example", alone, record(2, selector, 0, ISSUED, 1))).isEqualTo("TLSv1.3");
    assertThat(dial("mx.example", alone, record(2, selector, 1, ISSUED, 1)))
        .startsWith("Deferred TLS 4.7.5 ");
  }

  @Test
  void anotherCertificateGetsNothingAndBothAreShown() {
    assertThat(dial("mx.example", "nexthop.p12", record(3, 1, 1, ISSUED, 0)))
        .startsWith("Deferred TLS 4.7.5 ")
        .contains("its certificate is none that the DNS names", "TLSA of _", "._tcp.mx.example)");
    assertThat(last.dialogue())
        .anyMatch(line -> line.startsWith("* TLSA of _") && line.contains(": 3 1 1 "))
        .anyMatch(line -> line.startsWith("* certificate of ") && line.contains("sha256:"));
  }

  @Test
  void whereStarttlsIsStrippedNothingGoesInClear() {
    encrypts = false;
    assertThat(dial("mx.example", ISSUED, record(3, 1, 1, ISSUED, 0)))
        .startsWith("Deferred TLS 4.7.4 ")
        .contains("offers no TLS, which TLSA of _");
  }

  @Test
  void recordsThatNobodyCanUseStillDemandEncryption() {
    var unusable =
        new Tlsa[] {
          record(1, 1, 1, ISSUED, 0),
          record(0, 0, 1, ISSUED, 1),
          new Tlsa(3, 1, 1, "abcd"),
          new Tlsa(3, 2, 1, "ab".repeat(32)),
          new Tlsa(3, 1, 7, "ab".repeat(32))
        };
    assertThat(dial("mx.example", ISSUED, unusable)).isEqualTo("TLSv1.3");
    encrypts = false;
    assertThat(dial("mx.example", ISSUED, unusable)).startsWith("Deferred TLS 4.7.4 ");
  }

  @Test
  void theStrongerHashDecides() {
    var strong = record(3, 1, 2, "nexthop.p12", 0);
    assertThat(dial("mx.example", ISSUED, record(3, 1, 1, ISSUED, 0), strong))
        .startsWith("Deferred TLS 4.7.5 ");
    assertThat(dial("mx.example", "nexthop.p12", record(3, 1, 1, ISSUED, 0), strong))
        .isEqualTo("TLSv1.3");
  }

  @Test
  void whereTheDnsSaysNothingOrNobodyVouchesItIsOpportunistic() {
    assertThat(dial("mx.example", ISSUED)).isEqualTo("TLSv1.3");
    encrypts = false;
    assertThat(dial("mx.example", ISSUED)).isEqualTo("clear");
    vouched = false;
    assertThat(dial("mx.example", ISSUED, record(3, 1, 1, ISSUED, 0))).isEqualTo("clear");
  }

  @Test
  void aHostWhoseAddressesNobodyVouchesForIsNotAskedFor() {
    resolver.address("plain.example", "127.0.0.1");
    encrypts = false;
    assertThat(dial("plain.example", ISSUED, record(3, 1, 1, ISSUED, 0))).isEqualTo("clear");
    assertThat(resolver.asked()).noneMatch(asked -> asked.startsWith("TLSA"));
  }

  @Test
  void anAliasIsFollowedToTheRecordsAndElseHasItsOwn() {
    resolver.alias("www.example", "mx.example").secure("www.example");
    via.terms = TlsTerms.of(Connector.Tls.DANE, "tls of connector provider");
    assertThat(dial("www.example", ISSUED, record(3, 1, 1, ISSUED, 0))).isEqualTo("TLSv1.3");
    resolver.address("far.example", "127.0.0.1").alias("near.example", "far.example");
    resolver.secure("near.example");
    assertThat(dial("near.example", "nexthop.p12", record(3, 1, 1, ISSUED, 0)))
        .startsWith("Deferred TLS 4.7.5 ");
  }

  @Test
  void recordsThatCannotBeLookedUpOrAreBogusGetTheHostNothing() {
    via.terms = TlsTerms.of(Connector.Tls.DANE, "tls of connector provider");
    try (var sink = new Sink(OS, List.of(), tlsOf(ISSUED, false), false, true)) {
      resolver.fail("_" + sink.port() + "._tcp.mx.example", "DNSSEC refuses the answer");
      var dialer =
          new Dialer(
              OS, resolver, ClientTls.trusting(List.of()), "relay.example", () -> Sample.LIMITS);
      var assurance = new Assurance(true, Connector.Tls.OPPORTUNISTIC, "tls", List.of());
      var hop = new NextHop("mx.example", sink.port(), false, 0, 1, assurance);
      var outcome =
          failed(dialer.open(new Destination("d", via.connector(), List.of(hop)))).outcome();
      assertThat(brief(outcome)).isEqualTo("Deferred ROUTE 4.7.5");
      assertThat(outcome.text())
          .contains("host mx.example is not used: _", "cannot be looked up: DNSSEC refuses");
      assertThat(sink.connections()).isZero();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
