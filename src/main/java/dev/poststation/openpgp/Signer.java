package dev.poststation.openpgp;

import dev.poststation.message.Octets;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.pgpainless.PGPainless;
import org.pgpainless.algorithm.DocumentSignatureType;
import org.pgpainless.algorithm.HashAlgorithm;
import org.pgpainless.encryption_signing.ProducerOptions;
import org.pgpainless.encryption_signing.SigningOptions;
import org.pgpainless.exception.KeyException;
import org.pgpainless.key.protection.SecretKeyRingProtector;

/// Makes detached signatures (RFC 3156 5). Pure functions; of the content only a window is in
/// memory.
public final class Signer {
  /// The digest, as multipart/signed names it.
  public static final String MICALG = "pgp-sha256";

  private Signer() {}

  /// Signs: every octet as it is, for MIME has made lines of CRLF.
  ///
  /// @return in armor, with CRLF
  public static byte[] sign(Octets content, Key by, Keystore keys, Instant now) throws IOException {
    PGPSecretKeyRing open = keys.key(by);
    var signing =
        Keys.signing(open, now)
            .orElseThrow(() -> new IOException("the key of " + by + " does not sign any more"));
    try {
      var options =
          SigningOptions.get()
              .overrideHashAlgorithm(HashAlgorithm.SHA256)
              .setEvaluationDate(Date.from(now))
              .addDetachedSignature(
                  SecretKeyRingProtector.unprotectedKeys(),
                  open,
                  signing.getKeyID(),
                  DocumentSignatureType.BINARY_DOCUMENT);
      var stream =
          PGPainless.encryptAndOrSign()
              .onOutputStream(OutputStream.nullOutputStream())
              .withOptions(ProducerOptions.sign(options).setAsciiArmor(false));
      try (stream;
          var in = content.open()) {
        in.transferTo(stream);
      }
      var signatures = stream.getResult().getDetachedSignatures().flatten();
      return Armor.of(signatures).getBytes(StandardCharsets.US_ASCII);
    } catch (PGPException | KeyException | IllegalArgumentException e) {
      throw new IOException("the key of " + by + " does not sign: " + e.getMessage(), e);
    }
  }
}
