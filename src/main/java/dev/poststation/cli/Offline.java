package dev.poststation.cli;

import dev.poststation.os.Os;
import dev.poststation.spool.DataDirectory;
import dev.poststation.spool.SpoolException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.Optional;

/// The `data` directory in the hands of a command, while no relay runs on it, or the files of it
/// that a relay takes over. Whatever hinders that is a [Failure] with the remedy. Confined to the
/// main thread.
final class Offline {
  private static final Path OURSELVES = Path.of("/proc/self");

  private Offline() {}

  /// Takes the directory, so that no relay starts meanwhile; empty when one runs. Makes nothing
  /// where no relay has ever run.
  static Optional<DataDirectory> claim(Os os, Path data) {
    try {
      return claimIfOurs(os, data);
    } catch (AccessDeniedException _) {
      throw notOurs(data, owner(os, data));
    } catch (IOException e) {
      throw new Failure(Exit.WRONG, e.getMessage() + ".");
    }
  }

  /// The same for who knows that no relay answers: one that starts, or another command, has it.
  static DataDirectory claimed(Os os, Path data) {
    return claim(os, data)
        .orElseThrow(
            () -> new Failure(Exit.NO, "The directory " + data + " is in use: run this again."));
  }

  private static Optional<DataDirectory> claimIfOurs(Os os, Path data) throws IOException {
    var disk = os.disk();
    if (disk.identity(data.resolve(DataDirectory.SPOOL)).isEmpty()) {
      throw new SpoolException(
          "There is no spool in "
              + data
              + " (`data`): no relay has run with this configuration; name another one with"
              + " --config",
          false);
    }
    Path lock = data.resolve(DataDirectory.LOCK);
    boolean ran = disk.identity(lock).isPresent();
    if (ran) {
      var free = disk.lock(lock);
      if (free.isEmpty()) {
        return Optional.empty();
      }
      free.get().close();
    }
    // What another user writes there would keep the relay from starting.
    refuseOthers(os, data, ran ? lock : data);
    return DataDirectory.claimIfFree(os, data);
  }

  /// Something that is asked of whoever has the directory.
  interface Question<T> {
    T ask() throws IOException, InterruptedException;
  }

  /// Asks the relay that has the directory, which may be no relay, or not answer yet.
  static <T> T ofRelay(Path data, Question<T> question) throws IOException, InterruptedException {
    try {
      return question.ask();
    } catch (Failure e) {
      throw e.exit() == Exit.UNREACHABLE
          ? new Failure(
              Exit.UNREACHABLE,
              "The directory "
                  + data
                  + " is in use, but no relay answers: one that is just starting, or another"
                  + " command that works on it. Wait until it has ended, or look who has "
                  + data.resolve(DataDirectory.LOCK)
                  + " open.")
          : e;
    }
  }

  /// What is done to files that a relay which runs takes over.
  ///
  /// @param <T> what comes of it
  @FunctionalInterface
  interface Change<T> {
    T run() throws IOException;
  }

  /// Changes such files.
  static <T> T change(Os os, Path data, Change<T> change) {
    refuseOthers(os, data);
    try {
      return change.run();
    } catch (IOException e) {
      throw new Failure(Exit.NO, "Nothing was changed: " + Words.why(e) + ".");
    }
  }

  /// What another user writes the relay could not read.
  static void refuseOthers(Os os, Path data) {
    try {
      if (os.disk().identity(data).isPresent()) {
        refuseOthers(os, data, data);
      }
    } catch (IOException _) {
      // What is wrong is said when it is written.
    }
  }

  private static void refuseOthers(Os os, Path data, Path file) throws IOException {
    String owner = os.disk().owner(file);
    if (!owner.equals(os.disk().owner(OURSELVES))) {
      throw notOurs(data, owner);
    }
  }

  private static String owner(Os os, Path data) {
    try {
      return os.disk().owner(data);
    } catch (IOException _) {
      return "USER";
    }
  }

  private static Failure notOurs(Path data, String owner) {
    return new Failure(
        Exit.UNAUTHORISED,
        "The directory "
            + data
            + " belongs to the user "
            + owner
            + ": run the command as that user (sudo -u "
            + owner
            + " poststation ...).");
  }
}
