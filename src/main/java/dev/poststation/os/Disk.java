package dev.poststation.os;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The only door to files, except for the spool's engine, which has its own. Safe for any thread.
public interface Disk {
  /// The whole content of a small file (configuration, certificate, secret).
  ///
  /// @throws DirectoryException when it is a directory
  byte[] read(Path file) throws IOException;

  /// Replaces a file in one step, synced; with `ownerOnly` nobody else can read it (mode 0600).
  void replace(Path file, byte[] content, boolean ownerOnly) throws IOException;

  /// Replaces a file that is there in one step, synced; the new one has its owner, group and mode,
  /// and stands where a symbolic link leads to. A disk without owners and links just replaces it.
  default void renew(Path file, byte[] content) throws IOException {
    replace(file, content, true);
  }

  /// Opens a file for appending; made if absent, for its owner and to be read by the group (mode
  /// 0640).
  ///
  /// @throws IOException when it cannot; the message is the reason alone
  OutputStream append(Path file) throws IOException;

  /// Opens a file that others read meanwhile, for adding to it; made if absent, for its owner only,
  /// and then on stable storage under its name. Waits while another program has it locked.
  GrowingFile grow(Path file) throws IOException;

  /// Opens a file for reading, from its beginning.
  InputStream open(Path file) throws IOException;

  /// Makes a file that must not be there yet, for its owner only. Once it was closed, it is on
  /// stable storage, under its name.
  OutputStream create(Path file) throws IOException;

  /// Standard output. Closing it does nothing.
  OutputStream standardOutput();

  /// What tells a file from another one that took its name; empty when there is none of that name.
  Optional<String> identity(Path file) throws IOException;

  /// Octets of a file; 0 when there is none.
  long size(Path file) throws IOException;

  /// When the file last changed; empty when there is none.
  Optional<Instant> modified(Path file) throws IOException;

  /// Whether there is a directory of that name.
  boolean isDirectory(Path path);

  /// Whether this process may write a file that is there, or make files in a directory.
  boolean isWritable(Path path);

  /// Whether this process may read a file that is there.
  boolean isReadable(Path path);

  /// Whether the name is that of a symbolic link, to wherever it leads.
  boolean isLink(Path path);

  /// The user to whom a file or a directory belongs.
  String owner(Path path) throws IOException;

  /// What others than its owner may do with a file or a directory; of a symbolic link, with that to
  /// which it leads.
  Others others(Path path) throws IOException;

  /// Whether group or others can read the file.
  default boolean readableByOthers(Path file) throws IOException {
    return others(file).canRead();
  }

  /// Makes the directory and its parents, for the owner only; each that it makes is synced.
  void makeDirectory(Path directory) throws IOException;

  /// Octets that can still be written to the file system that holds `path`.
  long usableBytes(Path path) throws IOException;

  /// Locks a file against other processes; empty when another one holds it. Closing unlocks.
  Optional<Closeable> lock(Path file) throws IOException;

  /// The files and directories in a directory, sorted by name; empty when there is no such
  /// directory.
  List<Path> list(Path directory) throws IOException;

  /// Gives a file that nobody changes any more a second name; copies it where the file system has
  /// no hard links.
  void link(Path file, Path second) throws IOException;

  /// Renames a file or directory within a file system, synced; takes the place of an empty
  /// directory.
  void move(Path from, Path to) throws IOException;

  /// Renames files within a file system, in this order; synced when this returns. A failure may
  /// leave some of them renamed.
  default void moveAll(Map<Path, Path> moves) throws IOException {
    for (var move : moves.entrySet()) {
      move(move.getKey(), move.getValue());
    }
  }

  /// Removes a file, or a directory with all that is in it; nothing when there is none.
  void remove(Path path) throws IOException;
}
