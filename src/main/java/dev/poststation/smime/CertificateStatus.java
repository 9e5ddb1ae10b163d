package dev.poststation.smime;

/// Whether a certificate was revoked, as far as that is known. Immutable.
sealed interface CertificateStatus {
  /// It was not.
  record Good() implements CertificateStatus {}

  /// It was.
  ///
  /// @param how what follows on "it was revoked", such as " on 2026-11-30T10:00:00Z, keyCompromise"
  record Revoked(String how) implements CertificateStatus {}

  /// Nobody says so now.
  ///
  /// @param why a clause
  record Unknown(String why) implements CertificateStatus {}
}
