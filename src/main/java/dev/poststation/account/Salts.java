package dev.poststation.account;

import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import dev.poststation.sasl.UserNames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The salt of each name, whether somebody has it or not: made from the name by a secret of this
/// installation, so that it comes, goes and changes with no user and no password. Safe for any
/// thread.
public final class Salts {
  private static final Logger LOG = LoggerFactory.getLogger(Salts.class);
  private static final String FILE = "users.secret";
  private static final String MAC = "HmacSHA256";
  private static final int SECRET = 32;
  private static final int SALT = 16;

  private final Os os;
  private final Path file;
  private byte @Nullable [] secret;

  Salts(Os os, Path data) {
    this.os = os;
    this.file = data.resolve(FILE);
  }

  private Salts(Os os, Path data, byte[] secret) {
    this(os, data);
    this.secret = secret;
  }

  /// Those of an installation, whose secret is made if there is none yet.
  ///
  /// @throws IOException when it can be neither read nor kept: no password may be set then, for its
  ///   salt would be another one than that of the relay
  public static Salts kept(Os os, Path data) throws IOException {
    var salts = new Salts(os, data);
    salts.secret = salts.readOrMake();
    return salts;
  }

  /// Those of an installation as it is; empty when it has no secret yet.
  ///
  /// @throws IOException when it cannot be read
  public static Optional<Salts> known(Os os, Path data) throws IOException {
    return read(os.disk(), data.resolve(FILE)).map(secret -> new Salts(os, data, secret));
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
      mac.init(new SecretKeySpec(secret(), MAC));
      return mac.doFinal(UserNames.folded(name).getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Made when it is needed for the first time. Clients are answered without a disk, too.
  private synchronized byte[] secret() {
    byte[] known = secret;
    if (known == null) {
      try {
        known = readOrMake();
      } catch (IOException e) {
        LOG.warn(
            "{} can be neither read nor written: {}; until the next start another secret does",
            file,
            e.toString());
        known = fresh();
      }
      secret = known;
    }
    return known;
  }

  private byte[] fresh() {
    byte[] fresh = new byte[SECRET];
    os.chance().fill(fresh);
    return fresh;
  }

  private byte[] readOrMake() throws IOException {
    var known = read(os.disk(), file);
    if (known.isPresent()) {
      return known.get();
    }
    byte[] fresh = fresh();
    String text = HexFormat.of().formatHex(fresh) + "\n";
    os.disk().replace(file, text.getBytes(StandardCharsets.UTF_8), true);
    return fresh;
  }

  /// A damaged one is good for nothing.
  private static Optional<byte[]> read(Disk disk, Path file) throws IOException {
    try {
      String text = new String(disk.read(file), StandardCharsets.UTF_8).strip();
      return Optional.of(HexFormat.of().parseHex(text)).filter(read -> read.length == SECRET);
    } catch (NoSuchFileException | IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
