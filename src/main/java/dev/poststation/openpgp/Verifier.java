package dev.poststation.openpgp;

import dev.poststation.smtp.Address;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.openpgp.PGPSignature;
import org.pgpainless.PGPainless;
import org.pgpainless.signature.SignatureUtils;

/// Looks at signatures of a part of a mail (RFC 3156 5), or of its text (RFC 9580 7). Stateless.
public final class Verifier {
  /// A signature may be so much later than our clock.
  static final Duration CLOCKS_DIFFER = Duration.ofMinutes(10);

  /// Each by a known key hashes all of the content.
  static final int SIGNATURES_MAX = 10;

  private static final int SIGNATURE_OCTETS_MAX = 200_000;

  private Verifier() {}

  /// Of a part of a mail, or of its text.
  ///
  /// @param content what is signed, with CRLF
  /// @param signature in armor or without
  /// @param author whom From names; empty: nobody, or several
  public static Verdict detached(
      InputStream content, byte[] signature, Keystore keys, Optional<Address> author, Instant now) {
    try {
      if (signature.length > SIGNATURE_OCTETS_MAX) {
        throw new IOException("it is too complex: its signature is too large");
      }
      List<PGPSignature> all =
          Hostile.read(
              "its signature cannot be read",
              () -> SignatureUtils.readSignatures(new ByteArrayInputStream(signature)));
      if (all.isEmpty()) {
        throw new IOException("its signature cannot be read");
      }
      if (all.size() > SIGNATURES_MAX) {
        throw new IOException("it is too complex: it has " + all.size() + " signatures");
      }
      return Hostile.read("it cannot be verified", () -> detached(content, all, keys, author, now));
    } catch (IOException e) {
      return Verdict.unreadable(String.valueOf(e.getMessage()));
    }
  }

  private static Verdict detached(
      InputStream content,
      List<PGPSignature> signatures,
      Keystore keys,
      Optional<Address> author,
      Instant now)
      throws Exception {
    var options =
        Opener.options(keys, now)
            .forceNonOpenPgpData()
            .addVerificationOfDetachedSignatures(signatures);
    var stream = PGPainless.decryptAndOrVerify().onInputStream(content).withOptions(options);
    try (stream) {
      stream.transferTo(OutputStream.nullOutputStream());
    }
    return Verdict.of(stream.getMetadata(), keys, author, now)
        .orElseThrow(() -> new IOException("it has no signature"));
  }
}
