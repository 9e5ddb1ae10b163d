package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.poststation.account.FileAccounts;
import dev.poststation.account.Salts;
import dev.poststation.account.User;
import dev.poststation.account.Users;
import dev.poststation.account.UsersFile;
import dev.poststation.account.UsersFile.UnusableException;
import dev.poststation.config.UsersSettings;
import dev.poststation.os.Os;
import dev.poststation.sasl.UserNames;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// The users file in the hands of a command. Whatever hinders that is a [Failure] with the remedy.
/// Confined to the main thread.
final class UsersOnDisk {
  private static final Path OURSELVES = Path.of("/proc/self");

  private final Os os;
  private final UsersSettings settings;
  private final Path file;
  private final Path data;
  private final IntSupplier vanished;
  private boolean made;

  /// @param vanished how many users a running relay has though their file is gone; asked when it is
  UsersOnDisk(Os os, Path data, UsersSettings settings, IntSupplier vanished) {
    this.os = os;
    this.settings = settings;
    this.file = settings.file();
    this.data = data;
    this.vanished = vanished;
  }

  /// The `data` directory of the relay whose users they are.
  Path data() {
    return data;
  }

  /// How often a new password is hashed.
  int iterations() {
    return settings.iterations();
  }

  /// The salts of names, of which new passwords get theirs.
  Salts salts() {
    try {
      if (os.disk().identity(data).isEmpty()) {
        os.disk().makeDirectory(data); // As the relay would at its first start.
        made = true;
      }
      return Salts.kept(os, data);
    } catch (IOException e) {
      throw new Failure(
          Exit.NO,
          "The secret by which names get their salts cannot be kept in "
              + data
              + ": "
              + e.getMessage()
              + "; start the relay once, and run the command as its user.");
    }
  }

  /// Whose keys are of before ([Salts#isOld]); nobody is where that cannot be told.
  Predicate<User> old() {
    try {
      var salts = Salts.known(os, data);
      return user ->
          !user.passwords().isEmpty()
              && salts.map(all -> all.isOld(user, settings.iterations())).orElse(true);
    } catch (IOException _) {
      return _ -> false;
    }
  }

  /// Where it is.
  Path file() {
    return file;
  }

  /// What a command does to it.
  @FunctionalInterface
  interface Change {
    UsersFile of(UsersFile before) throws UnusableException;
  }

  /// The users.
  Users read() {
    return content().users();
  }

  private UsersFile content() {
    refuseWhereVanished();
    try {
      return UsersFile.read(os.disk(), file);
    } catch (UnusableException e) {
      String owner = owner();
      throw owner.isEmpty()
          ? new Failure(Exit.WRONG, String.valueOf(e.getMessage()))
          : notOurs(owner);
    }
  }

  /// A file that is not there has no users, unless the relay still has them: one that was begun
  /// anew would take them all away.
  private void refuseWhereVanished() {
    try {
      if (os.disk().identity(file).isPresent()) {
        return;
      }
    } catch (IOException _) {
      return; // What is wrong is said when it is read.
    }
    int users = vanished.getAsInt();
    if (users > 0) {
      throw new Failure(
          Exit.NO,
          "The file "
              + file
              + " is gone, and the relay still has its "
              + Words.count(users, "user")
              + ": put it back, or write it anew with poststation user write-back (if there shall"
              + " be none of them, restart the relay first).");
    }
  }

  /// A user who must be there.
  User find(String name) {
    return find(read(), name);
  }

  /// The same, in users that were read.
  static User find(Users users, String name) {
    return users
        .find(name)
        .orElseThrow(
            () ->
                new Failure(
                    Exit.NO,
                    "There is no user \"" + Words.shown(name) + "\": see poststation user list."));
  }

  /// A name that somebody can have.
  static void checkName(String name) {
    var flaw = UserNames.flaw(name);
    if (flaw.isPresent()) {
      throw new Failure(
          Exit.WRONG, "\"" + Words.shown(name) + "\" is no name of a user: " + flaw.get() + ".");
    }
  }

  /// Changes it, while no other command does.
  void change(Change change) {
    alone(() -> changed(content(), change).write(os.disk()));
  }

  /// Puts back the users of a file that is gone.
  ///
  /// @param saving has the relay save them in `data`
  /// @return what it said
  JsonNode putBack(Supplier<JsonNode> saving) {
    List<JsonNode> said = new ArrayList<>(1);
    alone(
        () -> {
          said.add(saving.get());
          Path saved = data.resolve(FileAccounts.SAVED);
          os.disk().replace(file, os.disk().read(saved), true);
          os.disk().remove(saved);
        });
    return said.getFirst();
  }

  /// What is done to the file.
  @FunctionalInterface
  private interface Work {
    void run() throws IOException;
  }

  private void alone(Work work) {
    String owner = owner();
    if (!owner.isEmpty()) {
      throw notOurs(owner); // What another user writes could not be read by the relay.
    }
    Path directory = file.toAbsolutePath().resolveSibling("");
    if (!os.disk().isDirectory(directory)) {
      make(directory);
    }
    try (var _ = UsersFile.lock(os.disk(), file).orElseThrow(this::busy)) {
      work.run();
    } catch (AccessDeniedException _) {
      throw new Failure(
          Exit.UNAUTHORISED,
          "The file " + file + " may not be written by this user: run the command as the relay's.");
    } catch (IOException e) {
      throw new Failure(
          Exit.NO, "The file " + file + " cannot be written: " + e.getMessage() + ".");
    }
  }

  /// Before the first start of the relay there is no `data`, which it would make as we do.
  private void make(Path directory) {
    boolean ofRelay = directory.equals(data.toAbsolutePath());
    try {
      if (ofRelay) {
        os.disk().makeDirectory(directory);
        made = true;
        return;
      }
    } catch (IOException _) {
      // Said below.
    }
    throw new Failure(
        Exit.WRONG,
        "There is no directory "
            + directory
            + (ofRelay ? ", and this user may not make it" : "")
            + ": make it, and let it belong to the relay's user.");
  }

  /// Whether `data` was not there, and is now.
  boolean made() {
    return made;
  }

  private static UsersFile changed(UsersFile before, Change change) {
    try {
      return change.of(before);
    } catch (UnusableException e) {
      // What was asked for cannot be: there is no line of the file to name.
      var problem = e.problems().getFirst();
      throw new Failure(Exit.WRONG, problem.message() + ": " + problem.remedy() + ".");
    }
  }

  private Failure busy() {
    return new Failure(
        Exit.NO, "Another command is changing " + file + " just now: run this one again.");
  }

  /// Who has it, or will have it, when that is not us; else empty.
  private String owner() {
    var disk = os.disk();
    try {
      Path whose =
          disk.identity(file).isPresent()
              ? file
              : disk.identity(data).isPresent() ? data : OURSELVES;
      String owner = disk.owner(whose);
      return owner.equals(disk.owner(OURSELVES)) ? "" : owner;
    } catch (IOException _) {
      return ""; // What is wrong is said when it is read or written.
    }
  }

  private Failure notOurs(String owner) {
    return new Failure(
        Exit.UNAUTHORISED,
        "The file "
            + file
            + " belongs to the user "
            + owner
            + ": run the command as that user (sudo -u "
            + owner
            + " poststation ...).");
  }
}
