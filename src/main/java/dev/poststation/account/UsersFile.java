package dev.poststation.account;

import dev.poststation.account.UsersText.Block;
import dev.poststation.config.Origin;
import dev.poststation.config.Problem;
import dev.poststation.config.Problem.Severity;
import dev.poststation.os.Disk;
import dev.poststation.os.FileFault;
import dev.poststation.sasl.UserNames;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The users file as it is at one moment: read as a whole, changed user by user. What stands of
/// other users, and between them, stays as it was written. Immutable; safe for any thread.
public final class UsersFile {
  /// Larger ones are not read: some 500,000 users.
  static final long SIZE_MAX = 256_000_000;

  private static final String HEAD =
      """
      # The users of Poststation. The commands "poststation user" write this file; it may be edited,
      # too: its lines are explained in docs/manual/users.md. Nobody else may read it (mode 0600).
      """;

  private final Path file;
  private final String text;
  private final Users users;
  private final Map<String, Block> blocks;

  /// Why a file cannot be used, all of it.
  public static final class UnusableException extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient List<Problem> problems;

    UnusableException(List<Problem> problems) {
      super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
      this.problems = List.copyOf(problems);
    }

    /// At least one, each with its line and the remedy.
    public List<Problem> problems() {
      return problems;
    }
  }

  private UsersFile(Path file, String text, Users users, Map<String, Block> blocks) {
    this.file = file;
    this.text = text;
    this.users = users;
    this.blocks = Map.copyOf(blocks);
  }

  /// Reads it; a file that is not there has no users.
  public static UsersFile read(Disk disk, Path file) throws UnusableException {
    String text = content(disk, file);
    var read = UsersText.read(text, file);
    if (!read.problems().isEmpty()) {
      throw new UnusableException(read.problems());
    }
    return new UsersFile(file, text, read.users(), read.blocks());
  }

  /// One with these users, that is not on the disk yet.
  static UsersFile of(Path file, Users users) {
    var text = new StringBuilder(HEAD);
    users.all().forEach(user -> text.append('\n').append(UsersText.text(user)));
    var read = UsersText.read(text.toString(), file);
    return new UsersFile(file, text.toString(), read.users(), read.blocks());
  }

  private static String content(Disk disk, Path file) throws UnusableException {
    try {
      if (disk.isDirectory(file)) {
        throw unusable(file, "it is a directory, and no users file", FileFault.NAME_A_FILE);
      }
      if (disk.size(file) > SIZE_MAX) {
        throw unusable(file, "the file has more than 256 MB", "so many users need a directory");
      }
      if (disk.readableByOthers(file)) {
        throw unusable(file, "the users file can be read by others", "run: chmod 600 " + file);
      }
      return new String(disk.read(file), StandardCharsets.UTF_8);
    } catch (NoSuchFileException _) {
      return "";
    } catch (AccessDeniedException _) {
      throw unusable(
          file,
          "the users file may not be read by this user",
          "give it to the user that runs Poststation");
    } catch (IOException e) {
      throw unusable(
          file,
          "the users file cannot be read: " + FileFault.why(e),
          "name another one in users.file");
    }
  }

  private static UnusableException unusable(Path file, String message, String remedy) {
    return new UnusableException(
        List.of(new Problem(new Origin(file.toString()), message, remedy, Severity.ERROR)));
  }

  /// Who stands in it.
  public Users users() {
    return users;
  }

  /// With this user, in the place of the one who has that name, or else behind all others.
  public UsersFile with(User user) throws UnusableException {
    var block = blocks.get(UserNames.folded(user.name()));
    if (block == null) {
      String before = text.isEmpty() ? HEAD : text.endsWith("\n") ? text : text + "\n";
      return changed(before + "\n" + UsersText.text(user));
    }
    String old = text.substring(block.from(), block.to());
    String remarks =
        old.lines()
            .filter(line -> line.strip().startsWith("#"))
            .map(line -> line + "\n")
            .collect(Collectors.joining());
    String fresh = UsersText.text(user);
    int second = fresh.indexOf('\n') + 1;
    return changed(
        text.substring(0, block.from())
            + fresh.substring(0, second)
            + remarks
            + fresh.substring(second)
            + text.substring(block.to()));
  }

  /// Without this user.
  public UsersFile without(User user) throws UnusableException {
    var block = blocks.get(UserNames.folded(user.name()));
    return block == null
        ? this
        : changed(text.substring(0, block.from()) + text.substring(block.to()));
  }

  private UsersFile changed(String now) throws UnusableException {
    var read = UsersText.read(now, file);
    if (!read.problems().isEmpty()) {
      throw new UnusableException(read.problems());
    }
    return new UsersFile(file, now, read.users(), read.blocks());
  }

  /// Puts it on the disk in one step, for its owner only.
  ///
  /// @throws IOException when it cannot be written; then the old one is still there
  public void write(Disk disk) throws IOException {
    disk.replace(file, text.getBytes(StandardCharsets.UTF_8), true);
  }

  /// Keeps other commands from changing it until that is closed; empty when one does just now.
  public static Optional<Closeable> lock(Disk disk, Path file) throws IOException {
    return disk.lock(file.resolveSibling(file.getFileName() + ".lock"));
  }
}
