package dev.poststation.openpgp;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.S2K;
import org.bouncycastle.bcpg.SecretKeyPacket;
import org.bouncycastle.bcpg.SymmetricKeyAlgorithmTags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPSecretKey;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.bouncycastle.openpgp.operator.bc.BcPBESecretKeyDecryptorBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPBESecretKeyEncryptorBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPGPDigestCalculatorProvider;

/// Private keys under a password, as all programs of OpenPGP do it (RFC 4880 3.7.2.1): AES-256, and
/// SHA-256 over 16 MB of the password and salt. Private parts that are elsewhere, such as on a
/// card, stay as they are. Pure functions; they are slow on purpose.
final class Sealing {
  /// 16 MB, as RFC 4880 3.7.1.3 writes it.
  private static final int COUNT = 0xe0;

  private Sealing() {}

  /// Whether any private part is encrypted.
  static boolean isSealed(PGPSecretKeyRing ring) {
    return parts(ring).stream().anyMatch(each -> each.getS2KUsage() != SecretKeyPacket.USAGE_NONE);
  }

  /// Whether any private part is there.
  static boolean isAny(PGPSecretKeyRing ring) {
    return !parts(ring).isEmpty();
  }

  /// Whether the private part of one of its keys is there.
  static boolean has(PGPSecretKeyRing ring, long id) {
    return parts(ring).stream().anyMatch(each -> each.getKeyID() == id);
  }

  /// Keys whose private part is there.
  private static List<PGPSecretKey> parts(PGPSecretKeyRing ring) {
    List<PGPSecretKey> all = new ArrayList<>();
    for (PGPSecretKey each : ring) {
      var s2k = each.getS2K();
      boolean elsewhere = s2k != null && s2k.getType() == S2K.GNU_DUMMY_S2K;
      if (!elsewhere && !each.isPrivateKeyEmpty()) {
        all.add(each);
      }
    }
    return all;
  }

  /// What one lacks of another one of the same key.
  private static List<PGPSecretKey> missing(PGPSecretKeyRing from, PGPSecretKeyRing other) {
    return parts(other).stream().filter(each -> !has(from, each.getKeyID())).toList();
  }

  /// Whether it has all private parts of another one of the same key.
  static boolean hasAll(PGPSecretKeyRing ring, PGPSecretKeyRing other) {
    return missing(ring, other).isEmpty();
  }

  /// Adds the private parts that only another one of the same key has. Both are open.
  static PGPSecretKeyRing completed(PGPSecretKeyRing ring, PGPSecretKeyRing other) {
    var all = ring;
    for (var each : missing(ring, other)) {
      all = PGPSecretKeyRing.insertSecretKey(all, each);
    }
    return all;
  }

  /// Says of its keys what others may see of them; there may be some without a private part.
  static PGPSecretKeyRing with(PGPSecretKeyRing ring, PGPPublicKeyRing shown) {
    var all = PGPSecretKeyRing.replacePublicKeys(ring, shown);
    for (PGPPublicKey each : shown) {
      if (all.getSecretKey(each.getKeyID()) == null) {
        all = PGPSecretKeyRing.insertOrReplacePublicKey(all, each);
      }
    }
    return all;
  }

  /// Encrypts keys that are open, with a SHA-1 that shows changes (RFC 9580 3.7.2.1, usage 254):
  /// the library makes it only of a key that is taken apart.
  static PGPSecretKeyRing seal(PGPSecretKeyRing open, String password) throws IOException {
    var digests = new BcPGPDigestCalculatorProvider();
    var all = open;
    try {
      var encryptor =
          new BcPBESecretKeyEncryptorBuilder(
                  SymmetricKeyAlgorithmTags.AES_256, digests.get(HashAlgorithmTags.SHA256), COUNT)
              .build(password.toCharArray());
      for (var each : parts(open)) {
        var sealed =
            new PGPSecretKey(
                each.extractPrivateKey(null),
                each.getPublicKey(),
                digests.get(HashAlgorithmTags.SHA1),
                each.isMasterKey(),
                encryptor);
        all = PGPSecretKeyRing.insertSecretKey(all, sealed);
      }
      return all;
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
        () -> {
          var decryptor =
              new BcPBESecretKeyDecryptorBuilder(new BcPGPDigestCalculatorProvider())
                  .build(password.toCharArray());
          var all = sealed;
          for (var each : parts(sealed)) {
            var open = PGPSecretKey.copyWithNewPassword(each, decryptor, null);
            all = PGPSecretKeyRing.insertSecretKey(all, open);
          }
          return all;
        });
  }
}
