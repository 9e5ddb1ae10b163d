package dev.poststation.openpgp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyPacket;
import org.bouncycastle.bcpg.RSAPublicBCPGKey;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;
import org.junit.jupiter.api.Test;

class KeyFileTest {
  private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(2047).setBit(0);

  private static byte[] key(BigInteger modulus, BigInteger exponent)
      throws IOException, PGPException {
    var packet =
        new PublicKeyPacket(
            4,
            PublicKeyAlgorithmTags.RSA_GENERAL,
            Date.from(Instant.EPOCH),
            new RSAPublicBCPGKey(modulus, exponent));
    var key = new PGPPublicKey(packet, new BcKeyFingerprintCalculator());
    return new PGPPublicKeyRing(List.of(key)).getEncoded();
  }

  @Test
  void aKeyWithAnExponentThatWouldKeepAProcessorBusyIsRefused() throws Exception {
    assertThat(KeyFile.read(key(MODULUS, BigInteger.valueOf(65537)))).hasSize(1);
    byte[] slow = key(MODULUS, BigInteger.ONE.shiftLeft(2000).setBit(0));
    assertThatThrownBy(() -> KeyFile.read(slow))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has an exponent of more than 64 bits");
  }

  @Test
  void aKeyOfTooManyBitsIsRefused() throws Exception {
    byte[] large = key(BigInteger.ONE.shiftLeft(16_000).setBit(0), BigInteger.valueOf(65537));
    assertThatThrownBy(() -> KeyFile.read(large))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("bits, more than 8192");
  }
}
