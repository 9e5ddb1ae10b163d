package dev.poststation.smime;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPReqBuilder;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.SingleResp;
import org.bouncycastle.operator.DigestCalculatorProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/// Questions and answers of OCSP (RFC 6960). An answer counts that the issuer of the certificate
/// has signed, or whom he has made his responder. Pure functions.
final class Ocsp {
  static final String TYPE = "application/ocsp-request";

  /// Of those that come with an answer, so many may have signed it.
  private static final int RESPONDERS_MAX = 3;

  /// Clocks differ.
  private static final Duration SKEW = Duration.ofMinutes(5);

  /// An answer that does not say when there is a newer one is one of now.
  private static final Duration AGE = Duration.ofHours(1);

  private Ocsp() {}

  /// What was said.
  ///
  /// @param until no longer than that
  record Said(CertificateStatus status, Instant until) {}

  /// The question.
  static byte[] question(X509Certificate certificate, X509Certificate issuer) throws IOException {
    try {
      // Responders that know other digests than SHA-1 for the names are rare.
      var digest = digests().get(CertificateID.HASH_SHA1);
      var holder = Certificates.holder(issuer);
      var id = new CertificateID(digest, holder, certificate.getSerialNumber());
      return new OCSPReqBuilder().addRequest(id).build().getEncoded();
    } catch (OCSPException | OperatorCreationException e) {
      throw new IOException("no question can be made: " + e.getMessage(), e);
    }
  }

  private static DigestCalculatorProvider digests() throws OperatorCreationException {
    return new JcaDigestCalculatorProviderBuilder().setProvider(Certificates.PROVIDER).build();
  }

  /// The answer.
  ///
  /// @throws IOException when it is none that counts; the message is a clause
  static Said answer(
      byte[] octets, X509Certificate certificate, X509Certificate issuer, Instant now)
      throws IOException {
    try {
      var all = new OCSPResp(octets);
      if (all.getStatus() != OCSPResp.SUCCESSFUL
          || !(all.getResponseObject() instanceof BasicOCSPResp basic)) {
        throw new IOException("it gives no answer (status " + all.getStatus() + ")");
      }
      if (!isSigned(basic, issuer, now)) {
        throw new IOException("its answer is not signed by who may say so");
      }
      for (var each : basic.getResponses()) {
        if (isOf(each, certificate.getSerialNumber(), issuer)) {
          return said(each, now);
        }
      }
      throw new IOException("its answer is of another certificate");
    } catch (OCSPException
        | OperatorCreationException
        | GeneralSecurityException
        | IllegalArgumentException
        | IllegalStateException e) {
      throw new IOException("its answer cannot be read: " + e.getMessage(), e);
    }
  }

  private static boolean isOf(SingleResp said, BigInteger serial, X509Certificate issuer)
      throws OCSPException, OperatorCreationException {
    var id = said.getCertID();
    return id.getSerialNumber().equals(serial)
        && id.matchesIssuer(Certificates.holder(issuer), digests());
  }

  private static Said said(SingleResp said, Instant now) throws IOException {
    var from = said.getThisUpdate().toInstant();
    var next = Optional.ofNullable(said.getNextUpdate()).map(Date::toInstant);
    var until = next.orElse(from.plus(AGE));
    if (from.isAfter(now.plus(SKEW)) || until.isBefore(now.minus(SKEW))) {
      throw new IOException("its answer is of " + from + ", not of now");
    }
    // The library has null for good.
    Object status = said.getCertStatus();
    if (status == null) {
      return new Said(new CertificateStatus.Good(), until);
    }
    if (status instanceof RevokedStatus revoked) {
      return new Said(new CertificateStatus.Revoked(how(revoked)), until);
    }
    throw new IOException("it does not know the certificate");
  }

  private static String how(RevokedStatus revoked) {
    String why =
        revoked.hasRevocationReason()
            ? ", "
                + CRLReason.lookup(revoked.getRevocationReason())
                    .toString()
                    .replace("CRLReason: ", "")
            : "";
    return " on " + revoked.getRevocationTime().toInstant() + why;
  }

  /// RFC 6960 4.2.2.2: by the issuer, or by a certificate that he issued for it.
  private static boolean isSigned(BasicOCSPResp said, X509Certificate issuer, Instant now)
      throws OCSPException, OperatorCreationException, IOException, GeneralSecurityException {
    if (isBy(said, issuer)) {
      return true;
    }
    int tried = 0;
    for (X509CertificateHolder each : said.getCerts()) {
      if (++tried <= RESPONDERS_MAX && Chain.isOrdinary(each) && each.isValidOn(Date.from(now))) {
        var responder = Certificates.read(each.getEncoded());
        var uses = responder.getExtendedKeyUsage();
        if (uses != null
            && uses.contains(KeyPurposeId.id_kp_OCSPSigning.getId())
            && Chain.hasIssued(issuer, responder)
            && isBy(said, responder)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isBy(BasicOCSPResp said, X509Certificate signer)
      throws OperatorCreationException {
    try {
      return said.isSignatureValid(
          new JcaContentVerifierProviderBuilder()
              .setProvider(Certificates.PROVIDER)
              .build(signer.getPublicKey()));
    } catch (OCSPException _) {
      return false; // A key of another kind.
    }
  }
}
