package dev.poststation.tlsrpt;

import java.util.Locale;
import java.util.Optional;

/// What can be wrong with TLS, in the words of RFC 8460 4.3.
public enum ResultType {
  /// No STARTTLS.
  STARTTLS_NOT_SUPPORTED("offered no TLS: STARTTLS is off there, or somebody on the way hides it"),
  /// Another name in the certificate.
  CERTIFICATE_HOST_MISMATCH("showed a certificate for another name"),
  /// Expired.
  CERTIFICATE_EXPIRED("showed a certificate that has expired"),
  /// Of no authority that is known.
  CERTIFICATE_NOT_TRUSTED("showed a certificate of an authority that is not trusted"),
  /// Anything else.
  VALIDATION_FAILURE("failed otherwise"),
  /// A TLSA record that is none.
  TLSA_INVALID("has TLSA records that are not valid, or not those of its certificate"),
  /// Signatures of the DNS.
  DNSSEC_INVALID("has records in the DNS whose signatures are wrong or missing"),
  /// DANE was demanded by whoever sent.
  DANE_REQUIRED("has no TLSA records, which the sender demands"),
  /// The policy could not be fetched.
  STS_POLICY_FETCH_ERROR("has an MTA-STS policy that could not be fetched"),
  /// The policy is none.
  STS_POLICY_INVALID("has an MTA-STS policy that is not valid"),
  /// The site of the policy is not trusted.
  STS_WEBPKI_INVALID("has an MTA-STS policy on a site whose certificate is not valid");

  private final String meaning;

  ResultType(String meaning) {
    this.meaning = meaning;
  }

  /// As it stands in reports.
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// For people, after the name of a host or a domain.
  public String meaning() {
    return meaning;
  }

  /// The one of that word.
  public static Optional<ResultType> of(String word) {
    for (var type : values()) {
      if (type.word().equals(word)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
