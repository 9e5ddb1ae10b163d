package dev.poststation.openpgp;

import dev.poststation.seal.Names;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bouncycastle.bcpg.RSAPublicBCPGKey;
import org.bouncycastle.openpgp.PGPKeyRing;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.pgpainless.PGPainless;
import org.pgpainless.algorithm.EncryptionPurpose;
import org.pgpainless.algorithm.KeyFlag;
import org.pgpainless.key.info.KeyRingInfo;

/// What keys say of themselves, as far as their own signatures vouch for it. Pure functions.
public final class Keys {
  private static final int BITS_MOST = 8192;

  /// Each bit is a multiplication, and all programs make 65537 or less; OpenSSL has the same bound.
  private static final int EXPONENT_BITS_MOST = 64;

  private static final int SUBKEYS_MOST = 50;
  private static final int NAMES_MOST = 100;
  private static final int SIGNATURES_MOST = 2000;

  /// Up to this number algorithms (RFC 9580 9.1) are as strong as they are long.
  private static final int DSA = 17;

  private static final Pattern ADDRESS =
      Pattern.compile("<([^@\\s<>,]+@[^@\\s<>,]+)>\\s*$|^\\s*([^@\\s<>,]+@[^@\\s<>,]+)\\s*$");

  private Keys() {}

  /// A key ID as programs show it.
  static String id(long id) {
    return "%016X".formatted(id);
  }

  /// The fingerprint of the primary key, in upper case, as all programs show it.
  static String fingerprint(PGPPublicKeyRing ring) {
    return HexFormat.of().withUpperCase().formatHex(ring.getPublicKey().getFingerprint());
  }

  /// Refuses keys that would keep a processor busy.
  ///
  /// @throws IOException with a clause
  static void bound(PGPPublicKeyRing ring) throws IOException {
    int subkeys = 0;
    int signatures = 0;
    int names = 0;
    for (PGPPublicKey each : ring) {
      subkeys++;
      for (var ids = each.getUserIDs(); ids.hasNext(); ids.next()) {
        names++;
      }
      for (var all = each.getSignatures(); all.hasNext(); all.next()) {
        signatures++;
      }
      if (each.getVersion() < 4) {
        throw new IOException("key " + id(each.getKeyID()) + " is of a form of before 1998");
      }
      if (each.getBitStrength() > BITS_MOST) {
        throw new IOException(
            "key %s has %d bits, more than %d"
                .formatted(id(each.getKeyID()), each.getBitStrength(), BITS_MOST));
      }
      if (each.getPublicKeyPacket().getKey() instanceof RSAPublicBCPGKey rsa
          && rsa.getPublicExponent().bitLength() > EXPONENT_BITS_MOST) {
        throw new IOException(
            "key %s has an exponent of more than %d bits"
                .formatted(id(each.getKeyID()), EXPONENT_BITS_MOST));
      }
    }
    if (subkeys > SUBKEYS_MOST || names > NAMES_MOST || signatures > SIGNATURES_MOST) {
      throw new IOException(
          "a key has more than %d subkeys, %d names or %d signatures"
              .formatted(SUBKEYS_MOST, NAMES_MOST, SIGNATURES_MOST));
    }
  }

  /// Empty: at that time it vouches for none of its names and for nothing else, or it is of a kind
  /// that is not known.
  private static Optional<KeyRingInfo> info(PGPKeyRing ring, Instant at) {
    try {
      return Optional.of(new KeyRingInfo(ring, PGPainless.getPolicy(), Date.from(at)));
    } catch (NoSuchElementException _) {
      return Optional.empty();
    }
  }

  private static boolean isStrong(PGPPublicKey key) {
    return PGPainless.getPolicy()
        .getPublicKeyAlgorithmPolicy()
        .isAcceptable(key.getAlgorithm(), key.getBitStrength());
  }

  /// The addresses in its names that it vouches for, as [Names] has them.
  public static List<String> addresses(PGPPublicKeyRing ring, Instant now) {
    Set<String> all = new LinkedHashSet<>();
    var info = info(ring, now);
    for (String name : info.map(KeyRingInfo::getValidAndExpiredUserIds).orElse(List.of())) {
      var found = ADDRESS.matcher(name);
      if (found.find()) {
        String address = found.group(1) == null ? found.group(2) : found.group(1);
        all.add(Names.written(address));
      }
    }
    return List.copyOf(all);
  }

  /// What it is called.
  public static String userId(Key key, Instant now) {
    return info(key.ring(), now).map(KeyRingInfo::getPossiblyExpiredPrimaryUserId).orElse("");
  }

  /// Whether it may sign, and can: it is ours.
  public static boolean maySign(Key key, Instant now) {
    return key.sealed().flatMap(ring -> signing(ring, now)).isPresent();
  }

  /// The newest of its keys that signs now and whose private part is here: the primary one may be
  /// elsewhere.
  static Optional<PGPPublicKey> signing(PGPSecretKeyRing ring, Instant now) {
    return info(ring, now)
        .filter(info -> info.isKeyValidlyBound(info.getKeyId()))
        .flatMap(
            info ->
                info.getSigningSubkeys().stream()
                    .filter(each -> Sealing.has(ring, each.getKeyID()))
                    .filter(each -> isStrong(each) && !isEnded(info, each.getKeyID(), now))
                    .max(Comparator.comparing(PGPPublicKey::getCreationTime)));
  }

  /// Whether mail may be encrypted for it.
  public static boolean mayEncrypt(Key key, Instant now) {
    var all =
        info(key.ring(), now)
            .filter(info -> info.isKeyValidlyBound(info.getKeyId())) // The library does not look.
            .map(info -> info.getEncryptionSubkeys(EncryptionPurpose.ANY))
            .orElse(List.of());
    return !all.isEmpty()
        && all.stream().allMatch(each -> each.getAlgorithm() > DSA || isStrong(each));
  }

  /// Whether its owner has revoked it.
  public static boolean isRevoked(Key key, Instant now) {
    return info(key.ring(), now).filter(Keys::isRevoked).isPresent();
  }

  private static boolean isRevoked(KeyRingInfo info) {
    return !info.getRevocationState().isNotRevoked();
  }

  /// When it ends, or the last of its subkeys that sign or encrypt; empty: never.
  public static Optional<Instant> expires(Key key, Instant now) {
    return info(key.ring(), now)
        .flatMap(
            info ->
                Stream.of(KeyFlag.SIGN_DATA, KeyFlag.ENCRYPT_COMMS)
                    .flatMap(use -> end(info, use).stream())
                    .min(Instant::compareTo));
  }

  private static Optional<Instant> end(KeyRingInfo info, KeyFlag use) {
    try {
      return Optional.ofNullable(info.getExpirationDateForUse(use)).map(Date::toInstant);
    } catch (NoSuchElementException _) { // It is not for that.
      return end(info, info.getKeyId());
    }
  }

  /// When a key or subkey ends, or the primary key that it belongs to; empty: never.
  private static Optional<Instant> end(KeyRingInfo info, long id) {
    return Stream.of(info.getKeyId(), id)
        .flatMap(each -> endAlone(info, each).stream())
        .min(Instant::compareTo);
  }

  private static Optional<Instant> endAlone(KeyRingInfo info, long id) {
    if (id != info.getKeyId() && info.getCurrentSubkeyBindingSignature(id) == null) {
      return Optional.empty();
    }
    try {
      return Optional.ofNullable(info.getSubkeyExpirationDate(id)).map(Date::toInstant);
    } catch (NoSuchElementException _) { // It was revoked, and vouches for none of its names.
      return Optional.empty();
    }
  }

  private static boolean isEnded(KeyRingInfo info, long id, Instant at) {
    return end(info, id).filter(end -> !end.isAfter(at)).isPresent();
  }

  /// When the one of its keys that signed had ended; empty: it was valid. What it says of its end
  /// now counts: it may be later than it said then.
  static Optional<Instant> ended(Key key, long id, Instant signed, Instant now) {
    return info(key.ring(), signed.isAfter(now) ? signed : now)
        .flatMap(info -> end(info, id))
        .filter(end -> !end.isAfter(signed));
  }

  /// Why none of the signatures that one of its keys made then counts, a clause; empty: they do.
  static Optional<String> flaw(Key key, long id, Instant signed) {
    var info = info(key.ring(), signed);
    if (info.filter(at -> isRevoked(at) || at.getSubkeyRevocationSignature(id) != null)
        .isPresent()) {
      return Optional.of("was revoked");
    }
    return info.stream()
            .flatMap(at -> at.getSigningSubkeys().stream())
            .anyMatch(each -> each.getKeyID() == id && isStrong(each))
        ? Optional.empty()
        : Optional.of("is too weak, or was not for mail then");
  }

  /// Why it cannot be used, a clause.
  static String unusable(Key key, Instant now) {
    if (isRevoked(key, now)) {
      return "was revoked";
    }
    return expires(key, now)
        .filter(end -> !end.isAfter(now))
        .map(end -> "was valid until " + end)
        .orElse("is too weak, or not for mail");
  }

  /// Algorithm and size of the primary key and of its subkeys, for people.
  public static String describe(Key key) {
    List<String> all = new ArrayList<>();
    for (PGPPublicKey each : key.ring()) {
      String one = describe(each);
      if (!all.contains(one)) {
        all.add(one);
      }
    }
    return String.join(", ", all);
  }

  private static String describe(PGPPublicKey key) {
    return switch (key.getAlgorithm()) {
      case 1, 2, 3 -> "RSA " + key.getBitStrength();
      case 16, 20 -> "ElGamal " + key.getBitStrength();
      case 17 -> "DSA " + key.getBitStrength();
      case 18 -> key.getBitStrength() == 256 ? "Cv25519" : "ECDH " + key.getBitStrength();
      case 19 -> "ECDSA " + key.getBitStrength();
      case 22, 27 -> "Ed25519";
      case 25 -> "X25519";
      case 26 -> "X448";
      case 28 -> "Ed448";
      default -> "algorithm " + key.getAlgorithm();
    };
  }
}
