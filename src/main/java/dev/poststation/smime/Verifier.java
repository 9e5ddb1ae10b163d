package dev.poststation.smime;

import java.io.IOException;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
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
  private static final int SIGNERS_MAX = 10;
  private static final int CERTIFICATES_MAX = 20;

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

  /// There was no time left.
  public static final class TooLate extends IOException {
    private static final long serialVersionUID = 1;

    TooLate() {
      super("its signatures took too long");
    }
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
  /// @param isOver whether there is no time left
  /// @throws TooLate when there is none
  public static Verdict verify(
      byte @Nullable [] content,
      byte[] cms,
      Set<TrustAnchor> trusted,
      String author,
      Instant now,
      BooleanSupplier isOver)
      throws TooLate {
    try {
      var data =
          content == null
              ? new CMSSignedData(cms)
              : new CMSSignedData(new CMSProcessableByteArray(content), cms);
      var signers = data.getSignerInfos().getSigners();
      var holders = data.getCertificates().getMatches(null);
      // Each signature hashes all of the content, and each certificate may have issued each other.
      if (signers.size() > SIGNERS_MAX || holders.size() > CERTIFICATES_MAX) {
        String many = signers.size() + " signatures and " + holders.size() + " certificates";
        return new Verdict(Outcome.UNREADABLE, "it is too complex: " + many, null);
      }
      Map<X509CertificateHolder, X509Certificate> all = new LinkedHashMap<>();
      for (X509CertificateHolder each : holders) {
        if (!Chain.isOrdinary(each)) {
          return new Verdict(Outcome.UNREADABLE, "it is too complex: a very large key", null);
        }
        all.put(each, Certificates.read(each.getEncoded()));
      }
      Verdict first = null;
      for (var signer : signers) {
        var verdict = verify(signer, all, trusted, author, now, isOver);
        if (verdict.outcome != Outcome.GOOD) {
          return verdict;
        }
        first = first == null ? verdict : first;
      }
      return first == null ? new Verdict(Outcome.UNREADABLE, "nobody has signed it", null) : first;
    } catch (TooLate e) {
      throw e;
    } catch (CMSException | IOException | IllegalArgumentException | IllegalStateException e) {
      return new Verdict(Outcome.UNREADABLE, "it cannot be read: " + e.getMessage(), null);
    }
  }

  private static Verdict verify(
      SignerInformation signer,
      Map<X509CertificateHolder, X509Certificate> all,
      Set<TrustAnchor> trusted,
      String author,
      Instant now,
      BooleanSupplier isOver)
      throws IOException {
    if (isOver.getAsBoolean()) {
      throw new TooLate();
    }
    var own =
        all.entrySet().stream()
            .filter(each -> signer.getSID().match(each.getKey()))
            .map(Map.Entry::getValue)
            .findFirst();
    if (own.isEmpty()) {
      return new Verdict(Outcome.UNREADABLE, "its certificate is not in it", null);
    }
    var certificate = own.get();
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
    String objection = Chain.objection(certificate, all.values(), trusted, now, isOver);
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
}
