package dev.poststation.openpgp;

import dev.poststation.seal.Names;
import dev.poststation.smtp.Address;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.openpgp.PGPSignature;
import org.pgpainless.PGPainless;
import org.pgpainless.decryption_verification.MessageMetadata;
import org.pgpainless.decryption_verification.SignatureVerification;
import org.pgpainless.exception.SignatureValidationException;
import org.pgpainless.signature.consumer.SignatureValidator;

/// What is to be thought of the signatures of a mail. Immutable.
///
/// @param why a clause for people
/// @param signer the key that they are by, as far as it is known
public record Verdict(Outcome outcome, String why, Optional<Key> signer) {
  /// Is it good? Of several signatures the one that comes first here counts.
  public enum Outcome {
    /// It is of this mail, by a key of its author.
    GOOD,
    /// It is of this mail, and by a key of somebody else.
    OTHER_AUTHOR,
    /// It is not of this mail.
    BROKEN,
    /// It has ended or is too weak, or its key was revoked, had ended, or is too weak.
    BAD_KEY,
    /// Its key is not known.
    UNKNOWN,
    /// It cannot be read.
    UNREADABLE
  }

  static Verdict unreadable(String why) {
    return new Verdict(Outcome.UNREADABLE, why, Optional.empty());
  }

  private static Verdict bad(String why, Optional<Key> signer) {
    return new Verdict(Outcome.BAD_KEY, why, signer);
  }

  /// Of what the library has found; empty: there is no signature.
  ///
  /// @param author whom From names; empty: nobody, or several
  static Optional<Verdict> of(
      MessageMetadata found, Keystore keys, Optional<Address> author, Instant now) {
    return Stream.concat(
            found.getVerifiedSignatures().stream().map(each -> verified(each, keys, author, now)),
            found.getRejectedSignatures().stream().map(each -> rejected(each, keys, now)))
        .min(Comparator.comparing(Verdict::outcome));
  }

  private static Verdict verified(
      SignatureVerification found, Keystore keys, Optional<Address> author, Instant now) {
    var signer = keys.byId(found.getSigningKey().getPrimaryKeyId());
    var flaw = flaw(found.getSignature(), found.getSigningKey().getSubkeyId(), signer, now);
    if (flaw.isPresent()) {
      return flaw.get();
    }
    if (signer.isPresent() && author.filter(from -> isOf(signer.get(), from)).isPresent()) {
      return new Verdict(Outcome.GOOD, "signed by the author", signer);
    }
    String why =
        author.isEmpty()
            ? "there is no single author whose key it could be"
            : "the key is not of the author";
    return new Verdict(Outcome.OTHER_AUTHOR, why, signer);
  }

  private static boolean isOf(Key key, Address author) {
    return key.isFor(Names.of(author)) || key.isFor(Names.ofDomain(author));
  }

  /// What the library does not look at.
  private static Optional<Verdict> flaw(
      PGPSignature signature, long id, Optional<Key> signer, Instant now) {
    int type = signature.getSignatureType();
    if (type != PGPSignature.BINARY_DOCUMENT && type != PGPSignature.CANONICAL_TEXT_DOCUMENT) {
      return Optional.of(new Verdict(Outcome.UNREADABLE, "it is no signature of a mail", signer));
    }
    var signed = signature.getCreationTime().toInstant();
    var packets = signature.getHashedSubPackets();
    long lasts = packets == null ? 0 : packets.getSignatureExpirationTime(); // 0: without end
    if (lasts > 0 && !signed.plusSeconds(lasts).isAfter(now)) {
      return Optional.of(bad("it was valid until " + signed.plusSeconds(lasts), signer));
    }
    return signer
        .flatMap(key -> Keys.ended(key, id, signed, now))
        .map(end -> bad("the key was valid until " + end, signer));
  }

  /// The library says in words alone why it rejects one. It does so before it looks at the mail
  /// wherever something else is wrong: if nothing else is, it is not of this mail.
  private static Verdict rejected(
      SignatureVerification.Failure failure, Keystore keys, Instant now) {
    var signature = failure.getSignature();
    long id = signature.getKeyID();
    var signer = keys.byId(id);
    if (signer.isEmpty()) {
      String why = "it is by key " + Keys.id(id) + ", which is not known here";
      return new Verdict(Outcome.UNKNOWN, why, signer);
    }
    var signed = signature.getCreationTime().toInstant();
    if (signed.isAfter(now.plus(Verifier.CLOCKS_DIFFER))) {
      return bad("it says that it was made at " + signed + ", which is not yet", signer);
    }
    var flaw = flaw(signature, id, signer, now);
    return flaw.or(
            () -> Keys.flaw(signer.get(), id, signed).map(why -> bad("the key " + why, signer)))
        .or(() -> weakness(signature, id, signer.get()).map(why -> bad(why, signer)))
        .orElseGet(
            () -> new Verdict(Outcome.BROKEN, "the mail was changed after it was signed", signer));
  }

  private static Optional<String> weakness(PGPSignature signature, long id, Key signer) {
    var policy = PGPainless.getPolicy();
    var digests = policy.getDataSignatureHashAlgorithmPolicy();
    if (!digests.isAcceptable(signature.getHashAlgorithm(), signature.getCreationTime())) {
      return Optional.of("its digest is too weak");
    }
    try {
      SignatureValidator.signatureStructureIsAcceptable(signer.ring().getPublicKey(id), policy)
          .verify(signature);
      return Optional.empty();
    } catch (SignatureValidationException _) {
      return Optional.of("it is older than its key, or says what nobody here understands");
    }
  }
}
