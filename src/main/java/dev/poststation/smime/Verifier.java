package dev.poststation.smime;

import java.io.IOException;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    /// By a digest or a key that everybody can forge.
    WEAK,
    /// Nobody who is trusted has issued its certificate.
    UNTRUSTED,
    /// Its certificate was revoked.
    REVOKED,
    /// Whether its certificate was revoked has to be known, and is not.
    UNCHECKED,
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
  /// @param paths of a good one: the certificate of each who has signed
  /// @param offer of a good one: the certificate by which the author wants to be written to; null:
  ///   there is none
  public record Verdict(
      Outcome outcome,
      String why,
      @Nullable X509Certificate signer,
      List<Trusted> paths,
      @Nullable Trusted offer) {
    public Verdict {
      paths = List.copyOf(paths);
    }

    /// One that is not good.
    public Verdict(Outcome outcome, String why, @Nullable X509Certificate signer) {
      this(outcome, why, signer, List.of(), null);
    }
  }

  /// What all signatures of a mail are looked at with.
  private record Look(
      Map<X509CertificateHolder, X509Certificate> all,
      Set<TrustAnchor> trusted,
      String author,
      Instant now,
      boolean offers,
      BooleanSupplier isOver) {
    private Chain.Found chain(X509Certificate certificate) throws TooLate {
      return Chain.find(certificate, all.values(), trusted, now, isOver);
    }

    private boolean isOfAuthor(X509Certificate certificate) {
      return Certificates.addresses(certificate).contains(author);
    }

    private boolean isValid(X509Certificate certificate) {
      return !now.isAfter(certificate.getNotAfter().toInstant())
          && !now.isBefore(certificate.getNotBefore().toInstant());
    }
  }

  /// Verifies; all signatures must be good.
  ///
  /// @param content what was signed; null: it is in the signature
  /// @param author in lower case
  /// @param offers whether somebody wants to know by which certificate the author can be written to
  /// @param isOver whether there is no time left
  /// @throws TooLate when there is none
  public static Verdict verify(
      byte @Nullable [] content,
      byte[] cms,
      Set<TrustAnchor> trusted,
      String author,
      Instant now,
      boolean offers,
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
          String why = "it is too complex: a very large key, or one without parameters of its own";
          return new Verdict(Outcome.UNREADABLE, why, null);
        }
        all.put(each, Certificates.read(each.getEncoded()));
      }
      return verify(signers, new Look(all, trusted, author, now, offers, isOver));
    } catch (TooLate e) {
      throw e;
    } catch (CMSException | IOException | RuntimeException e) {
      // Bouncy Castle throws several kinds at what somebody made up.
      return new Verdict(Outcome.UNREADABLE, "it cannot be read: " + e.getMessage(), null);
    }
  }

  private static Verdict verify(Collection<SignerInformation> signers, Look look)
      throws IOException {
    List<Verdict> good = new ArrayList<>();
    for (var signer : signers) {
      var verdict = verify(signer, look);
      if (verdict.outcome != Outcome.GOOD) {
        return verdict;
      }
      good.add(verdict);
    }
    if (good.isEmpty()) {
      return new Verdict(Outcome.UNREADABLE, "nobody has signed it", null);
    }
    var first = good.getFirst();
    var paths = good.stream().flatMap(each -> each.paths.stream()).toList();
    return new Verdict(Outcome.GOOD, first.why, first.signer, paths, first.offer);
  }

  private static Verdict verify(SignerInformation signer, Look look) throws IOException {
    if (look.isOver.getAsBoolean()) {
      throw new TooLate();
    }
    var own =
        look.all.entrySet().stream()
            .filter(each -> signer.getSID().match(each.getKey()))
            .map(Map.Entry::getValue)
            .findFirst();
    if (own.isEmpty()) {
      return new Verdict(Outcome.UNREADABLE, "its certificate is not in it", null);
    }
    var certificate = own.get();
    var key = Certificates.key(certificate);
    if (key.isEmpty()) {
      String why = "the key of its certificate cannot be read";
      return new Verdict(Outcome.UNREADABLE, why, certificate);
    }
    try {
      var verifier = new JcaSimpleSignerInfoVerifierBuilder().setProvider(Certificates.PROVIDER);
      var by = verifier.build(key.get());
      boolean itsAttributes = signer.getSignedAttributes() != null;
      if (!signer.verify(by) && !(itsAttributes && new AsItCame(signer).verify(by))) {
        return new Verdict(Outcome.BROKEN, "the signature is not of this mail", certificate);
      }
    } catch (CMSVerifierCertificateNotValidException _) {
      return expired(certificate);
    } catch (CMSException | OperatorCreationException e) {
      return new Verdict(Outcome.BROKEN, "the signature is bad: " + e.getMessage(), certificate);
    }
    String flaw = Strength.flaw(signer, key.get());
    if (!flaw.isEmpty()) {
      return new Verdict(Outcome.WEAK, flaw, certificate);
    }
    if (!look.isValid(certificate)) {
      return expired(certificate);
    }
    if (!Certificates.maySign(certificate)) {
      return new Verdict(Outcome.UNTRUSTED, "its certificate is not for mail", certificate);
    }
    var chain = look.chain(certificate);
    if (!chain.objection().isEmpty()) {
      return new Verdict(Outcome.UNTRUSTED, chain.objection(), certificate);
    }
    if (!look.isOfAuthor(certificate)) {
      String why = "its certificate does not name the author";
      return new Verdict(Outcome.OTHER_AUTHOR, why, certificate);
    }
    var path = new Trusted(certificate, chain.authorities());
    var offer = look.offers ? offer(signer, certificate, path, look).orElse(null) : null;
    return new Verdict(Outcome.GOOD, "signed by the author", certificate, List.of(path), offer);
  }

  /// RFC 8551 2.5.3: as trusted as the signature itself.
  private static Optional<Trusted> offer(
      SignerInformation signer, X509Certificate own, Trusted path, Look look) throws TooLate {
    for (var each : Offers.of(signer, own, look.all)) {
      if (each.equals(own) && Certificates.mayEncrypt(own)) {
        return Optional.of(path);
      }
      if (Certificates.mayEncrypt(each) && look.isOfAuthor(each) && look.isValid(each)) {
        var chain = look.chain(each);
        if (chain.objection().isEmpty()) {
          return Optional.of(new Trusted(each, chain.authorities()));
        }
      }
    }
    return Optional.empty();
  }

  private static Verdict expired(X509Certificate certificate) {
    return new Verdict(
        Outcome.EXPIRED,
        "its certificate is valid until " + certificate.getNotAfter().toInstant(),
        certificate);
  }
}
