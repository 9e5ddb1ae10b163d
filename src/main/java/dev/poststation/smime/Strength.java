package dev.poststation.smime;

import java.security.PublicKey;
import java.security.interfaces.RSAKey;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.oiw.OIWObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSASSAPSSparams;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cms.SignerInformation;

/// Whether a signature is worth anything (RFC 8551 2.1 and 2.2, RFC 8550 4.3 and B): what one can
/// make to a digest or key of long ago says nothing of its author. Pure functions.
final class Strength {
  private static final int RSA_LEAST = 1024;

  /// Digests of which there are two texts with the same one, and signatures that name these.
  private static final Set<ASN1ObjectIdentifier> BROKEN =
      Set.of(
          PKCSObjectIdentifiers.md2,
          PKCSObjectIdentifiers.md4,
          PKCSObjectIdentifiers.md5,
          OIWObjectIdentifiers.idSHA1,
          PKCSObjectIdentifiers.md2WithRSAEncryption,
          PKCSObjectIdentifiers.md4WithRSAEncryption,
          PKCSObjectIdentifiers.md5WithRSAEncryption,
          PKCSObjectIdentifiers.sha1WithRSAEncryption,
          OIWObjectIdentifiers.md4WithRSA,
          OIWObjectIdentifiers.md5WithRSA,
          OIWObjectIdentifiers.md4WithRSAEncryption,
          OIWObjectIdentifiers.dsaWithSHA1,
          OIWObjectIdentifiers.sha1WithRSA,
          X9ObjectIdentifiers.id_dsa_with_sha1,
          X9ObjectIdentifiers.ecdsa_with_SHA1);

  private Strength() {}

  /// Why a signature counts for nothing, a clause; empty: it counts.
  static String flaw(SignerInformation signer, PublicKey key) {
    var by = signer.toASN1Structure().getDigestEncryptionAlgorithm();
    boolean pss = by.getAlgorithm().equals(PKCSObjectIdentifiers.id_RSASSA_PSS);
    if (BROKEN.contains(signer.getDigestAlgorithmID().getAlgorithm())
        || BROKEN.contains(by.getAlgorithm())
        || (pss
            && BROKEN.contains(
                RSASSAPSSparams.getInstance(by.getParameters())
                    .getHashAlgorithm()
                    .getAlgorithm()))) {
      return "its digest is too weak";
    }
    boolean small = key instanceof RSAKey rsa && rsa.getModulus().bitLength() < RSA_LEAST;
    return small ? "its key is too weak" : "";
  }
}
