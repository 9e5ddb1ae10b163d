package dev.poststation.openpgp;

import dev.poststation.seal.Names;
import dev.poststation.smtp.Address;
import java.time.Instant;
import java.util.Optional;
import org.pgpainless.decryption_verification.MessageMetadata;
import org.pgpainless.decryption_verification.SignatureVerification;

/// What is to be thought of the signatures of a mail. Immutable.
///
/// @param why a clause for people
/// @param signer the key that they are by, as far as it is known
public record Verdict(Outcome outcome, String why, Optional<Key> signer) {
  /// Is it good?
  public enum Outcome {
    /// It is of this mail, by a key of its author.
    GOOD,
    /// It is not of this mail.
    BROKEN,
    /// It is of this mail, and by a key of somebody else.
    OTHER_AUTHOR,
    /// Its key was revoked, has ended, or is too weak.
    BAD_KEY,
    /// Its key is not known.
    UNKNOWN,
    /// It cannot be read.
    UNREADABLE
  }

  static Verdict unreadable(String why) {
    return new Verdict(Outcome.UNREADABLE, why, Optional.empty());
  }

  /// Of what the library has found; empty: there is no signature.
  ///
  /// @param author whom From names; empty: nobody, or several
  static Optional<Verdict> of(
      MessageMetadata found, Keystore keys, Optional<Address> author, Instant now) {
    Optional<Verdict> other = Optional.empty();
    for (SignatureVerification each : found.getVerifiedSignatures()) {
      var signer = keys.byId(each.getSigningKey().getPrimaryKeyId());
      if (signer.isPresent() && author.filter(from -> isOf(signer.get(), from)).isPresent()) {
        return Optional.of(new Verdict(Outcome.GOOD, "signed by the author", signer));
      }
      String why =
          author.isEmpty()
              ? "there is no single author whose key it could be"
              : "the key is not of the author";
      other = Optional.of(new Verdict(Outcome.OTHER_AUTHOR, why, signer));
    }
    if (other.isPresent()) {
      return other;
    }
    return found.getRejectedSignatures().stream()
        .map(each -> rejected(each, keys, now))
        .min((one, two) -> one.outcome.compareTo(two.outcome));
  }

  private static boolean isOf(Key key, Address author) {
    return key.isFor(Names.of(author)) || key.isFor(Names.ofDomain(author));
  }

  private static Verdict rejected(
      SignatureVerification.Failure failure, Keystore keys, Instant now) {
    long id = failure.getSignature().getKeyID();
    var key = keys.byId(id);
    if (key.isEmpty()) {
      String why = "it is by key " + Keys.id(id) + ", which is not known here";
      return new Verdict(Outcome.UNKNOWN, why, key);
    }
    String message = String.valueOf(failure.getValidationException().getMessage());
    if (message.contains("correct")) { // "Signature is not correct.", "… signature correctness."
      return new Verdict(Outcome.BROKEN, "the mail was changed after it was signed", key);
    }
    var signed = failure.getSignature().getCreationTime().toInstant();
    String state = Keys.unusable(key.get(), signed.isAfter(now) ? now : signed);
    return new Verdict(Outcome.BAD_KEY, "the key " + state, key);
  }
}
