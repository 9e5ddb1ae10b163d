package dev.poststation.smime;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderResult;
import java.security.cert.CertStore;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;

/// From the certificate of who signs to an authority (RFC 5280 6), in time that who sends cannot
/// make long. Pure functions.
final class Chain {
  /// Octets of a key with its parameters: that of RSA 8192 has some 1060. The time that a key costs
  /// grows with the third power of its length.
  private static final int KEY_MAX = 1300;

  private static final Set<ASN1ObjectIdentifier> PARAMETRIC =
      Set.of(X9ObjectIdentifiers.id_dsa, X9ObjectIdentifiers.id_ecPublicKey);

  /// Certificates that have issued each other: all ways through them are tried.
  private static final int ISSUERS_MAX = 5;

  private Chain() {}

  /// Whether its key is not made to cost time, and has parameters of its own: one of DSA may have
  /// those of who issued it (RFC 3279 2.3.2), which nobody does any more. Asked before anything is
  /// done with it.
  static boolean isOrdinary(X509CertificateHolder certificate) throws IOException {
    var key = certificate.getSubjectPublicKeyInfo();
    var kind = key.getAlgorithm();
    boolean needs = PARAMETRIC.contains(kind.getAlgorithm());
    boolean has = kind.getParameters() != null && !DERNull.INSTANCE.equals(kind.getParameters());
    return key.getEncoded().length <= KEY_MAX && (has || !needs);
  }

  /// Looks for it, of what is kept or a directory has.
  ///
  /// @throws IOException as with the other one
  static Found find(Entry entry, Set<TrustAnchor> trusted, Instant now, BooleanSupplier isOver)
      throws IOException {
    if (!isOrdinary(Certificates.holder(entry.certificate()))) {
      return Found.not("it is too complex");
    }
    for (var each : entry.chain()) {
      if (!isOrdinary(Certificates.holder(each))) {
        return Found.not("one above it is too complex");
      }
    }
    return find(entry.certificate(), entry.chain(), trusted, now, isOver);
  }

  /// What was found.
  ///
  /// @param objection why the certificate is not trusted; empty: it is
  /// @param authorities above it, from the nearest to one that is trusted
  record Found(String objection, List<X509Certificate> authorities) {
    private static Found not(String objection) {
      return new Found(objection, List.of());
    }
  }

  /// Looks for it.
  ///
  /// @param all that came with it
  /// @throws Verifier.TooLate when there is no time left
  static Found find(
      X509Certificate certificate,
      Collection<X509Certificate> all,
      Set<TrustAnchor> trusted,
      Instant now,
      BooleanSupplier isOver)
      throws Verifier.TooLate {
    if (trusted.isEmpty()) {
      return Found.not("there are no authorities to trust");
    }
    var chain = issuers(certificate, all, isOver);
    if (chain.size() > ISSUERS_MAX + 1) {
      return Found.not(
          "it is too complex: more than " + ISSUERS_MAX + " certificates are above its own");
    }
    try {
      var target = new X509CertSelector();
      target.setCertificate(certificate);
      var parameters = new PKIXBuilderParameters(trusted, target);
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(now));
      parameters.addCertStore(
          CertStore.getInstance(
              "Collection", new CollectionCertStoreParameters(chain), Certificates.PROVIDER));
      var built = CertPathBuilder.getInstance("PKIX", Certificates.PROVIDER).build(parameters);
      return new Found("", authorities(certificate, built));
    } catch (GeneralSecurityException | RuntimeException _) { // What somebody made up.
      return Found.not("nobody who is trusted has issued its certificate");
    }
  }

  private static List<X509Certificate> authorities(
      X509Certificate certificate, CertPathBuilderResult built) {
    List<X509Certificate> all = new ArrayList<>();
    for (var each : built.getCertPath().getCertificates()) {
      if (each instanceof X509Certificate above && !above.equals(certificate)) {
        all.add(above);
      }
    }
    if (built instanceof PKIXCertPathBuilderResult result
        && !result.getTrustAnchor().getTrustedCert().equals(certificate)) {
      all.add(result.getTrustAnchor().getTrustedCert());
    }
    return all;
  }

  /// The certificate and those that have truly issued it, or one of them: who searches for a path
  /// goes by names alone, and with many of one name he would never come to an end.
  private static List<X509Certificate> issuers(
      X509Certificate certificate, Collection<X509Certificate> all, BooleanSupplier isOver)
      throws Verifier.TooLate {
    List<X509Certificate> chain = new ArrayList<>(List.of(certificate));
    for (int i = 0; i < chain.size() && chain.size() <= ISSUERS_MAX + 1; i++) {
      for (var above : all) {
        if (isOver.getAsBoolean()) {
          throw new Verifier.TooLate();
        }
        if (!chain.contains(above) && hasIssued(above, chain.get(i))) {
          chain.add(above);
        }
      }
    }
    return chain;
  }

  /// Whether it is above itself.
  static boolean isRoot(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
  }

  /// Those above a certificate that are known, from the nearest.
  static List<X509Certificate> above(
      X509Certificate certificate, Collection<X509Certificate> known) {
    List<X509Certificate> above = new ArrayList<>();
    var at = certificate;
    while (!isRoot(at) && above.size() < ISSUERS_MAX) {
      var below = at;
      var next = known.stream().filter(each -> hasIssued(each, below)).findFirst();
      if (next.isEmpty()) {
        break;
      }
      at = next.get();
      above.add(at);
    }
    return above;
  }

  static boolean hasIssued(X509Certificate above, X509Certificate below) {
    if (!above.getSubjectX500Principal().equals(below.getIssuerX500Principal())) {
      return false;
    }
    var key = Certificates.key(above);
    if (key.isEmpty()) {
      return false;
    }
    try {
      below.verify(key.get(), Certificates.PROVIDER);
      return true;
    } catch (GeneralSecurityException | RuntimeException _) {
      return false;
    }
  }
}
