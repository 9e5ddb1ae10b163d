package dev.poststation.config;

import dev.poststation.os.FileFault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A secret as the configuration names it. Safe for any thread.
final class SecretReference implements Secret {
  private static final Duration COMMAND_TIME = Duration.ofSeconds(10);
  private static final String DIRECTORY = "CREDENTIALS_DIRECTORY";
  private static final String REMEDY =
      "write \"file:PATH\", \"env:NAME\", \"credential:NAME\" or \"exec:COMMAND\"";

  private final Source source;
  private final String name;
  private final Origin origin;
  private final Reading reading;
  private final boolean lines;

  private enum Source {
    FILE,
    ENV,
    CREDENTIAL,
    EXEC
  }

  private SecretReference(
      Source source, String name, Origin origin, Reading reading, boolean lines) {
    this.source = source;
    this.name = name;
    this.origin = origin;
    this.reading = reading;
    this.lines = lines;
  }

  /// Reads a reference, and the secret once, so that a missing one is told at the start. A command
  /// is not run: `check` must not act on other systems.
  static Parsed<Secret> read(String text, Origin origin, Reading reading) {
    return read(text, origin, reading, false);
  }

  /// The same of one that may have several lines.
  static Parsed<Secret> readLines(String text, Origin origin, Reading reading) {
    return read(text, origin, reading, true);
  }

  /// Whether it says where a secret is, and is none itself.
  static boolean isReference(String text) {
    return source(text) != null;
  }

  private static @Nullable Source source(String text) {
    return switch (text.substring(0, Math.max(text.indexOf(':'), 0))) {
      case "file" -> Source.FILE;
      case "env" -> Source.ENV;
      case "credential" -> Source.CREDENTIAL;
      case "exec" -> Source.EXEC;
      default -> null;
    };
  }

  private static Parsed<Secret> read(String text, Origin origin, Reading reading, boolean lines) {
    String name = text.substring(text.indexOf(':') + 1).strip();
    var source = source(text);
    if (source == null) {
      return Parsed.bad("is a secret in plain text, which must not stand in the file", REMEDY);
    }
    if (name.isEmpty()) {
      return Parsed.bad("names no secret", REMEDY);
    }
    var secret = new SecretReference(source, name, origin, reading, lines);
    if (source != Source.EXEC) {
      try {
        secret.reveal();
        secret.tellExposed();
      } catch (Unusable e) {
        if (reading.elsewhere() && source != Source.FILE) {
          String why = "a secret cannot be looked at from here: " + e.getMessage();
          reading.problems().warning(origin, why, "the relay needs it at its start");
          return Parsed.good(secret);
        }
        return Parsed.bad("cannot be used: " + e.getMessage(), e.remedy);
      } catch (IOException e) {
        return Parsed.bad("cannot be used: " + e.getMessage(), "");
      }
    }
    return Parsed.good(secret);
  }

  @Override
  public String reveal() throws IOException {
    String secret =
        switch (source) {
          case FILE -> file(reading.base().resolve(name), true);
          case ENV -> variable();
          case CREDENTIAL -> credential();
          case EXEC -> output();
        };
    // The newline that an editor or a command puts at the end is no part of it.
    int end = secret.length();
    if (end > 0 && secret.charAt(end - 1) == '\n') {
      end--;
    }
    if (end > 0 && secret.charAt(end - 1) == '\r') {
      end--;
    }
    if (end == 0) {
      throw new Unusable(what() + " is empty", "write the secret into it");
    }
    if (!lines && secret.lastIndexOf('\n', end - 1) >= 0) {
      throw new Unusable(what() + " has more than one line", "leave the secret alone in it");
    }
    return secret.substring(0, end);
  }

  /// What of its file is wrong that does not keep it from being used.
  private void tellExposed() {
    var place = place();
    if (place.isEmpty()) {
      return;
    }
    Path file = place.get();
    var exposure = new Exposure(reading.os().disk());
    if (source == Source.CREDENTIAL) {
      exposure.handed(origin, what(), file).ifPresent(reading.problems()::once);
    }
    exposure.writable(origin, what(), file).ifPresent(reading.problems()::once);
    exposure.replaceable(origin, file).ifPresent(reading.problems()::once);
  }

  private Optional<Path> place() {
    return source == Source.CREDENTIAL
        ? Optional.ofNullable(reading.environment().get(DIRECTORY))
            .map(directory -> Path.of(directory).resolve(name))
        : file();
  }

  private String file(Path file, boolean ownerOnly) throws IOException {
    try {
      if (reading.os().disk().isDirectory(file)) {
        throw new Unusable(what() + " cannot be read: it is a directory", FileFault.NAME_A_FILE);
      }
      if (ownerOnly && reading.os().disk().readableByOthers(file)) {
        throw new Unusable(what() + " can be read by others", "run: chmod 600 " + file);
      }
      return new String(reading.os().disk().read(file), StandardCharsets.UTF_8);
    } catch (NoSuchFileException _) {
      throw new Unusable(what() + " does not exist", "create it, readable by its owner only");
    } catch (AccessDeniedException _) {
      throw new Unusable(
          what() + " may not be read by this user", "give it to the user that runs Poststation");
    } catch (FileSystemException e) {
      throw new Unusable(what() + " cannot be read: " + FileFault.why(e), "name another one");
    }
  }

  private String variable() throws IOException {
    String value = reading.environment().get(name);
    if (value == null) {
      throw new Unusable(what() + " is not set", "set it for the service");
    }
    return value;
  }

  /// Credentials as systemd.exec(5) describes them: a directory that only the service can read.
  private String credential() throws IOException {
    String directory = reading.environment().get(DIRECTORY);
    if (directory == null) {
      throw new Unusable(
          "there are no credentials: " + DIRECTORY + " is not set",
          "start the service by systemd with LoadCredential=" + name + ":PATH");
    }
    return file(Path.of(directory).resolve(name), false);
  }

  private String output() throws IOException {
    try {
      return reading.os().processes().run(List.of("/bin/sh", "-c", name), COMMAND_TIME);
    } catch (IOException e) {
      throw new IOException(what() + " " + e.getMessage(), e);
    }
  }

  private String what() {
    return switch (source) {
      case FILE -> "file " + reading.base().resolve(name);
      case ENV -> "environment variable " + name;
      case CREDENTIAL -> "credential " + name;
      case EXEC -> "the command of the secret at " + origin;
    };
  }

  /// Whether it names the same secret, wherever it stands.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SecretReference secret
        && source == secret.source
        && name.equals(secret.name)
        && reading.base().equals(secret.reading.base());
  }

  @Override
  public int hashCode() {
    return Objects.hash(source, name);
  }

  @Override
  public boolean byCommand() {
    return source == Source.EXEC;
  }

  @Override
  public boolean untilRestart() {
    return source == Source.ENV;
  }

  @Override
  public boolean handedOut() {
    return source == Source.CREDENTIAL;
  }

  @Override
  public Optional<Path> file() {
    return source == Source.FILE ? Optional.of(reading.base().resolve(name)) : Optional.empty();
  }

  @Override
  public Origin origin() {
    return origin;
  }

  @Override
  public String toString() {
    return "***";
  }

  /// Why a secret cannot be had, with what to do.
  private static final class Unusable extends IOException {
    private final String remedy;

    private Unusable(String message, String remedy) {
      super(message);
      this.remedy = remedy;
    }
  }
}
