package dev.poststation.openpgp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.bouncycastle.bcpg.ArmoredInputStream;
import org.bouncycastle.openpgp.PGPObjectFactory;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;
import org.jspecify.annotations.Nullable;
import org.pgpainless.PGPainless;

/// Reads keys from files that other programs have written: with armor or without. Stateless.
public final class KeyFile {
  /// Octets of the largest file.
  private static final int FILE_MOST = 10_000_000;

  private static final int KEYS_MOST = 1000;
  private static final Pattern BEGIN = Pattern.compile("(?m)^-----BEGIN PGP ");

  private KeyFile() {}

  /// A key in a file.
  ///
  /// @param secret null: it has only what everybody may see
  public record Found(PGPPublicKeyRing ring, @Nullable PGPSecretKeyRing secret) {
    /// Its ID.
    public String id() {
      return Keys.id(ring.getPublicKey().getKeyID());
    }

    String fingerprint() {
      return Keys.fingerprint(ring);
    }

    /// Whether a password is needed for it.
    public boolean isLocked() {
      return secret != null && Sealing.isSealed(secret);
    }
  }

  /// All keys in a file.
  ///
  /// @throws IOException when there is none, or it is damaged; the message is a clause
  public static List<Found> read(byte[] octets) throws IOException {
    if (octets.length > FILE_MOST) {
      throw new IOException("it is larger than " + FILE_MOST / 1_000_000 + " MB");
    }
    List<Found> all = new ArrayList<>();
    String text = new String(octets, ISO_8859_1);
    var begins = BEGIN.matcher(text).results().map(each -> each.start()).toList();
    if (begins.isEmpty()) {
      keys(new ByteArrayInputStream(octets), all);
    }
    for (int i = 0; i < begins.size(); i++) {
      int end = i + 1 < begins.size() ? begins.get(i + 1) : octets.length;
      var block = new ByteArrayInputStream(octets, begins.get(i), end - begins.get(i));
      keys(Hostile.read("its armor is damaged", () -> new ArmoredInputStream(block)), all);
    }
    if (all.isEmpty()) {
      throw new IOException("it has no OpenPGP key");
    }
    return all;
  }

  private static void keys(InputStream in, List<Found> all) throws IOException {
    var objects = new PGPObjectFactory(in, new BcKeyFingerprintCalculator());
    int seen = 0;
    for (var next = next(objects); next.isPresent(); next = next(objects)) {
      if (next.get() instanceof PGPSecretKeyRing secret) {
        all.add(bounded(new Found(PGPainless.extractCertificate(secret), secret)));
      } else if (next.get() instanceof PGPPublicKeyRing ring) {
        all.add(bounded(new Found(ring, null)));
      }
      if (++seen > KEYS_MOST) {
        throw new IOException("it has more than " + KEYS_MOST + " keys");
      }
    }
  }

  private static Found bounded(Found found) throws IOException {
    Keys.bound(found.ring);
    return found;
  }

  private static Optional<Object> next(PGPObjectFactory objects) throws IOException {
    return Hostile.read(
        "it is no OpenPGP key that can be read", () -> Optional.ofNullable(objects.nextObject()));
  }
}
