package dev.poststation.quarantine;

import dev.poststation.os.Os;
import dev.poststation.store.SecretFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The secret that links of digests are sealed with: a file in `data`, made where there is none.
/// Whoever removes it ends all links at the next start. Safe for any thread.
public final class DigestKey {
  private static final String NAME = "quarantine.key";
  private static final int LENGTH = 64;

  private final Os os;
  private final Path file;
  private @Nullable String secret;

  DigestKey(Os os, Path data) {
    this.os = os;
    this.file = file(data);
  }

  /// Where it is.
  public static Path file(Path data) {
    return data.resolve(NAME);
  }

  /// The secret.
  ///
  /// @throws IOException when it can neither be read nor be made; the message says why
  public synchronized String secret() throws IOException {
    String known = secret;
    if (known != null) {
      return known;
    }
    String read;
    try {
      read = new String(os.disk().read(file), StandardCharsets.US_ASCII).strip();
    } catch (NoSuchFileException _) {
      read = "";
    }
    if (read.length() < LENGTH) {
      read = SecretFile.made(os, file); // Empty or cut off: nobody must be able to guess it.
    } else if (os.disk().readableByOthers(file)) {
      throw new IOException(file + " can be read by others: run chmod 600 " + file);
    }
    secret = read;
    return read;
  }
}
