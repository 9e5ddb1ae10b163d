package dev.poststation.account;

import dev.poststation.os.Os;
import dev.poststation.sasl.UserNames;
import dev.poststation.store.SecretFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The salt of each name, whether somebody has it or not: made from the name by a secret of this
/// installation, so that it comes, goes and changes with no user and no password. Safe for any
/// thread.
public final class Salts {
  private static final String FILE = "users.secret";
  private static final String MAC = "HmacSHA256";
  private static final String LOSS = "until the next start another secret does";
  private static final int SALT = 16;

  private final SecretFile secret;

  Salts(Os os, Path data) {
    this.secret = new SecretFile(os, file(data));
  }

  /// Where their secret is.
  public static Path file(Path data) {
    return data.resolve(FILE);
  }

  /// Those of an installation, whose secret is made if there is none yet.
  ///
  /// @throws IOException when it can be neither read nor kept: no password may be set then, for its
  ///   salt would be another one than that of the relay
  public static Salts kept(Os os, Path data) throws IOException {
    var salts = new Salts(os, data);
    salts.secret.kept();
    return salts;
  }

  /// Those of an installation as it is; empty when it has no secret yet.
  ///
  /// @throws IOException when it cannot be read
  public static Optional<Salts> known(Os os, Path data) throws IOException {
    var salts = new Salts(os, data);
    return salts.secret.known().map(_ -> salts);
  }

  /// The salt of a name, in whatever case.
  public byte[] of(String name) {
    return Arrays.copyOf(hash(name), SALT);
  }

  /// What a name has of its own.
  ///
  /// @param place a number from 0 to 1, 1 excluded, which the salt does not give away
  record Own(byte[] salt, double place) {}

  /// The same for all names, whether somebody has it or not, and at the same cost.
  Own own(String name) {
    byte[] hash = hash(name);
    long number = ByteBuffer.wrap(hash, SALT, 4).getInt() & 0xffff_ffffL;
    return new Own(Arrays.copyOf(hash, SALT), number / (double) (1L << 32));
  }

  /// Whether the passwords of a user have another salt than his name, or are hashed otherwise than
  /// new ones are: they were set by an older version, with another secret, or before
  /// `users.iterations` was changed.
  ///
  /// @param iterations of new passwords
  public boolean isOld(User user, int iterations) {
    if (user.passwords().isEmpty()) {
      return false;
    }
    var keys = user.passwords().getFirst().sha256(); // The others are like it.
    return keys.iterations() != iterations || !Arrays.equals(keys.salt(), of(user.name()));
  }

  private byte[] hash(String name) {
    try {
      var mac = Mac.getInstance(MAC);
      // Clients are answered without a disk, too.
      mac.init(new SecretKeySpec(secret.orAnother(LOSS), MAC));
      return mac.doFinal(UserNames.folded(name).getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
