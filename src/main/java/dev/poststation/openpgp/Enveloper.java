package dev.poststation.openpgp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.openpgp.PGPException;
import org.pgpainless.PGPainless;
import org.pgpainless.algorithm.CompressionAlgorithm;
import org.pgpainless.algorithm.SymmetricKeyAlgorithm;
import org.pgpainless.encryption_signing.EncryptionOptions;
import org.pgpainless.encryption_signing.ProducerOptions;
import org.pgpainless.exception.KeyException;

/// Encrypts for keys (RFC 9580 5.13.1: AES-256, with a code that shows changes, which all programs
/// read). Pure functions; all of the content is in memory.
public final class Enveloper {
  private Enveloper() {}

  /// What mail is encrypted by, for people.
  public static final String CIPHER = "aes-256";

  /// Encrypts.
  ///
  /// @return in armor, with CRLF
  public static byte[] envelop(byte[] content, List<Key> to, Instant now) throws IOException {
    try {
      var options =
          EncryptionOptions.get()
              .setEvaluationDate(Date.from(now))
              .overrideEncryptionAlgorithm(SymmetricKeyAlgorithm.AES_256);
      for (var key : to) {
        options.addRecipient(key.ring());
      }
      var out = new ByteArrayOutputStream(content.length * 2);
      var lines = new Lines(out);
      var stream =
          PGPainless.encryptAndOrSign()
              .onOutputStream(lines)
              .withOptions(
                  ProducerOptions.encrypt(options)
                      .setAsciiArmor(true)
                      .setHideArmorHeaders(true)
                      .overrideCompressionAlgorithm(CompressionAlgorithm.UNCOMPRESSED));
      try (stream) {
        stream.write(content);
      }
      return out.toByteArray();
    } catch (PGPException | KeyException | IllegalArgumentException e) {
      throw new IOException("it cannot be encrypted: " + e.getMessage(), e);
    }
  }
}
