package dev.poststation.smime;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.CMSVerifierCertificateNotValidException;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.jspecify.annotations.Nullable;

/// Verifies signatures (RFC 5652 5, RFC 8550). Pure functions; all of the content is in memory.
public final class Verifier {
  private Verifier() {}

  /// What is to be said of a signature.
  public enum Outcome {
    /// It is good, of the author, and by a certificate that is trusted.
    GOOD,
    /// Not of what is in the mail, or not by this key.
    BROKEN,
    /// Its certificate has ended, or has not begun.
    EXPIRED,
    /// Nobody who is trusted has issued its certificate.
    UNTRUSTED,
    /// It is good and trusted, and of somebody else than the author.
    OTHER_AUTHOR,
    /// It cannot be read.
    UNREADABLE
  }

  /// A verdict.
  ///
  /// @param why for people
  /// @param signer null: his certificate is not there
  public record Verdict(Outcome outcome, String why, @Nullable X509Certificate signer) {}

  /// Verifies; all signatures must be good.
  ///
  /// @param content what was signed; null: it is in the signature
  /// @param author in lower case
  public static Verdict verify(
      byte @Nullable [] content, byte[] cms, Set<TrustAnchor> trusted, String author, Instant now) {
    try {
      var data =
          content == null
              ? new CMSSignedData(cms)
              : new CMSSignedData(new CMSProcessableByteArray(content), cms);
      var signers = data.getSignerInfos().getSigners();
      if (signers.isEmpty()) {
        return new Verdict(Outcome.UNREADABLE, "nobody has signed it", null);
      }
      List<X509Certificate> all = new ArrayList<>();
      for (X509CertificateHolder each : data.getCertificates().getMatches(null)) {
        all.add(Certificates.read(each.getEncoded()));
      }
      List<Verdict> verdicts = new ArrayList<>(1);
      for (var signer : signers) {
        verdicts.add(verify(signer, data, all, trusted, author, now));
      }
      return verdicts.stream()
          .filter(each -> each.outcome != Outcome.GOOD)
          .findFirst()
          .orElse(verdicts.getFirst());
    } catch (CMSException | IOException | IllegalArgumentException | IllegalStateException e) {
      return new Verdict(Outcome.UNREADABLE, "it cannot be read: " + e.getMessage(), null);
    }
  }

  private static Verdict verify(
      SignerInformation signer,
      CMSSignedData data,
      List<X509Certificate> all,
      Set<TrustAnchor> trusted,
      String author,
      Instant now)
      throws IOException {
    var own =
        data.getCertificates().getMatches(null).stream()
            .filter(each -> signer.getSID().match(each))
            .findFirst();
    if (own.isEmpty()) {
      return new Verdict(Outcome.UNREADABLE, "its certificate is not in it", null);
    }
    var certificate = Certificates.read(own.get().getEncoded());
    try {
      var verifier = new JcaSimpleSignerInfoVerifierBuilder().setProvider(Certificates.PROVIDER);
      if (!signer.verify(verifier.build(certificate.getPublicKey()))) {
        return new Verdict(Outcome.BROKEN, "the signature is not of this mail", certificate);
      }
    } catch (CMSVerifierCertificateNotValidException _) {
      return expired(certificate);
    } catch (CMSException | OperatorCreationException e) {
      return new Verdict(Outcome.BROKEN, "the signature is bad: " + e.getMessage(), certificate);
    }
    var ends = certificate.getNotAfter().toInstant();
    if (now.isAfter(ends) || now.isBefore(certificate.getNotBefore().toInstant())) {
      return expired(certificate);
    }
    if (!Certificates.maySign(certificate)) {
      return new Verdict(Outcome.UNTRUSTED, "its certificate is not for mail", certificate);
    }
    String objection = objection(certificate, all, trusted, now);
    if (!objection.isEmpty()) {
      return new Verdict(Outcome.UNTRUSTED, objection, certificate);
    }
    return Certificates.addresses(certificate).contains(author)
        ? new Verdict(Outcome.GOOD, "signed by the author", certificate)
        : new Verdict(
            Outcome.OTHER_AUTHOR, "its certificate does not name the author", certificate);
  }

  private static Verdict expired(X509Certificate certificate) {
    return new Verdict(
        Outcome.EXPIRED,
        "its certificate is valid until " + certificate.getNotAfter().toInstant(),
        certificate);
  }

  /// Why the certificate is not trusted; empty: it is (RFC 5280 6).
  private static String objection(
      X509Certificate certificate,
      List<X509Certificate> all,
      Set<TrustAnchor> trusted,
      Instant now) {
    if (trusted.isEmpty()) {
      return "there are no authorities to trust";
    }
    try {
      var target = new X509CertSelector();
      target.setCertificate(certificate);
      var parameters = new PKIXBuilderParameters(trusted, target);
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(now));
      parameters.addCertStore(
          CertStore.getInstance(
              "Collection", new CollectionCertStoreParameters(all), Certificates.PROVIDER));
      CertPathBuilder.getInstance("PKIX", Certificates.PROVIDER).build(parameters);
      return "";
    } catch (GeneralSecurityException _) {
      return "nobody who is trusted has issued its certificate";
    }
  }
}
