package dev.poststation.smime;

import dev.poststation.tls.Fingerprint;
import dev.poststation.tls.Pem;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A certificate that is kept, with its private key where it is ours. Immutable.
///
/// @param names whom it is for: addresses in lower case, or `@domain` for all of a domain
/// @param origin where it comes from
/// @param added since when it is kept
/// @param chain the certificates of authorities that came with it
/// @param secret the private key, encrypted (PKCS #8); null: it is somebody else's
public record Entry(
    List<String> names,
    Origin origin,
    Instant added,
    X509Certificate certificate,
    List<X509Certificate> chain,
    byte @Nullable [] secret) {
  public Entry {
    names = List.copyOf(names);
    chain = List.copyOf(chain);
  }

  /// Where a certificate comes from.
  public enum Origin {
    /// An administrator brought it.
    IMPORTED;

    /// As it stands in the file.
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Whether it has a private key.
  public boolean isOwn() {
    return secret != null;
  }

  /// SHA-256 of the certificate, 64 hexadecimal digits.
  public String fingerprint() {
    return Fingerprint.digits(Fingerprint.of(certificate));
  }

  /// The first digits of the fingerprint, by which people tell certificates apart.
  public String shortPrint() {
    return fingerprint().substring(0, 16);
  }

  /// Whether its time has begun and has not ended.
  public boolean isValidAt(Instant now) {
    return !now.isBefore(certificate.getNotBefore().toInstant()) && now.isBefore(expires());
  }

  /// When its time ends.
  public Instant expires() {
    return certificate.getNotAfter().toInstant();
  }

  /// Whether it is for an address itself, or for all of its domain.
  public boolean isFor(String name) {
    return names.contains(name);
  }

  /// The certificate and the authorities that came with it, as text.
  public String pem() {
    return Stream.concat(Stream.of(certificate), chain.stream())
        .map(each -> Pem.of(Pem.CERTIFICATE, Certificates.encoded(each)))
        .collect(Collectors.joining());
  }

  @Override
  public String toString() {
    return shortPrint() + " (" + String.join(", ", names) + ")";
  }
}
