package dev.poststation.log;

import dev.poststation.os.Disk;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where the lines end up: a file, opened anew when it was moved away, or standard output. Confined
/// to the writing thread once it is open.
final class LogFile implements Closeable {
  private final Disk disk;
  private final @Nullable Path path;
  private OutputStream out;
  private Optional<String> identity;

  private LogFile(Disk disk, @Nullable Path path, OutputStream out, Optional<String> identity) {
    this.disk = disk;
    this.path = path;
    this.out = out;
    this.identity = identity;
  }

  /// @param path the file; null: standard output
  static LogFile open(Disk disk, @Nullable Path path) throws IOException {
    if (path == null) {
      return new LogFile(disk, null, disk.standardOutput(), Optional.empty());
    }
    return new LogFile(disk, path, disk.append(path), disk.identity(path));
  }

  void write(byte[] octets, int offset, int length) throws IOException {
    out.write(octets, offset, length);
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
