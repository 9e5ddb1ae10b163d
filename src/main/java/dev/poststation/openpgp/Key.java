package dev.poststation.openpgp;

import dev.poststation.seal.Kept;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.jspecify.annotations.Nullable;

/// A key that is kept: a primary key with its subkeys. Immutable.
///
/// @param names whom it is for: addresses in lower case, or `@domain` for all of a domain
/// @param ring what everybody may see of it
/// @param secret all of it, encrypted; null: it is somebody else's
public record Key(
    List<String> names,
    Kept.Origin origin,
    Instant added,
    PGPPublicKeyRing ring,
    @Nullable PGPSecretKeyRing secret)
    implements Kept {
  private static final int ID_DIGITS = 16;

  public Key {
    names = List.copyOf(names);
  }

  @Override
  public boolean isOwn() {
    return secret != null;
  }

  /// When it was made.
  @Override
  public Instant begins() {
    return ring.getPublicKey().getCreationTime().toInstant();
  }

  /// All of it, encrypted.
  Optional<PGPSecretKeyRing> sealed() {
    return Optional.ofNullable(secret);
  }

  @Override
  public String fingerprint() {
    return Keys.fingerprint(ring);
  }

  /// The key ID, by which people tell keys apart.
  public String shortPrint() {
    return Keys.id(ring.getPublicKey().getKeyID());
  }

  /// Whether what is written is the begin or the end of its fingerprint.
  ///
  /// @param digits in upper case
  public boolean isPrint(String digits) {
    return fingerprint().startsWith(digits)
        || (digits.length() <= ID_DIGITS && shortPrint().endsWith(digits))
        || fingerprint().endsWith(digits);
  }

  /// What everybody may see of it, in armor.
  public String armored() {
    try {
      return Armor.of(ring);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // It is written into memory.
    }
  }

  @Override
  public String toString() {
    String from = origin == Origin.IMPORTED ? "" : ", " + origin.word();
    return shortPrint() + " (" + String.join(", ", names) + from + ")";
  }
}
