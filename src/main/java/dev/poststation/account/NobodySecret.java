package dev.poststation.account;

import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A secret of this installation, which gives names that nobody has a salt of their own: the same
/// each time, as that of a real user. Safe for any thread.
final class NobodySecret {
  private static final Logger LOG = LoggerFactory.getLogger(NobodySecret.class);
  private static final String FILE = "users.secret";
  private static final String MAC = "HmacSHA256";
  private static final int OCTETS = 32;

  private final Os os;
  private final Path file;
  private byte @Nullable [] secret;

  NobodySecret(Os os, Path data) {
    this.os = os;
    this.file = data.resolve(FILE);
  }

  /// 32 octets for a name.
  byte[] of(String name) {
    try {
      var mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(secret(), MAC));
      return mac.doFinal(name.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Made when it is needed for the first time.
  private synchronized byte[] secret() {
    byte[] known = secret;
    if (known == null) {
      known = readOrMake();
      secret = known;
    }
    return known;
  }

  private byte[] readOrMake() {
    byte[] fresh = new byte[OCTETS];
    try {
      String text = new String(os.disk().read(file), StandardCharsets.UTF_8).strip();
      byte[] read = HexFormat.of().parseHex(text);
      if (read.length == OCTETS) {
        return read;
      }
    } catch (NoSuchFileException | IllegalArgumentException _) {
      // Made below; a damaged one is good for nothing.
    } catch (IOException e) {
      LOG.warn(
          "{} cannot be read: {}; until the next start another secret does", file, e.toString());
      os.chance().fill(fresh);
      return fresh;
    }
    os.chance().fill(fresh);
    try {
      String text = HexFormat.of().formatHex(fresh) + "\n";
      os.disk().replace(file, text.getBytes(StandardCharsets.UTF_8), true);
    } catch (IOException e) {
      LOG.warn("{} cannot be written: {}; the next start makes another one", file, e.toString());
    }
    return fresh;
  }
}
