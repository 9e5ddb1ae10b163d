package dev.poststation.tls;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/// What a certificate is known by, whoever signed it. Pure functions.
public final class Fingerprint {
  private static final String PREFIX = "sha256:";

  private Fingerprint() {}

  /// The digits of one, or of its beginning; also as `openssl x509 -fingerprint -sha256` writes it:
  /// `sha256 Fingerprint=` and digits with colons and capitals, or these alone.
  public static String digits(String text) {
    return text.strip()
        .toLowerCase(Locale.ROOT)
        .replaceFirst("^sha256(?::| fingerprint *= *)", "")
        .replace(":", "");
  }

  /// Reads a whole one.
  public static Optional<String> parse(String text) {
    String digits = digits(text);
    return digits.matches("[0-9a-f]{64}") ? Optional.of(PREFIX + digits) : Optional.empty();
  }

  /// `sha256:` and 64 hexadecimal digits, as of `openssl x509 -fingerprint -sha256` without colons.
  public static String of(X509Certificate certificate) {
    try {
      return of(certificate.getEncoded());
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate without octets", e);
    }
  }

  /// The same of its public key (SubjectPublicKeyInfo), which stays when a certificate is renewed
  /// with the same key.
  public static String ofKey(X509Certificate certificate) {
    return of(certificate.getPublicKey().getEncoded());
  }

  private static String of(byte[] octets) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(octets);
      return PREFIX + HexFormat.of().formatHex(digest);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java cannot do SHA-256", e);
    }
  }
}
