package dev.poststation.backup;

import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A backup that is being written. It is written beside its place, and gets it as a whole: what was
/// killed half-way is never taken for a backup, and the next attempt removes it; nothing else is
/// ever removed. Confined to one thread.
public final class Target implements Closeable {
  private static final String INCOMPLETE = ".incomplete";

  /// By it, what was killed half-way is known again: it comes first and goes last.
  private static final String LOCK = "backup.lock";

  private static final Path OURSELVES = Path.of("/proc/self");
  private static final long SPARE = 1 << 20;

  private final Disk disk;
  private final Path directory;
  private final Path incomplete;
  private final List<Manifest.Entry> written = new ArrayList<>();
  private @Nullable Closeable lock;
  private boolean ours;

  private Target(Disk disk, Path directory, Path incomplete) {
    this.disk = disk;
    this.directory = directory;
    this.incomplete = incomplete;
  }

  /// Begins one.
  ///
  /// @param place must not be there, or be an empty directory
  public static Target begin(Os os, Path place) throws BackupException {
    Path directory = place.toAbsolutePath().normalize();
    Path parent = directory.getParent();
    if (parent == null) {
      throw BackupException.refused(directory + " cannot be a backup: name a directory in it");
    }
    if (!os.disk().isDirectory(parent)) {
      throw BackupException.refused(
          "There is no directory "
              + parent
              + ": make it first, or mount the disk that it should be on");
    }
    Path incomplete = directory.resolveSibling(directory.getFileName() + INCOMPLETE);
    makeWay(os.disk(), directory);
    var target = new Target(os.disk(), directory, incomplete);
    try {
      target.begin();
      return target;
    } catch (BackupException e) {
      target.close();
      throw e;
    }
  }

  private static void makeWay(Disk disk, Path directory) throws BackupException {
    try {
      if (disk.identity(directory).isEmpty()) {
        return;
      }
      if (!disk.isDirectory(directory)) {
        throw BackupException.refused(directory + " is a file: name a new directory");
      }
      if (!disk.list(directory).isEmpty()) {
        throw BackupException.refused(
            directory
                + " is not empty: name a new directory, such as "
                + directory.resolve("today"));
      }
      disk.remove(directory);
    } catch (BackupException e) {
      throw e;
    } catch (IOException e) {
      // Such as a place where a disk is mounted, or one in a directory of somebody else.
      throw BackupException.refused(
          directory
              + " cannot be replaced by the backup ("
              + e.getMessage()
              + "): name a directory in it, such as "
              + directory.resolve("today"));
    }
  }

  private void begin() throws BackupException {
    try {
      refuseWhatIsNotOurs();
      disk.makeDirectory(incomplete);
      lock = disk.lock(incomplete.resolve(LOCK)).orElse(null);
      if (lock == null) {
        throw BackupException.refused(
            "Another backup is being written to " + incomplete + ": wait until it has ended");
      }
      ours = true;
      clear();
    } catch (BackupException e) {
      throw e;
    } catch (IOException e) {
      throw BackupException.failed(incomplete + " cannot be written", e);
    }
  }

  /// What is there is removed, so it must be what a backup of ours left.
  private void refuseWhatIsNotOurs() throws IOException {
    if (disk.isLink(incomplete)) {
      throw notOurs("it is a symbolic link");
    }
    if (disk.identity(incomplete).isEmpty()) {
      return;
    }
    if (!disk.isDirectory(incomplete)) {
      throw notOurs("it is a file");
    }
    String owner = disk.owner(incomplete);
    if (!owner.equals(disk.owner(OURSELVES))) {
      throw notOurs("it belongs to the user " + owner);
    }
    var entries = disk.list(incomplete);
    if (entries.stream().noneMatch(entry -> entry.endsWith(LOCK) || entry.endsWith(Manifest.FILE))
        && !entries.isEmpty()) {
      throw notOurs("it has " + entries.getFirst().getFileName() + ", and no " + LOCK);
    }
  }

  private BackupException notOurs(String why) {
    return BackupException.refused(
        "A backup is written to "
            + incomplete
            + " first, but what is there now was not left by one ("
            + why
            + "): move it away, or name another directory");
  }

  private void clear() throws IOException {
    for (Path left : disk.list(incomplete)) {
      if (!left.endsWith(LOCK)) {
        disk.remove(left);
      }
    }
  }

  /// Makes sure that there is room for so much.
  public void needs(long octets) throws BackupException {
    try {
      long usable = disk.usableBytes(incomplete);
      if (usable < octets + SPARE) {
        throw BackupException.failed(
            "The backup has "
                + megabytes(octets)
                + ", and "
                + megabytes(usable)
                + " are left on the disk of "
                + directory
                + ": make room, or name a directory on another disk");
      }
    } catch (BackupException e) {
      throw e;
    } catch (IOException e) {
      throw BackupException.failed(incomplete + " cannot be written", e);
    }
  }

  static String megabytes(long octets) {
    return (octets + (1 << 20) - 1 >> 20) + " MB";
  }

  /// Writes a file of the backup.
  ///
  /// @param content not closed
  void add(String name, InputStream content) throws IOException {
    if (!Manifest.isName(name)) {
      throw BackupException.failed("\"" + name + "\" is no name of a file of a backup");
    }
    Path file = incomplete.resolve(name);
    try {
      disk.makeDirectory(file.resolveSibling(""));
    } catch (IOException e) {
      throw unwritable(e);
    }
    written.add(copy(name, content, file));
  }

  private Manifest.Entry copy(String name, InputStream content, Path file) throws IOException {
    try (var out = new SafeOutput(file)) {
      return Copying.copy(content, out::write).entry(name);
    }
  }

  private BackupException unwritable(IOException e) {
    return BackupException.failed(incomplete + " cannot be written", e);
  }

  /// A file of the backup, whose failures are those of the target's disk.
  private final class SafeOutput implements Closeable {
    private final OutputStream out;

    SafeOutput(Path file) throws BackupException {
      try {
        out = disk.create(file);
      } catch (IOException e) {
        throw unwritable(e);
      }
    }

    void write(byte[] octets, int length) throws BackupException {
      try {
        out.write(octets, 0, length);
      } catch (IOException e) {
        throw unwritable(e);
      }
    }

    @Override
    public void close() throws BackupException {
      try {
        out.close();
      } catch (IOException e) {
        throw unwritable(e);
      }
    }
  }

  /// Writes all files of a directory that does not change, and finishes.
  public Manifest write(Inventory inventory, Manifest.About about, Os os) throws BackupException {
    needs(inventory.octets());
    for (var item : inventory.items()) {
      try (var in = os.disk().open(item.file())) {
        add(item.name(), in);
      } catch (BackupException e) {
        throw e;
      } catch (IOException e) {
        throw BackupException.failed(item.file() + " cannot be read", e);
      }
    }
    return finish(new Manifest(about, written));
  }

  /// Gives the backup its place.
  ///
  /// @param manifest what it has to have
  Manifest finish(Manifest manifest) throws BackupException {
    if (!manifest.files().equals(written)) {
      throw BackupException.failed(
          "What has arrived is not what was sent: run the backup again, and check the disk");
    }
    try {
      disk.replace(incomplete.resolve(Manifest.FILE), manifest.encode(), true);
      disk.move(incomplete, directory);
    } catch (IOException e) {
      throw unwritable(e);
    }
    ours = false;
    try {
      disk.remove(directory.resolve(LOCK)); // Not sooner: another backup would take the place.
    } catch (IOException _) {
      // It disturbs nobody.
    }
    return manifest;
  }

  /// Removes what is not finished.
  @Override
  public void close() {
    try {
      if (ours) {
        clear();
        disk.remove(incomplete);
      }
      if (lock != null) {
        lock.close();
      }
    } catch (IOException _) {
      // It stays, and is named as what it is; the next attempt removes it.
    }
  }
}
