package dev.poststation.smime;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.config.SealService;
import dev.poststation.config.SmimeService;
import dev.poststation.config.SmimeSettings;
import dev.poststation.ldap.Directories;
import dev.poststation.os.Connection;
import dev.poststation.os.Os;
import dev.poststation.seal.Kept;
import dev.poststation.seal.SealWork;
import dev.poststation.sim.LonelyNetwork;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.smtp.Address;
import dev.poststation.tls.Pem;
import java.io.IOException;
import java.math.BigInteger;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// By which certificate mail is encrypted, and whom that has us ask.
@Timeout(60)
final class RecipientsTest {
  private static final Address ANNA = new Address("anna", "example.com");

  @TempDir Path data;
  private final ManualTime time = new ManualTime();
  private SmimeSettings.Mode mode = SmimeSettings.Mode.OFF;
  private Os os;
  private Smime smime;
  private Recipients recipients;
  private int serial;
  private int calls;

  @BeforeEach
  void begin() {
    var real = Os.real();
    var network =
        new LonelyNetwork() {
          @Override
          public Connection connect(InetSocketAddress to, InetAddress from, Duration timeout)
              throws IOException {
            calls++;
            time.advance(timeout);
            throw new ConnectException("nobody answers");
          }
        };
    os = new Os(time, network, real.tasks(), real.chance(), real.disk());
    var resolver = new ScriptedResolver();
    for (int i = 0; i < 30; i++) {
      resolver.address("h" + i + ".example", "203.0.113." + (100 + i));
    }
    smime =
        new Smime(
            os,
            data,
            () ->
                new SmimeSettings(
                    null,
                    Duration.ofDays(1),
                    data.resolve("ca.pem"),
                    new SmimeSettings.Harvest(true, Duration.ofDays(100), 10),
                    new SmimeSettings.Revocation(mode, Duration.ofSeconds(5), List.of())),
            resolver,
            new SealWork(os));
    var settings =
        new SmimeService.Encrypt(
            new SealService.Wish(SealService.Policy.IF_POSSIBLE, null, null),
            SmimeService.Cipher.AES_256_GCM,
            SmimeService.KeyTransport.OAEP,
            SealService.OnMissing.REJECT,
            SealService.Prefer.ADDRESS,
            null);
    recipients = new Recipients(settings, smime, new Directories(os, resolver));
  }

  private static KeyPair pair() throws Exception {
    var generator = KeyPairGenerator.getInstance("EC", Certificates.PROVIDER);
    generator.initialize(256);
    return generator.generateKeyPair();
  }

  /// One that names a place on the host of its number.
  private X509Certificate certificate(String subject, KeyPair of, String issuer, KeyPair by)
      throws Exception {
    var place =
        new GeneralName(
            GeneralName.uniformResourceIdentifier, "http://h" + serial + ".example/ocsp");
    serial++;
    var builder =
        new JcaX509v3CertificateBuilder(
                new X500Name(issuer),
                BigInteger.valueOf(serial),
                Date.from(time.now().minusSeconds(60)),
                Date.from(time.now().plus(Duration.ofDays(30))),
                new X500Name(subject),
                of.getPublic())
            .addExtension(
                Extension.authorityInfoAccess,
                false,
                new AuthorityInformationAccess(AccessDescription.id_ad_ocsp, place));
    var signer = new JcaContentSignerBuilder("SHA256withECDSA").setProvider(Certificates.PROVIDER);
    return Certificates.read(builder.build(signer.build(by.getPrivate())).getEncoded());
  }

  private void trust(X509Certificate... authorities) throws IOException {
    var text = new StringBuilder();
    for (var each : authorities) {
      text.append(Pem.of(Pem.CERTIFICATE, Certificates.encoded(each)));
    }
    os.disk().replace(data.resolve("ca.pem"), text.toString().getBytes(US_ASCII), true);
  }

  private static Entry entry(Kept.Origin origin, X509Certificate certificate, X509Certificate by) {
    return new Entry(
        List.of("anna@example.com"), origin, Instant.EPOCH, certificate, List.of(by), null);
  }

  private Recipients.Ends ends() {
    long now = time.nanos();
    return new Recipients.Ends(
        now + Duration.ofSeconds(30).toNanos(), now + Duration.ofSeconds(15).toNanos());
  }

  private Recipients.Choice chosen() throws IOException {
    var ends = ends();
    return recipients.choose(ANNA, ends.all(), ends.revocation());
  }

  private String harvest(X509Certificate certificate, X509Certificate by) throws IOException {
    return smime.harvest(ANNA, new Trusted(certificate, List.of(by)), () -> false);
  }

  @Test
  void whatCameWithMailCountsAsLongAsItsAuthorityIsTrusted() throws Exception {
    var oldKey = pair();
    var newKey = pair();
    var former = certificate("CN=Former", oldKey, "CN=Former", oldKey);
    var authority = certificate("CN=New", newKey, "CN=New", newKey);
    trust(former, authority);
    var earlier = certificate("E=anna@example.com", pair(), "CN=New", newKey);
    time.advance(Duration.ofHours(1));
    var later = certificate("E=anna@example.com", pair(), "CN=Former", oldKey);
    harvest(later, former);
    assertThat(harvest(earlier, authority)).isEqualTo("a later certificate of his is kept");
    assertThat(chosen().entry().map(Entry::certificate)).contains(later);

    trust(authority);
    assertThat(chosen().entry()).isEmpty();
    assertThat(chosen().flaw())
        .isEqualTo(
            "the certificate of anna@example.com that came with mail counts no more: nobody who is"
                + " trusted has issued its certificate");
    assertThat(harvest(earlier, authority)).contains(" instead of ");
    assertThat(chosen().entry().map(Entry::certificate)).contains(earlier);

    os.disk().remove(data.resolve("ca.pem"));
    assertThatThrownBy(this::chosen)
        .hasMessage("smime.authorities cannot be read: it does not exist");
  }

  @Test
  void nobodyIsCalledForACertificateThatNobodyTrustsUnlessItWasImported() throws Exception {
    var key = pair();
    var authority = certificate("CN=Root", key, "CN=Root", key);
    var own = pair();
    var ofHis = certificate("CN=Own", own, "CN=Own", own);
    trust(authority);
    mode = SmimeSettings.Mode.IF_REACHABLE;
    var fake = certificate("E=anna@example.com", pair(), "CN=Own", own);
    var directory = entry(Kept.Origin.DIRECTORY, fake, ofHis);
    assertThat(recipients.objection(directory, ends())).isEmpty();
    assertThat(calls).isZero();
    mode = SmimeSettings.Mode.REQUIRE;
    assertThatThrownBy(() -> recipients.objection(directory, ends()))
        .hasMessage(
            "whether the certificate of anna@example.com was revoked is not known: nobody who is"
                + " trusted has issued it");
    assertThat(calls).isZero();
    mode = SmimeSettings.Mode.IF_REACHABLE;
    assertThat(recipients.objection(entry(Kept.Origin.IMPORTED, fake, ofHis), ends())).isEmpty();
    assertThat(calls).isEqualTo(1);
    var good = certificate("E=anna@example.com", pair(), "CN=Root", key);
    var trusted = entry(Kept.Origin.DIRECTORY, good, authority);
    assertThat(recipients.objection(trusted, ends())).isEmpty();
    assertThat(calls).isEqualTo(2);
  }

  /// Each at a host of its own, where nobody answers.
  @Test
  void placesThatAreSilentTakeTheirShareOfTheTimeAndNotThatOfTheMail() throws Exception {
    var key = pair();
    var authority = certificate("CN=Root", key, "CN=Root", key);
    trust(authority);
    mode = SmimeSettings.Mode.IF_REACHABLE;
    var ends = ends();
    for (int i = 0; i < 20; i++) {
      var each = certificate("E=anna@example.com", pair(), "CN=Root", key);
      assertThat(recipients.objection(entry(Kept.Origin.IMPORTED, each, authority), ends))
          .isEmpty();
    }
    assertThat(calls).isEqualTo(3);
    assertThat(time.nanos()).isLessThan(ends.all());
    mode = SmimeSettings.Mode.REQUIRE;
    var waits = certificate("E=anna@example.com", pair(), "CN=Root", key);
    assertThatThrownBy(
            () -> recipients.objection(entry(Kept.Origin.IMPORTED, waits, authority), ends))
        .hasMessageEndingWith("there is no time left to ask it");
  }
}
