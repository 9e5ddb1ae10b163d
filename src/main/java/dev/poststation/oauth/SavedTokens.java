package dev.poststation.oauth;

import dev.poststation.config.OauthGrant;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The refresh tokens in `data`, a line for each account: the newest that a token server gave, on
/// stable storage before an older one is forgotten. Only the owner can read the file. One that
/// cannot be read is not written over; one with lines that nobody understands is kept beside the
/// new one, as it was. Safe for any thread.
public final class SavedTokens {
  /// Its name in `data`.
  public static final String FILE = "oauth.tokens";

  private static final Logger LOG = LoggerFactory.getLogger(SavedTokens.class);
  private static final DateTimeFormatter WHEN =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final String HEAD =
      "# Refresh tokens of poststation: secrets; written by the relay, see poststation oauth list";

  private final Os os;
  private final Path file;
  private final Map<AccountName, Saved> tokens = new TreeMap<>();
  private String unread = "";
  private String damaged = "";
  private @Nullable Path aside;
  private boolean dirty;

  /// What is kept for an account.
  ///
  /// @param clientId to whom the token was given
  /// @param tokenUrl where it was given: nobody else is to see it
  /// @param given a fingerprint of the token of the configuration that it took the place of; empty:
  ///   there was none
  record Saved(String clientId, String tokenUrl, String given, Instant time, String token) {
    /// Why it is no token of this client at this server; empty: it is one.
    Optional<String> strange(OauthGrant grant) {
      return clientId.equals(grant.clientId()) && tokenUrl.equals(grant.tokenUrl().toString())
          ? Optional.empty()
          : Optional.of(
              "the login was for client-id "
                  + clientId
                  + " at "
                  + tokenUrl
                  + ", and the configuration names another");
    }

    @Override
    public String toString() {
      return "*** of " + time;
    }
  }

  /// What a directory has; nothing where there is no file.
  public SavedTokens(Os os, Path data) {
    this.os = os;
    this.file = data.resolve(FILE);
    try {
      read();
    } catch (IOException _) {
      LOG.error("{}: {}", file, unread);
    }
  }

  /// What is in memory is newer than what stands in the file.
  private void read() throws IOException {
    byte[] octets;
    try {
      octets = os.disk().size(file) == 0 ? new byte[0] : os.disk().read(file);
    } catch (IOException e) {
      unread = "it cannot be read, and is not written over: " + e.getMessage();
      throw new IOException(file + ": " + unread, e);
    }
    unread = "";
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
    } catch (CharacterCodingException _) {
      text = new String(octets, StandardCharsets.UTF_8);
      damaged = "it is no text";
    }
    text.lines().forEach(this::take);
    if (!damaged.isEmpty()) {
      LOG.error("{}: {}; before it is written anew it is set aside", file, damaged);
    }
  }

  private void take(String line) {
    if (line.isBlank() || line.startsWith("#")) {
      return;
    }
    String[] parts = line.split("\t", -1);
    try {
      if (parts.length == 7) {
        var saved = new Saved(parts[2], parts[3], parts[4], Instant.parse(parts[5]), parts[6]);
        tokens.putIfAbsent(new AccountName(parts[0], parts[1]), saved);
        return;
      }
    } catch (DateTimeParseException _) {
      // Said below.
    }
    damaged = "it has lines that are no tokens, which are left out";
  }

  /// The token for an account.
  ///
  /// @throws IOException when none is known and the file cannot be read
  synchronized Optional<Saved> find(AccountName account) throws IOException {
    if (!tokens.containsKey(account) && !unread.isEmpty()) {
      read();
    }
    return Optional.ofNullable(tokens.get(account));
  }

  /// Why the token of an account is not used by a configuration; empty: it is, there is none, or
  /// that cannot be read.
  public synchronized Optional<String> strange(AccountName account, OauthGrant grant) {
    return Optional.ofNullable(tokens.get(account)).flatMap(saved -> saved.strange(grant));
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
  void put(AccountName account, OauthGrant grant, String given, String token) throws IOException {
    String place = grant.tokenUrl().toString();
    put(account, new Saved(grant.clientId(), place, given, os.time().now(), token));
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

  /// What an administrator should do something about, in one sentence; empty: nothing.
  public synchronized Optional<String> concern() {
    if (!unread.isEmpty()) {
      return Optional.of(
          file + ": " + unread + "; let it be readable for the user of the relay, and nobody else");
    }
    if (aside != null) {
      return Optional.of(
          file + " was damaged; as it was it is kept as " + aside + ": look at it, and remove it");
    }
    return damaged.isEmpty()
        ? Optional.empty()
        : Optional.of(
            file + ": " + damaged + "; whoever lacks a token must log in anew (oauth list)");
  }

  private void write() throws IOException {
    if (!dirty) {
      return;
    }
    if (!unread.isEmpty()) {
      read();
    }
    if (!damaged.isEmpty()) {
      var kept =
          file.resolveSibling(file.getFileName() + ".damaged-" + WHEN.format(os.time().now()));
      if (os.disk().identity(kept).isEmpty()) {
        os.disk().link(file, kept);
      }
      LOG.warn("{}: {}; as it was it is kept as {}", file, damaged, kept);
      aside = kept;
      damaged = "";
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
                    saved.tokenUrl,
                    saved.given,
                    saved.time.toString(),
                    saved.token)));
    String text = String.join("\n", lines) + "\n";
    os.disk().replace(file, text.getBytes(StandardCharsets.UTF_8), true);
    dirty = false;
  }
}
