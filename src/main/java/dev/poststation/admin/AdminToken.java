package dev.poststation.admin;

import dev.poststation.os.Os;
import dev.poststation.store.SecretFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The secret that authorises the API: whoever can read the file in the data directory may
/// administer the relay. A file that was changed is taken at the next request; one that cannot be
/// used is told once, and the token of before goes on to hold. Safe for any thread.
public final class AdminToken {
  private static final Logger LOG = LoggerFactory.getLogger(AdminToken.class);
  private static final String FILE = "admin.token";
  private static final int LENGTH_LEAST = 32;
  private static final String SCHEME = "Bearer ";

  private final Os os;
  private final Path file;
  private volatile Seen seen;

  /// By which a file that has changed is known.
  private record Mark(
      Optional<String> identity, Optional<Instant> modified, long size, boolean open) {}

  /// What holds, and the file when that was found out.
  ///
  /// @param mark null: it could not be looked at
  private record Seen(String secret, @Nullable Mark mark) {
    @Override
    public String toString() {
      return "***";
    }
  }

  private AdminToken(Os os, Path file, String secret) {
    this.os = os;
    this.file = file;
    this.seen = new Seen(secret, mark(os, file));
  }

  private static @Nullable Mark mark(Os os, Path file) {
    var disk = os.disk();
    try {
      return new Mark(
          disk.identity(file), disk.modified(file), disk.size(file), disk.readableByOthers(file));
    } catch (IOException _) {
      return null; // It is gone, most likely.
    }
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
      if (text.length() < LENGTH_LEAST) {
        return make(os, file); // Empty or cut off: nobody must be able to guess it.
      }
      checkAccess(os, file);
      return new AdminToken(os, file, text);
    } catch (NoSuchFileException _) {
      return make(os, file);
    }
  }

  private static void checkAccess(Os os, Path file) throws IOException {
    if (os.disk().readableByOthers(file)) {
      throw new IOException(
          "The admin token " + file + " can be read by others: run chmod 600 " + file);
    }
  }

  /// Whether no relay starts with the token that is there: others can read it. One that is too
  /// short is made anew.
  public static boolean isRefused(Os os, Path data) {
    try {
      if (!os.disk().readableByOthers(file(data))) {
        return false;
      }
    } catch (IOException _) {
      return false; // It is not there, or nobody may look.
    }
    try {
      return read(os, data).length() >= LENGTH_LEAST;
    } catch (IOException _) {
      return true; // Others than this user can read it.
    }
  }

  private static AdminToken make(Os os, Path file) throws IOException {
    try {
      return new AdminToken(os, file, SecretFile.made(os, file));
    } catch (IOException e) {
      throw new IOException("The admin token " + file + " cannot be written: " + e.getMessage(), e);
    }
  }

  private String current() {
    var before = seen;
    var mark = mark(os, file);
    if (Objects.equals(mark, before.mark)) {
      return before.secret;
    }
    var fresh = new Seen(changed(before.secret), mark);
    seen = fresh;
    return fresh.secret;
  }

  private String changed(String before) {
    try {
      checkAccess(os, file);
      String text = new String(os.disk().read(file), StandardCharsets.UTF_8).strip();
      if (text.length() < LENGTH_LEAST) {
        throw new IOException("The admin token " + file + " has less than 32 characters");
      }
      if (!text.equals(before)) {
        LOG.info("Read {} anew: the token of before is good no more", file);
      }
      return text;
    } catch (IOException e) {
      LOG.warn("{}; the token of before goes on to hold", e.toString());
      return before;
    }
  }

  /// Whether a header `Authorization` has it. Takes as long for a wrong one as for the right one.
  boolean authorises(@Nullable String header) {
    if (header == null || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return false;
    }
    byte[] given = header.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8);
    return MessageDigest.isEqual(current().getBytes(StandardCharsets.UTF_8), given);
  }
}
