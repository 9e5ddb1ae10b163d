package dev.poststation.openpgp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.config.OpenPgpSettings;
import dev.poststation.config.Origin;
import dev.poststation.config.Secret;
import dev.poststation.config.WebKeyDirectories;
import dev.poststation.os.Os;
import dev.poststation.sim.ManualTime;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import org.bouncycastle.openpgp.PGPSecretKey;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpainless.PGPainless;
import org.pgpainless.algorithm.KeyFlag;
import org.pgpainless.key.generation.KeySpec;
import org.pgpainless.key.generation.type.KeyType;
import org.pgpainless.key.generation.type.eddsa_legacy.EdDSALegacyCurve;
import org.pgpainless.key.protection.SecretKeyRingProtector;
import org.pgpainless.util.Passphrase;

/// The keys on disk, in the hands of a command and of a relay that runs meanwhile.
class KeystoreTest {
  private static final Address ANNA = new Address("anna", "here.test");
  private static final List<String> NAMES = List.of("anna@here.test");

  @TempDir Path data;

  /// A password as it is.
  private record Word(String reveal) implements Secret {
    @Override
    public boolean byCommand() {
      return false;
    }

    @Override
    public Origin origin() {
      return Origin.DEFAULT;
    }
  }

  private final ManualTime time = new ManualTime();
  private Keystore command;
  private Keystore relay;

  @BeforeEach
  void begin() {
    var real = Os.real();
    time.advance(Duration.between(time.now(), real.time().now()).plusHours(1));
    command = keystore("a long password");
    relay = keystore("a long password");
  }

  private Keystore keystore(String password) {
    var real = Os.real();
    var os = new Os(time, real.network(), real.tasks(), real.chance(), real.disk());
    var settings =
        new OpenPgpSettings(
            new Word(password),
            Duration.ofDays(30),
            WebKeyDirectories.OFF,
            OpenPgpSettings.Harvest.OFF);
    return new Keystore(os, data, () -> settings);
  }

  private static PGPSecretKeyRing made() throws Exception {
    return PGPainless.generateKeyRing().modernKeyRing("Anna <anna@here.test>");
  }

  private static KeyFile.Found found(PGPSecretKeyRing ring) throws IOException {
    return KeyFile.read(ring.getEncoded()).getFirst();
  }

  private PGPSecretKey signing(Keystore of) throws Exception {
    var open = of.key(of.signer(ANNA).orElseThrow());
    return open.getSecretKey(Keys.signing(open, time.now()).orElseThrow().getKeyID());
  }

  /// One that signs, and came last.
  private PGPSecretKeyRing withAnother(PGPSecretKeyRing ring) throws Exception {
    var protector = SecretKeyRingProtector.unprotectedKeys();
    return PGPainless.modifyKeyRing(ring, Date.from(time.now().minusSeconds(60)))
        .addSubKey(
            KeySpec.getBuilder(KeyType.EDDSA_LEGACY(EdDSALegacyCurve._Ed25519), KeyFlag.SIGN_DATA)
                .build(),
            Passphrase.emptyPassphrase(),
            protector)
        .done();
  }

  @Test
  void aKeyThatChangesIsUsedAsItIsNowByARelayThatRuns() throws Exception {
    var ring = made();
    command.keep(NAMES, found(ring), null);
    long before = signing(relay).getKeyID();
    time.advance(Duration.ofSeconds(11));
    assertThat(signing(relay).getKeyID()).isEqualTo(before);
    command.keep(NAMES, found(withAnother(ring)), null);
    time.advance(Duration.ofSeconds(11));
    assertThat(signing(relay).getKeyID()).isNotEqualTo(before);
  }

  @Test
  void privatePartsThatAFileLacksStay() throws Exception {
    var old = made();
    command.keep(NAMES, found(old), null);
    var both = withAnother(old);
    var now = both;
    for (var each : old) {
      if (!each.isMasterKey()) {
        now = PGPSecretKeyRing.removeSecretKey(now, each);
      }
    }
    var kept = command.keep(NAMES, found(now), null);
    assertThat(relay.key(kept)).hasSize(4);
    assertThat(relay.all().getFirst().ring()).hasSize(4);

    var other = keystore("another password");
    var last = now;
    assertThatThrownBy(() -> other.keep(NAMES, found(last), null))
        .hasMessageContaining("openpgp.password does not open those here");
    assertThat(other.keep(NAMES, found(both), null).isOwn()).isTrue();
  }

  @Test
  void aSubkeyWithoutAPrivatePartIsShownAndDoesNotSign() throws Exception {
    var old = made();
    command.keep(NAMES, found(old), null);
    var shown = PGPainless.extractCertificate(withAnother(old));
    command.keep(NAMES, KeyFile.read(shown.getEncoded()).getFirst(), null);
    assertThat(relay.all().getFirst().ring()).hasSize(4);
    assertThat(old).contains(old.getSecretKey(signing(relay).getKeyID()));
  }
}
