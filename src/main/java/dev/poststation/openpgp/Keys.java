package dev.poststation.openpgp;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bouncycastle.openpgp.PGPKeyRing;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.pgpainless.PGPainless;
import org.pgpainless.algorithm.EncryptionPurpose;
import org.pgpainless.algorithm.KeyFlag;
import org.pgpainless.key.info.KeyRingInfo;

/// What keys say of themselves, as far as their own signatures vouch for it. Pure functions.
public final class Keys {
  private static final int BITS_MOST = 8192;
  private static final int SUBKEYS_MOST = 50;
  private static final int NAMES_MOST = 100;
  private static final int SIGNATURES_MOST = 2000;
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
    }
    if (subkeys > SUBKEYS_MOST || names > NAMES_MOST || signatures > SIGNATURES_MOST) {
      throw new IOException(
          "a key has more than %d subkeys, %d names or %d signatures"
              .formatted(SUBKEYS_MOST, NAMES_MOST, SIGNATURES_MOST));
    }
  }

  private static KeyRingInfo info(PGPKeyRing ring, Instant now) {
    return new KeyRingInfo(ring, PGPainless.getPolicy(), Date.from(now));
  }

  /// The addresses in its names that it vouches for, in lower case.
  public static List<String> addresses(PGPPublicKeyRing ring, Instant now) {
    Set<String> all = new LinkedHashSet<>();
    for (String name : info(ring, now).getValidAndExpiredUserIds()) {
      var found = ADDRESS.matcher(name);
      if (found.find()) {
        String address = found.group(1) == null ? found.group(2) : found.group(1);
        all.add(address.toLowerCase(Locale.ROOT));
      }
    }
    return List.copyOf(all);
  }

  /// What it is called.
  public static String userId(Key key, Instant now) {
    String name = info(key.ring(), now).getPossiblyExpiredPrimaryUserId();
    return name == null ? "" : name;
  }

  /// Whether it may sign, and can: it is ours.
  public static boolean maySign(Key key, Instant now) {
    return key.sealed().filter(ring -> info(ring, now).isUsableForSigning()).isPresent();
  }

  /// Whether mail may be encrypted for it.
  public static boolean mayEncrypt(Key key, Instant now) {
    var info = info(key.ring(), now);
    return info.isKeyValidlyBound(info.getKeyId()) // The library looks at the subkeys alone.
        && !info.getEncryptionSubkeys(EncryptionPurpose.ANY).isEmpty();
  }

  /// Whether its owner has revoked it.
  public static boolean isRevoked(Key key, Instant now) {
    return !info(key.ring(), now).getRevocationState().isNotRevoked();
  }

  /// When it ends, or the last of its subkeys that sign or encrypt; empty: never.
  public static Optional<Instant> expires(Key key) {
    var info = info(key.ring(), key.ring().getPublicKey().getCreationTime().toInstant());
    return Stream.of(KeyFlag.SIGN_DATA, KeyFlag.ENCRYPT_COMMS)
        .flatMap(use -> end(info, use).stream())
        .min(Instant::compareTo);
  }

  private static Optional<Instant> end(KeyRingInfo info, KeyFlag use) {
    try {
      return Optional.ofNullable(info.getExpirationDateForUse(use)).map(Date::toInstant);
    } catch (NoSuchElementException _) { // It is not for that.
      return Optional.ofNullable(info.getPrimaryKeyExpirationDate()).map(Date::toInstant);
    }
  }

  /// Why it cannot be used, a clause.
  static String unusable(Key key, Instant now) {
    if (isRevoked(key, now)) {
      return "was revoked";
    }
    return expires(key)
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
