package dev.poststation.log;

import dev.poststation.os.Disk;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where the lines end up: a file, opened anew when it was moved away, moved away itself when it
/// has become too large, or standard output. Confined to the writing thread once it is open.
final class LogFile implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(LogFile.class);

  /// None of the names that logrotate gives.
  private static final String FULL = ".full";

  private final Disk disk;
  private final @Nullable Path path;
  private final long sizeMax;
  private long size;
  private boolean stuck;
  private OutputStream out;
  private Optional<String> identity;

  private LogFile(
      Disk disk, @Nullable Path path, long sizeMax, OutputStream out, Optional<String> identity) {
    this.disk = disk;
    this.path = path;
    this.sizeMax = sizeMax;
    this.out = out;
    this.identity = identity;
  }

  /// @param path the file; null: standard output
  /// @param sizeMax octets of the file
  static LogFile open(Disk disk, @Nullable Path path, long sizeMax) throws IOException {
    if (path == null) {
      return new LogFile(disk, null, sizeMax, disk.standardOutput(), Optional.empty());
    }
    var file = new LogFile(disk, path, sizeMax, disk.append(path), disk.identity(path));
    file.size = disk.size(path);
    return file;
  }

  void write(byte[] octets, int offset, int length) throws IOException {
    if (path != null && size + length > sizeMax) {
      turn(path, length);
    }
    out.write(octets, offset, length);
    size += length;
  }

  /// Too large: the file before goes.
  private void turn(Path full, int length) throws IOException {
    size = disk.size(full); // It may have been emptied meanwhile.
    if (size > 0 && size + length > sizeMax) {
      if (giveWay(full)) {
        reopen();
      }
    }
  }

  /// A log that is too large is better than none.
  private boolean giveWay(Path full) {
    try {
      disk.move(full, full.resolveSibling(full.getFileName() + FULL));
      stuck = false;
    } catch (IOException e) {
      if (!stuck) {
        LOG.error(
            "The mail log {} is larger than log.size-max and grows on, for it cannot be renamed to"
                + " {}: {}. Make its directory the relay's to write.",
            full,
            full.getFileName() + FULL,
            e.toString());
      }
      stuck = true;
    }
    return !stuck;
  }

  /// Opens the file anew if another one, or none, has its name now.
  void follow() throws IOException {
    if (path != null && !disk.identity(path).equals(identity)) {
      reopen();
    }
  }

  /// Opens the file anew. When that fails the old one stays.
  void reopen() throws IOException {
    if (path != null) {
      var fresh = disk.append(path);
      out.close();
      out = fresh;
      identity = disk.identity(path);
      size = disk.size(path);
    }
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  @Override
  public String toString() {
    return path == null ? "standard output" : path.toString();
  }
}
