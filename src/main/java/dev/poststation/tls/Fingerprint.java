package dev.poststation.tls;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.HexFormat;

/// What a certificate is known by, whoever signed it. Pure functions.
public final class Fingerprint {
  private Fingerprint() {}

  /// `sha256:` and 64 hexadecimal digits, as of `openssl x509 -fingerprint -sha256` without colons.
  public static String of(X509Certificate certificate) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
      return "sha256:" + HexFormat.of().formatHex(digest);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java cannot do SHA-256", e);
    }
  }
}
