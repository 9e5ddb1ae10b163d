package dev.poststation.openpgp;

import java.io.IOException;
import java.util.Iterator;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.S2K;
import org.bouncycastle.bcpg.SecretKeyPacket;
import org.bouncycastle.bcpg.SymmetricKeyAlgorithmTags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPSecretKey;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.bouncycastle.openpgp.operator.bc.BcPBESecretKeyDecryptorBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPBESecretKeyEncryptorBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPGPDigestCalculatorProvider;

/// Private keys under a password, as all programs of OpenPGP do it (RFC 4880 3.7.2.1): AES-256, and
/// SHA-256 over 16 MB of the password and salt. Pure functions; they are slow on purpose.
final class Sealing {
  /// 16 MB, as RFC 4880 3.7.1.3 writes it.
  private static final int COUNT = 0xe0;

  private Sealing() {}

  /// Whether any private part is encrypted.
  static boolean isSealed(PGPSecretKeyRing ring) {
    for (Iterator<PGPSecretKey> all = ring.getSecretKeys(); all.hasNext(); ) {
      var each = all.next();
      if (!isEmpty(each) && each.getS2KUsage() != SecretKeyPacket.USAGE_NONE) {
        return true;
      }
    }
    return false;
  }

  /// Whether the private part is elsewhere, such as on a card.
  private static boolean isEmpty(PGPSecretKey key) {
    var s2k = key.getS2K();
    return key.isPrivateKeyEmpty() || (s2k != null && s2k.getType() == S2K.GNU_DUMMY_S2K);
  }

  /// Encrypts keys that are open.
  static PGPSecretKeyRing seal(PGPSecretKeyRing open, String password) throws IOException {
    try {
      var encryptor =
          new BcPBESecretKeyEncryptorBuilder(
                  SymmetricKeyAlgorithmTags.AES_256,
                  new BcPGPDigestCalculatorProvider().get(HashAlgorithmTags.SHA256),
                  COUNT)
              .build(password.toCharArray());
      return PGPSecretKeyRing.copyWithNewPassword(open, null, encryptor);
    } catch (PGPException e) {
      throw new IOException("the key cannot be encrypted: " + e.getMessage(), e);
    }
  }

  /// Opens keys.
  ///
  /// @param fails a clause for a password that is another one
  static PGPSecretKeyRing open(PGPSecretKeyRing sealed, String password, String fails)
      throws IOException {
    return Hostile.read(
        fails,
        () ->
            PGPSecretKeyRing.copyWithNewPassword(
                sealed,
                new BcPBESecretKeyDecryptorBuilder(new BcPGPDigestCalculatorProvider())
                    .build(password.toCharArray()),
                null));
  }
}
