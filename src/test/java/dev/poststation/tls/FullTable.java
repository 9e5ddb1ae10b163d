package dev.poststation.tls;

import dev.poststation.os.Disk;
import dev.poststation.sim.PassingDisk;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/// A disk of which nothing can be read while the process has as many files open as it may (EMFILE);
/// it can still be looked at. Safe for any thread.
final class FullTable extends PassingDisk {
  private volatile boolean full;

  FullTable(Disk disk) {
    super(disk);
  }

  void full(boolean now) {
    full = now;
  }

  @Override
  public byte[] read(Path file) throws IOException {
    if (full) {
      throw new FileSystemException(file.toString(), null, "Too many open files");
    }
    return super.read(file);
  }
}
