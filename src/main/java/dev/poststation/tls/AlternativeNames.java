package dev.poststation.tls;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/// Names that a certificate carries as alternative names of its subject (RFC 5280 4.2.1.6). Where
/// MTA-STS asks for one, a common name is none (RFC 8461 4.1). Pure functions.
public final class AlternativeNames {
  private AlternativeNames() {}

  /// What is wrong with what a server showed, in words after "its certificate"; empty when it
  /// carries the name.
  ///
  /// @param chain the server's own certificate first
  public static Optional<CertificateFlaw> flaw(List<X509Certificate> chain, String name) {
    if (chain.isEmpty()) {
      return Optional.of(CertificateFlaw.missing());
    }
    return CertifiedKey.names(chain.getFirst(), name)
        ? Optional.empty()
        : Optional.of(
            CertificateFlaw.otherName(
                "does not carry the name " + name + " as an alternative one, as MTA-STS demands"));
  }
}
