package dev.poststation.smime;

import dev.poststation.seal.Kept;
import dev.poststation.tls.Fingerprint;
import dev.poststation.tls.Pem;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
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
    byte @Nullable [] secret)
    implements Kept {
  public Entry {
    names = List.copyOf(names);
    chain = List.copyOf(chain);
  }

  @Override
  public boolean isOwn() {
    return secret != null;
  }

  /// The private key, encrypted.
  ///
  /// @throws IOException when it is somebody else's
  byte[] sealed() throws IOException {
    if (secret == null) {
      throw new IOException("it is somebody else's");
    }
    return secret;
  }

  /// SHA-256 of the certificate, 64 hexadecimal digits.
  @Override
  public String fingerprint() {
    return Fingerprint.digits(Fingerprint.of(certificate));
  }

  /// The first digits of the fingerprint, by which people tell certificates apart.
  public String shortPrint() {
    return fingerprint().substring(0, 16);
  }

  /// Whether its time has begun and has not ended.
  public boolean isValidAt(Instant now) {
    return !now.isBefore(begins()) && now.isBefore(expires());
  }

  /// When its time begins.
  @Override
  public Instant begins() {
    return certificate.getNotBefore().toInstant();
  }

  /// When its time ends.
  public Instant expires() {
    return certificate.getNotAfter().toInstant();
  }

  /// The certificate and the authorities that came with it, as text.
  public String pem() {
    return Stream.concat(Stream.of(certificate), chain.stream())
        .map(each -> Pem.of(Pem.CERTIFICATE, Certificates.encoded(each)))
        .collect(Collectors.joining());
  }

  @Override
  public String toString() {
    String from = origin == Origin.IMPORTED ? "" : ", " + origin.word();
    return shortPrint() + " (" + String.join(", ", names) + from + ")";
  }
}
