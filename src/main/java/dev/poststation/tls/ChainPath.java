package dev.poststation.tls;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Whether a server's certificate comes from an authority that is known by other means than a list
/// of the machine: a pin, or a record in the DNS. Pure functions.
final class ChainPath {
  private static final Set<String> FOR_SERVERS =
      Set.of("1.3.6.1.5.5.7.3.1", "2.5.29.37.0"); // serverAuth, any (RFC 5280 4.2.1.12)

  private ChainPath() {}

  /// What is wrong with a certificate that shall come from an authority, in words after "its
  /// certificate"; empty when nothing is: it is signed by it through the others, all of them are
  /// valid now, it is for servers, and it carries one of the names.
  ///
  /// @param path the server's own certificate first; the last one is signed by the authority
  static Optional<CertificateFlaw> flaw(
      List<X509Certificate> path, TrustAnchor authority, List<String> names, Instant now) {
    var broken = broken(path, authority, now);
    if (broken.isPresent()) {
      return broken;
    }
    var own = path.getFirst();
    if (!isForServers(own)) {
      return Optional.of(CertificateFlaw.untrusted("is not for servers"));
    }
    return names.stream().anyMatch(name -> CertifiedKey.stands(own, name))
        ? Optional.empty()
        : Optional.of(
            CertificateFlaw.otherName("does not carry the name " + String.join(" or ", names)));
  }

  private static Optional<CertificateFlaw> broken(
      List<X509Certificate> path, TrustAnchor authority, Instant now) {
    try {
      var parameters = new PKIXParameters(Set.of(authority));
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(now));
      var certificates = CertificateFactory.getInstance("X.509").generateCertPath(path);
      CertPathValidator.getInstance("PKIX").validate(certificates, parameters);
      return Optional.empty();
    } catch (CertPathValidatorException e) {
      return Optional.of(
          switch (e.getCause()) {
            case CertificateExpiredException _ ->
                CertificateFlaw.expired("has expired, or one between it and its authority");
            case CertificateNotYetValidException _ -> CertificateFlaw.untrusted("is not valid yet");
            case null, default -> CertificateFlaw.untrusted("does not come from that authority");
          });
    } catch (GeneralSecurityException e) {
      return Optional.of(CertificateFlaw.untrusted("cannot be verified: " + e.getMessage()));
    }
  }

  private static boolean isForServers(X509Certificate certificate) {
    try {
      var uses = certificate.getExtendedKeyUsage();
      return uses == null || uses.stream().anyMatch(FOR_SERVERS::contains);
    } catch (CertificateParsingException _) {
      return false;
    }
  }

  /// The way from a server's certificate to an issuer of the chain that it showed, in order,
  /// whatever else that has; empty when there is none.
  ///
  /// @param last which one the way shall lead to; not part of it
  static List<X509Certificate> below(X509Certificate last, List<X509Certificate> chain) {
    List<X509Certificate> path = new ArrayList<>();
    Set<X509Certificate> left = new HashSet<>(chain);
    var at = chain.getFirst();
    while (path.size() < chain.size()) {
      path.add(at);
      left.remove(at);
      if (issued(last, at)) {
        return path;
      }
      X509Certificate next = null;
      for (var candidate : chain) {
        if (left.contains(candidate) && issued(candidate, at)) {
          next = candidate;
          break;
        }
      }
      if (next == null) {
        return List.of();
      }
      at = next;
    }
    return List.of();
  }

  /// Whether the key of the one signed the other.
  static boolean issued(X509Certificate issuer, X509Certificate certificate) {
    return certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())
        && signed(issuer.getPublicKey(), certificate);
  }

  /// Whether a key signed a certificate.
  static boolean signed(PublicKey key, X509Certificate certificate) {
    try {
      certificate.verify(key);
      return true;
    } catch (GeneralSecurityException _) {
      return false;
    }
  }
}
