package dev.poststation.spool;

import dev.poststation.os.Os;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The directory `data`, which belongs to one process at a time: to the relay, or to a command that
/// works while no relay runs. Used by one thread.
public final class DataDirectory implements Closeable {
  /// In it: the engine's files.
  public static final String SPOOL = "spool";

  /// In it: locked by the process that has it.
  public static final String LOCK = "lock";

  /// In it: RocksDB's own code, unpacked.
  public static final String NATIVE = "native";

  /// In it: what a restore has not finished yet.
  public static final String RESTORING = "restoring";

  /// In it: links to the files of one moment, for a backup of a running relay.
  static final String CHECKPOINT = "checkpoint";

  private static final String DAMAGED = "damaged-";
  private static final Logger LOG = LoggerFactory.getLogger(DataDirectory.class);

  private final Path path;
  private final Closeable lock;
  private List<String> damagedBefore = List.of();

  private DataDirectory(Path path, Closeable lock) {
    this.path = path;
    this.lock = lock;
  }

  /// Takes it; makes it if there is none.
  ///
  /// @throws SpoolException when it cannot be used, or another process has it; the message says why
  ///   and what to do
  public static DataDirectory claim(Os os, Path path) throws SpoolException {
    return claimIfFree(os, path)
        .orElseThrow(
            () ->
                new SpoolException(
                    "The directory "
                        + path
                        + " is in use by another running relay: stop it, or set another `data`",
                    false));
  }

  /// The same; empty when another process has it.
  public static Optional<DataDirectory> claimIfFree(Os os, Path path) throws SpoolException {
    try {
      os.disk().makeDirectory(path);
      return os.disk().lock(path.resolve(LOCK)).map(lock -> new DataDirectory(path, lock));
    } catch (FileAlreadyExistsException e) {
      throw new SpoolException(
          "`data` is " + path + ", which is a file: name a directory", false, e);
    } catch (IOException e) {
      throw new SpoolException(
          "The directory "
              + path
              + " cannot be made or written: let it belong to the relay's user, or set another"
              + " `data`",
          false,
          e);
    }
  }

  Path path() {
    return path;
  }

  /// Whether a relay may open the spool in it; what was left behind by processes that were killed
  /// is removed.
  ///
  /// @throws SpoolException when it must not: it would not know the format, or a restore is not
  ///   finished
  void prepare(Os os) throws SpoolException {
    Path restoring = path.resolve(RESTORING);
    try {
      Format.check(Format.of(os, path), "The spool in " + path);
      if (os.disk().isDirectory(restoring) && !os.disk().isDirectory(path.resolve(SPOOL))) {
        throw new SpoolException(
            "A restore into "
                + path
                + " was not finished: run poststation restore again, or delete "
                + restoring
                + " to start with an empty spool",
            false);
      }
      os.disk().remove(restoring);
      os.disk().remove(path.resolve(CHECKPOINT));
      os.disk().remove(path.resolve(CHECKPOINT + ".tmp")); // RocksDB's, until it is whole.
      damagedBefore = damaged(os, path);
    } catch (SpoolException e) {
      throw e;
    } catch (IOException e) {
      throw new SpoolException(
          "What is left in " + path + " cannot be removed: " + e.getMessage(), false, e);
    }
  }

  /// The directories with damaged files that there were before the spool was opened.
  List<String> damagedBefore() {
    return damagedBefore;
  }

  /// Names of the directories in it that keep damaged files: they are for people, and in no backup.
  public static List<String> damaged(Os os, Path path) throws IOException {
    List<String> names = new ArrayList<>();
    for (Path entry : os.disk().list(path)) {
      String name = entry.getFileName().toString();
      if (name.startsWith(DAMAGED)) {
        names.add(name);
      }
    }
    return names;
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      LOG.warn("Cannot unlock the data directory: {}", e.toString());
    }
  }
}
