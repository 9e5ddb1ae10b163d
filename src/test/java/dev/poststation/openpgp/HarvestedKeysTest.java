package dev.poststation.openpgp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.OpenPgpSettings;
import dev.poststation.config.WebKeyDirectories;
import dev.poststation.os.Os;
import dev.poststation.seal.Kept;
import dev.poststation.sim.ManualTime;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpainless.PGPainless;
import org.pgpainless.algorithm.KeyFlag;
import org.pgpainless.key.generation.KeySpec;
import org.pgpainless.key.generation.type.KeyType;
import org.pgpainless.key.generation.type.eddsa_legacy.EdDSALegacyCurve;
import org.pgpainless.key.generation.type.xdh_legacy.XDHLegacySpec;
import org.pgpainless.key.protection.SecretKeyRingProtector;

/// Which key that came with mail takes the place of which.
final class HarvestedKeysTest {
  private static final Address BERT = new Address("bert", "there.test");

  @TempDir Path data;
  private final ManualTime time = new ManualTime();
  private Keystore keystore;

  @BeforeEach
  void begin() {
    var real = Os.real();
    time.advance(Duration.between(time.now(), real.time().now()).plusHours(1));
    var os = new Os(time, real.network(), real.tasks(), real.chance(), real.disk());
    var settings =
        new OpenPgpSettings(
            null,
            Duration.ofDays(30),
            WebKeyDirectories.OFF,
            new OpenPgpSettings.Harvest(true, Duration.ofDays(400), 2));
    keystore = new Keystore(os, data, () -> settings);
  }

  private static PGPSecretKeyRing made(String address, Date at) throws Exception {
    return PGPainless.buildKeyRing()
        .setPrimaryKey(
            KeySpec.getBuilder(
                    KeyType.EDDSA_LEGACY(EdDSALegacyCurve._Ed25519), KeyFlag.CERTIFY_OTHER)
                .setKeyCreationDate(at))
        .addSubkey(
            KeySpec.getBuilder(KeyType.XDH_LEGACY(XDHLegacySpec._X25519), KeyFlag.ENCRYPT_COMMS)
                .setKeyCreationDate(at))
        .addUserId("<" + address + ">")
        .build();
  }

  private static KeyFile.Found found(PGPPublicKeyRing ring) throws IOException {
    return KeyFile.read(ring.getEncoded()).getFirst();
  }

  private String came(PGPPublicKeyRing ring) throws IOException {
    var found = found(ring);
    var chosen =
        PublishedKeys.newest(List.of(found), "bert@there.test", Kept.Origin.HARVESTED, keystore);
    return chosen.key().isPresent()
        ? keystore.harvested().keep(BERT, chosen.key().get())
        : chosen.why() + keystore.harvested().without(BERT, found);
  }

  @Test
  void anOldMailBringsNeitherAnOlderKeyBackNorARevokedOne() throws Exception {
    var now = Os.real().time().now();
    var old =
        PGPainless.extractCertificate(
            made("bert@there.test", Date.from(now.minus(Duration.ofDays(9)))));
    var secret = made("bert@there.test", Date.from(now.minus(Duration.ofDays(2))));
    var next = PGPainless.extractCertificate(secret);
    assertThat(came(old)).startsWith("his key is kept: ");
    assertThat(came(next)).startsWith("his key is another one now: ");
    assertThat(came(old)).isEqualTo("a later key of his is kept");
    assertThat(keystore.harvested().of(BERT)).isPresent();

    var revoked =
        PGPainless.extractCertificate(
            PGPainless.modifyKeyRing(secret)
                .revoke(SecretKeyRingProtector.unprotectedKeys())
                .done());
    assertThat(came(revoked)).endsWith(" was revoked; the copy that was kept counts no more");
    assertThat(keystore.harvested().of(BERT)).isEmpty();
    assertThat(came(next)).as("an old mail, once more").isEmpty();
    assertThat(keystore.harvested().of(BERT)).isEmpty();
    assertThat(came(revoked)).endsWith(" was revoked");
    assertThat(came(PGPainless.extractCertificate(made("bert@there.test", Date.from(now)))))
        .startsWith("his key is another one now: ");
    assertThat(keystore.harvested().of(BERT)).isPresent();
  }

  @Test
  void whatAnAdministratorKnowsOfAKeyCounts() throws Exception {
    var secret = made("bert@there.test", Date.from(Os.real().time().now()));
    var key = PGPainless.extractCertificate(secret);
    assertThat(came(key)).startsWith("his key is kept: ");
    var revoked =
        PGPainless.extractCertificate(
            PGPainless.modifyKeyRing(secret)
                .revoke(SecretKeyRingProtector.unprotectedKeys())
                .done());
    keystore.keep(List.of("other@there.test"), found(revoked), null);
    assertThat(keystore.harvested().of(BERT)).isEmpty();
    assertThat(came(key)).contains(" was revoked");
  }

  @Test
  void whoHasAKeyThatWasBroughtKeepsItAndWhatIsOldIsNotUsed() throws Exception {
    var key =
        PGPainless.extractCertificate(
            PGPainless.generateKeyRing().modernKeyRing("<bert@there.test>"));
    assertThat(came(key)).startsWith("his key is kept: ");
    time.advance(Duration.ofDays(401));
    assertThat(keystore.harvested().of(BERT)).isEmpty();
    assertThat(came(key)).isEmpty();
    assertThat(keystore.harvested().of(BERT)).isPresent();
    keystore.remove(keystore.all().getFirst());
    assertThat(keystore.all()).isEmpty();
    keystore.keep(List.of("bert@there.test"), found(key), null);
    assertThat(came(key)).isEmpty();
    assertThat(keystore.all()).hasSize(1);
  }
}
