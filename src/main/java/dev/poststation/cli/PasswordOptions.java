package dev.poststation.cli;

import dev.poststation.os.Os;
import dev.poststation.sasl.SaslPrep;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where a command has a password from; never from its own words, which everybody on the machine
/// can see. Confined to the main thread.
final class PasswordOptions {
  private static final int LEAST = 8;
  private static final int OCTETS_MAX = 255;

  /// Without those that look like others.
  private static final String LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";

  private static final int GROUPS = 4;
  private static final int GROUP = 5;

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description = "Take the password from this file; - is standard input.")
  private @Nullable Path file;

  @Option(names = "--generate", description = "Make a strong password, and show it this once.")
  private boolean generate;

  /// @param shown whether it was made, and nobody has seen it yet
  /// @param warning what should be better about where it comes from; empty: nothing
  record Given(String password, boolean shown, String warning) {}

  boolean isGiven() {
    return file != null || generate;
  }

  /// Takes it, or asks for it.
  ///
  /// @param of whose it is, for the question
  Given take(Os os, String of) {
    if (file != null && generate) {
      throw new Failure(Exit.WRONG, "--generate and --password-file: one of them, please.");
    }
    if (generate) {
      return new Given(generated(os), true, "");
    }
    String password = checked(file == null ? asked(of) : read(os, file));
    return new Given(password, false, file == null ? "" : warning(os, file));
  }

  private static String generated(Os os) {
    var text = new StringBuilder();
    for (int i = 0; i < GROUPS * GROUP; i++) {
      text.append(i > 0 && i % GROUP == 0 ? "-" : "");
      text.append(LETTERS.charAt(os.chance().below(LETTERS.length())));
    }
    return text.toString();
  }

  /// What stands in a file, without its line end; `-` is standard input.
  static String read(Os os, Path file) {
    if (file.toString().equals("-")) {
      return standardInput();
    }
    try {
      String text = new String(os.disk().read(file), StandardCharsets.UTF_8);
      return text.replaceFirst("\\r?\\n\\z", "");
    } catch (NoSuchFileException _) {
      throw new Failure(Exit.WRONG, "--password-file: there is no file " + file + ".");
    } catch (AccessDeniedException _) {
      throw new Failure(Exit.WRONG, "--password-file: " + file + " may not be read by this user.");
    } catch (IOException e) {
      throw new Failure(
          Exit.WRONG, "--password-file: " + file + " cannot be read (" + e.getMessage() + ").");
    }
  }

  private static String warning(Os os, Path file) {
    try {
      return !file.toString().equals("-") && os.disk().readableByOthers(file)
          ? "Warning: " + file + " can be read by others: run chmod 600 " + file + ", or delete it."
          : "";
    } catch (IOException _) {
      return ""; // It was read a moment ago, and is gone.
    }
  }

  private static String standardInput() {
    try {
      var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      return Optional.ofNullable(in.readLine())
          .orElseThrow(
              () -> new Failure(Exit.WRONG, "No password was given: standard input is empty."));
    } catch (IOException e) {
      throw new Failure(Exit.WRONG, "Standard input cannot be read (" + e.getMessage() + ").");
    }
  }

  private static String asked(String of) {
    String first = typed("New password of " + of + ": ");
    if (terminal().isPresent() && !first.equals(typed("Again: "))) {
      throw new Failure(Exit.WRONG, "The two were not the same: nothing was changed.");
    }
    return first;
  }

  /// What somebody types, or the first line of standard input where nobody does.
  static String typed(String prompt) {
    var console = terminal();
    if (console.isEmpty()) {
      return standardInput();
    }
    char[] typed = console.get().readPassword("%s", prompt);
    if (typed == null) {
      throw new Failure(Exit.WRONG, "No password was typed: nothing was changed.");
    }
    return new String(typed);
  }

  @SuppressWarnings("SystemConsoleNull") // Java 25 gives null again where there is no terminal.
  private static Optional<Console> terminal() {
    return Optional.ofNullable(System.console()).filter(Console::isTerminal);
  }

  private static String checked(String password) {
    if (password.codePointCount(0, password.length()) < LEAST) {
      throw new Failure(
          Exit.WRONG,
          "A password has "
              + LEAST
              + " characters or more; --generate makes one that nobody guesses.");
    }
    if (password.getBytes(StandardCharsets.UTF_8).length > OCTETS_MAX) {
      throw new Failure(Exit.WRONG, "A password has " + OCTETS_MAX + " octets at most.");
    }
    if (SaslPrep.stored(password).isEmpty()) {
      throw new Failure(
          Exit.WRONG,
          "The password has control characters, more than one line, or characters that not every"
              + " client can say (RFC 4013).");
    }
    return password;
  }
}
