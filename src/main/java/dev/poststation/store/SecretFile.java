package dev.poststation.store;

import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A secret of this installation: octets of chance in a file in `data`, as hexadecimal digits, made
/// when they are needed for the first time. A damaged file is good for nothing: another secret is
/// written in its place. Safe for any thread.
public final class SecretFile {
  private static final Logger LOG = LoggerFactory.getLogger(SecretFile.class);
  private static final int OCTETS = 32;

  private final Os os;
  private final Path file;
  private byte @Nullable [] secret;

  /// Touches nothing before it is asked.
  public SecretFile(Os os, Path file) {
    this.os = os;
    this.file = file;
  }

  /// The secret, the same until the next start.
  ///
  /// @throws IOException when it can be neither read nor kept
  public synchronized byte[] kept() throws IOException {
    var known = known();
    if (known.isPresent()) {
      return known.get();
    }
    byte[] made = HexFormat.of().parseHex(made(os, file));
    secret = made;
    return made;
  }

  /// The secret; where it can be neither read nor kept another one, until the next start.
  ///
  /// @param loss what that means, for the program's log
  public synchronized byte[] orAnother(String loss) {
    try {
      return kept();
    } catch (IOException e) {
      LOG.warn("{} can be neither read nor written: {}; {}", file, e.toString(), loss);
      byte[] another = new byte[OCTETS];
      os.chance().fill(another);
      secret = another;
      return another;
    }
  }

  /// The secret as it is; empty where there is none yet. Makes none: a command may ask.
  ///
  /// @throws IOException when it cannot be read
  public synchronized Optional<byte[]> known() throws IOException {
    if (secret == null) {
      secret = read().orElse(null);
    }
    return Optional.ofNullable(secret);
  }

  private Optional<byte[]> read() throws IOException {
    try {
      String text = new String(os.disk().read(file), StandardCharsets.UTF_8).strip();
      return Optional.of(HexFormat.of().parseHex(text)).filter(read -> read.length == OCTETS);
    } catch (NoSuchFileException | IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /// Writes a new secret, which only its owner may read.
  ///
  /// @return its text
  /// @throws IOException when it cannot be written
  public static String made(Os os, Path file) throws IOException {
    String text = os.chance().hex(OCTETS);
    os.disk().replace(file, (text + "\n").getBytes(StandardCharsets.UTF_8), true);
    return text;
  }
}
