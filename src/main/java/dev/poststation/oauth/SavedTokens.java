package dev.poststation.oauth;

import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The refresh tokens in `data`, a line for each account: the newest that a token server gave, on
/// stable storage before an older one is forgotten. Only the owner can read the file. Safe for any
/// thread.
public final class SavedTokens {
  /// Its name in `data`.
  public static final String FILE = "oauth.tokens";

  private static final Logger LOG = LoggerFactory.getLogger(SavedTokens.class);
  private static final String HEAD =
      "# Refresh tokens of poststation: secrets; written by the relay, see poststation oauth list";

  private final Os os;
  private final Path file;
  private final Map<AccountName, Saved> tokens = new TreeMap<>();
  private boolean dirty;

  /// What is kept for an account.
  ///
  /// @param clientId to whom the token was given
  /// @param given a fingerprint of the token of the configuration that it took the place of; empty:
  ///   there was none
  record Saved(String clientId, String given, Instant time, String token) {
    @Override
    public String toString() {
      return "*** of " + time;
    }
  }

  /// What a directory has; nothing where there is no file, or it cannot be read, which the
  /// program's log then says.
  public SavedTokens(Os os, Path data) {
    this.os = os;
    this.file = data.resolve(FILE);
    read(os.disk(), file).forEach(this::take);
  }

  private static List<String> read(Disk disk, Path file) {
    try {
      return disk.size(file) == 0
          ? List.of()
          : new String(disk.read(file), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      LOG.error("{} cannot be read, and somebody will have to log in anew: {}", file, e.toString());
      return List.of();
    }
  }

  private void take(String line) {
    String[] parts = line.split("\t", -1);
    if (parts.length == 6) {
      try {
        var saved = new Saved(parts[2], parts[3], Instant.parse(parts[4]), parts[5]);
        tokens.put(new AccountName(parts[0], parts[1]), saved);
        return;
      } catch (DateTimeParseException _) {
        // Said below.
      }
    }
    if (!line.isBlank() && !line.startsWith("#")) {
      LOG.warn("{} has a line that is no token; it is left out", file);
    }
  }

  /// The token for an account.
  synchronized Optional<Saved> find(AccountName account) {
    return Optional.ofNullable(tokens.get(account));
  }

  /// Keeps a token. When this returns without an exception, it is on stable storage; else it is
  /// kept in memory, and written when there is another one to write, or by `retry`.
  ///
  /// @throws IOException when it cannot be written
  synchronized void put(AccountName account, Saved saved) throws IOException {
    tokens.put(account, saved);
    dirty = true;
    write();
  }

  /// Keeps what somebody has just got by logging in.
  ///
  /// @throws IOException when it cannot be written
  public void put(AccountName account, String clientId, String given, String token)
      throws IOException {
    put(account, new Saved(clientId, given, os.time().now(), token));
  }

  /// Whether something could not be written yet; tries again.
  synchronized boolean retry() {
    try {
      write();
    } catch (IOException _) {
      // Told when it failed first.
    }
    return dirty;
  }

  private void write() throws IOException {
    if (!dirty) {
      return;
    }
    List<String> lines = new ArrayList<>(List.of(HEAD));
    tokens.forEach(
        (account, saved) ->
            lines.add(
                String.join(
                    "\t",
                    account.connector(),
                    account.user(),
                    saved.clientId,
                    saved.given,
                    saved.time.toString(),
                    saved.token)));
    String text = String.join("\n", lines) + "\n";
    os.disk().replace(file, text.getBytes(StandardCharsets.UTF_8), true);
    dirty = false;
  }
}
