package dev.poststation.smime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.config.SmimeSettings;
import dev.poststation.os.Os;
import dev.poststation.seal.Kept;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.PassingDisk;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Which certificates of those that come with mail are kept, and for how long.
@Timeout(60)
final class HarvestedTest {
  private static final Address ANNA = new Address("Anna", "example.com");
  private static final Address BERT = new Address("bert", "example.com");
  private static final Address CLEO = new Address("cleo", "example.com");

  @TempDir Path data;
  private final ManualTime time = new ManualTime();
  private Keystore keystore;
  private boolean on = true;
  private boolean isBroken;
  private int serial;

  @BeforeEach
  void begin() {
    var real = Os.real();
    var disk =
        new PassingDisk(real.disk()) {
          @Override
          public byte[] read(Path file) throws IOException {
            if (isBroken) {
              throw new FileSystemException(file.toString(), null, "Input/output error");
            }
            return super.read(file);
          }
        };
    keystore =
        new Keystore(
            new Os(time, real.network(), real.tasks(), real.chance(), disk),
            data,
            () ->
                new SmimeSettings(
                    null,
                    Duration.ofDays(1),
                    null,
                    new SmimeSettings.Harvest(on, Duration.ofDays(100), 2),
                    new SmimeSettings.Revocation(
                        SmimeSettings.Mode.OFF, Duration.ofSeconds(1), List.of())));
  }

  private Trusted offered(Instant from, Instant until) throws Exception {
    serial++;
    var generator = KeyPairGenerator.getInstance("EC", Certificates.PROVIDER);
    generator.initialize(256);
    var pair = generator.generateKeyPair();
    var name = new X500Name("CN=" + serial);
    var builder =
        new JcaX509v3CertificateBuilder(
            name,
            BigInteger.valueOf(serial),
            Date.from(from),
            Date.from(until),
            name,
            pair.getPublic());
    var signer = new JcaContentSignerBuilder("SHA256withECDSA").setProvider(Certificates.PROVIDER);
    var encoded = builder.build(signer.build(pair.getPrivate())).getEncoded();
    return new Trusted(Certificates.read(encoded), List.of());
  }

  private Trusted offered() throws Exception {
    return offered(time.now().minusSeconds(60), time.now().plus(Duration.ofDays(3000)));
  }

  private String harvest(Address author, Trusted offer) {
    return keystore.harvest(author, offer, _ -> true);
  }

  private X509Certificate used(Address by) throws IOException {
    var brought = keystore.recipient(by, false);
    return (brought.isPresent() ? brought : keystore.harvested(by))
        .map(Entry::certificate)
        .orElse(null);
  }

  /// Mail to him would go in the clear.
  @Test
  void aCertificateThatTheDiskDoesNotGiveIsNotNone() throws Exception {
    harvest(ANNA, offered());
    keystore.put(
        new Entry(
            List.of("bert@example.com"),
            Kept.Origin.IMPORTED,
            time.now(),
            offered().certificate(),
            List.of(),
            null));
    isBroken = true;
    time.advance(Duration.ofMinutes(1));
    assertThatThrownBy(() -> keystore.harvested(ANNA)).hasMessageEndingWith(": Input/output error");
    assertThatThrownBy(() -> keystore.unusable(ANNA)).hasMessageContaining(" cannot be read: ");
    assertThatThrownBy(() -> keystore.recipient(BERT, false))
        .hasMessageEndingWith(".pem cannot be read: Input/output error");
    assertThat(keystore.flaws()).hasSize(1);
    isBroken = false;
    time.advance(Duration.ofMinutes(1));
    assertThat(used(ANNA)).isNotNull();
    assertThat(used(BERT)).isNotNull();
    assertThat(keystore.recipient(CLEO, false)).isEmpty();
    assertThat(keystore.flaws()).isEmpty();
  }

  @Test
  void aLaterCertificateTakesThePlaceOfAnEarlierOneAndIsToldAndAnOldMailBringsNoneBack()
      throws Exception {
    var first = offered();
    assertThat(harvest(ANNA, first)).startsWith("his certificate is kept: ");
    assertThat(harvest(ANNA, first)).isEmpty();
    time.advance(Duration.ofDays(2));
    var second = offered();
    assertThat(harvest(ANNA, second))
        .startsWith("his certificate is another one now: ")
        .contains(" instead of ");
    assertThat(harvest(ANNA, first)).isEqualTo("a later certificate of his is kept");
    assertThat(used(new Address("aNNa", "Example.com"))).isEqualTo(second.certificate());
    assertThat(used(BERT)).isNull();
  }

  @Test
  void anEndedCertificateGivesWayToAnEarlierOneThatHolds() throws Exception {
    var holds = offered();
    time.advance(Duration.ofDays(1));
    var short1 = offered(time.now(), time.now().plus(Duration.ofDays(1)));
    harvest(ANNA, short1);
    time.advance(Duration.ofDays(2));
    assertThat(used(ANNA)).isNull();
    assertThat(keystore.unusable(ANNA)).isPresent();
    assertThat(harvest(ANNA, holds)).contains("instead of");
    assertThat(used(ANNA)).isEqualTo(holds.certificate());
  }

  @Test
  void whoDoesNotWriteForLongIsForgottenAndMakesRoomAndNobodyElseDoes() throws Exception {
    harvest(ANNA, offered());
    var ofBert = offered();
    harvest(BERT, ofBert);
    assertThat(harvest(CLEO, offered()))
        .isEqualTo("his certificate is not kept: there are 2 already");
    assertThat(keystore.harvest().isFull()).isTrue();
    assertThat(used(ANNA)).isNotNull();
    time.advance(Duration.ofDays(99));
    harvest(BERT, ofBert);
    time.advance(Duration.ofDays(2));
    assertThat(used(ANNA)).isNull();
    assertThat(used(BERT)).isEqualTo(ofBert.certificate());
    time.advance(Duration.ofDays(700)); // Files are as old as they really are.
    assertThat(harvest(CLEO, offered())).startsWith("his certificate is kept");
    assertThat(keystore.all()).hasSize(1);
    assertThat(keystore.harvest().isFull()).isFalse();
  }

  @Test
  void whatAnAdministratorBroughtComesFirstAndNothingIsUsedThatIsSwitchedOff() throws Exception {
    var came = offered();
    harvest(ANNA, came);
    var brought = offered();
    keystore.put(
        new Entry(
            List.of("@example.com"),
            Kept.Origin.IMPORTED,
            time.now(),
            brought.certificate(),
            List.of(),
            null));
    assertThat(used(ANNA)).isEqualTo(brought.certificate());
    keystore.remove(keystore.all().getFirst());
    assertThat(used(ANNA)).isEqualTo(came.certificate());
    on = false;
    assertThat(used(ANNA)).isNull();
    assertThat(keystore.unusable(ANNA)).isEmpty();
    assertThat(harvest(BERT, offered())).isEmpty();
    on = true;
    keystore.remove(keystore.all().getFirst());
    assertThat(used(ANNA)).isNull();
  }
}
