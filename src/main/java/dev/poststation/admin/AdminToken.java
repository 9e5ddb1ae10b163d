package dev.poststation.admin;

import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// The secret that authorises the API: whoever can read the file in the data directory may
/// administer the relay. Immutable; safe for any thread.
public final class AdminToken {
  private static final String FILE = "admin.token";
  private static final int OCTETS = 32;
  private static final String SCHEME = "Bearer ";

  private final byte[] secret;

  private AdminToken(String secret) {
    this.secret = secret.getBytes(StandardCharsets.UTF_8);
  }

  /// Where it is kept.
  public static Path file(Path data) {
    return data.resolve(FILE);
  }

  /// The text of the token of a relay that runs.
  ///
  /// @throws IOException when there is none, or this user may not read it
  public static String read(Os os, Path data) throws IOException {
    return new String(os.disk().read(file(data)), StandardCharsets.UTF_8).strip();
  }

  /// The token of this data directory; made, readable by its owner only, where there is none.
  ///
  /// @throws IOException when it cannot be used; the message says why in one sentence
  static AdminToken open(Os os, Path data) throws IOException {
    var file = file(data);
    try {
      String text = read(os, data);
      if (text.length() < OCTETS) {
        return make(os, file); // Empty or cut off: nobody must be able to guess it.
      }
      if (os.disk().readableByOthers(file)) {
        throw new IOException(
            "The admin token " + file + " can be read by others: run chmod 600 " + file);
      }
      return new AdminToken(text);
    } catch (NoSuchFileException _) {
      return make(os, file);
    }
  }

  private static AdminToken make(Os os, Path file) throws IOException {
    byte[] random = new byte[OCTETS];
    os.chance().fill(random);
    String text = HexFormat.of().formatHex(random);
    try {
      os.disk().replace(file, (text + "\n").getBytes(StandardCharsets.UTF_8), true);
    } catch (IOException e) {
      throw new IOException("The admin token " + file + " cannot be written: " + e.getMessage(), e);
    }
    return new AdminToken(text);
  }

  /// Whether a header `Authorization` has it. Takes as long for a wrong one as for the right one.
  boolean authorises(@Nullable String header) {
    if (header == null || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return false;
    }
    byte[] given = header.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8);
    return MessageDigest.isEqual(secret, given);
  }
}
