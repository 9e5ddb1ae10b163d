package dev.poststation.tls;

import dev.poststation.tlsrpt.ResultType;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;

/// What is wrong with the certificates that a server showed. Immutable.
///
/// @param type as reports about TLS call it (RFC 8460 4.3)
/// @param words after "its certificate"
public record CertificateFlaw(ResultType type, String words) {
  static CertificateFlaw untrusted(String words) {
    return new CertificateFlaw(ResultType.CERTIFICATE_NOT_TRUSTED, words);
  }

  static CertificateFlaw otherName(String words) {
    return new CertificateFlaw(ResultType.CERTIFICATE_HOST_MISMATCH, words);
  }

  static CertificateFlaw expired(String words) {
    return new CertificateFlaw(ResultType.CERTIFICATE_EXPIRED, words);
  }

  static CertificateFlaw missing() {
    return new CertificateFlaw(ResultType.VALIDATION_FAILURE, "is missing: it showed none");
  }

  /// As what a handshake that failed is reported.
  ///
  /// @param name which the certificate had to carry
  public static ResultType typeOf(Throwable failure, String name) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      switch (each) {
        case CertificateExpiredException _ -> {
          return ResultType.CERTIFICATE_EXPIRED;
        }
        case CertificateNotYetValidException _, CertPathBuilderException _ -> {
          return ResultType.CERTIFICATE_NOT_TRUSTED;
        }
        default -> {}
      }
    }
    var shown = UntrustedException.shownIn(failure);
    if (shown.isEmpty()) {
      return ResultType.VALIDATION_FAILURE;
    }
    return CertifiedKey.stands(shown.getFirst(), name)
        ? ResultType.CERTIFICATE_NOT_TRUSTED
        : ResultType.CERTIFICATE_HOST_MISMATCH;
  }
}
