package dev.poststation.backup;

import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import dev.poststation.spool.DataDirectory;
import dev.poststation.spool.Format;
import dev.poststation.spool.SpoolException;
import dev.poststation.store.Learned;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Brings a backup back into an empty `data` directory. All is copied and compared beside its place
/// first; what was killed half-way is repeated. Confined to one thread.
public final class Restore {
  /// What may be there already: what each start makes anew, and what comes with a file system.
  private static final Set<String> HARMLESS =
      Set.of(DataDirectory.LOCK, DataDirectory.NATIVE, "admin.address", "lost+found");

  /// What gets its place, in this order, if the backup has it: an older one has nothing learned.
  /// The spool comes last: until then a relay refuses to start, and all can be repeated.
  private static final List<String> GIVEN =
      Stream.of(
              Learned.FILES,
              Inventory.BESIDE,
              List.of(Inventory.KEYS),
              Inventory.SEALS.keySet().stream().sorted().toList(),
              List.of(Format.FILE, DataDirectory.SPOOL))
          .flatMap(List::stream)
          .toList();

  /// What a restore that was killed may have left; only beside `restoring`.
  private static final Set<String> OURS =
      Stream.concat(Stream.of(DataDirectory.RESTORING), GIVEN.stream())
          .collect(Collectors.toUnmodifiableSet());

  private final Os os;
  private final Disk disk;
  private final Path backup;
  private final Manifest manifest;

  private Restore(Os os, Path backup, Manifest manifest) {
    this.os = os;
    this.disk = os.disk();
    this.backup = backup;
    this.manifest = manifest;
  }

  /// Something to do with what was copied before it gets its place.
  public interface Step {
    /// Does it in this directory, which is as `data` will be.
    void in(Path directory) throws BackupException, SpoolException;
  }

  /// Looks at a backup: whether it is one, whole, and of a format that this program knows.
  public static Restore of(Os os, Path place) throws BackupException {
    Path backup = place.toAbsolutePath().normalize();
    if (!os.disk().isDirectory(backup)) {
      throw BackupException.refused("There is no directory " + backup);
    }
    var restore = new Restore(os, backup, manifest(os.disk(), backup));
    restore.lookForFiles();
    return restore;
  }

  private static Manifest manifest(Disk disk, Path backup) throws BackupException {
    Path file = backup.resolve(Manifest.FILE);
    byte[] text;
    try {
      if (disk.identity(file).isEmpty()) {
        throw BackupException.refused(
            backup
                + " is no backup, or not a whole one, for it has no file "
                + Manifest.FILE
                + ": name a directory that poststation backup has made");
      }
      text = disk.read(file);
    } catch (BackupException e) {
      throw e;
    } catch (IOException e) {
      throw BackupException.failed(file + " cannot be read", e);
    }
    try {
      var manifest = Manifest.decode(text);
      Format.check(manifest.about().format(), "The backup in " + backup);
      return manifest;
    } catch (SpoolException e) {
      throw BackupException.refused(e);
    } catch (IOException e) {
      throw BackupException.failed("The file " + file + " is damaged", e);
    }
  }

  private void lookForFiles() throws BackupException {
    List<String> wrong = new ArrayList<>();
    for (var entry : manifest.files()) {
      Path file = backup.resolve(entry.name());
      try {
        if (disk.identity(file).isEmpty()) {
          wrong.add(entry.name() + " is missing");
        } else if (disk.size(file) != entry.octets()) {
          wrong.add(entry.name() + " has " + disk.size(file) + " octets of " + entry.octets());
        }
      } catch (IOException e) {
        throw BackupException.failed(file + " cannot be read", e);
      }
    }
    if (!wrong.isEmpty()) {
      throw BackupException.failed(
          "The backup in "
              + backup
              + " is not whole: "
              + wrong.getFirst()
              + (wrong.size() > 1 ? ", and so are " + (wrong.size() - 1) + " other files" : "")
              + "; take another one");
    }
  }

  /// What the backup is.
  public Manifest manifest() {
    return manifest;
  }

  /// Restores it.
  ///
  /// @param data is made if it is not there
  /// @param step is done before it gets its place
  public void into(Path data, Step step) throws BackupException {
    refuseIfUsed(data);
    try (var _ = claim(data)) {
      refuseIfFull(data);
      Path restoring = data.resolve(DataDirectory.RESTORING);
      try {
        disk.remove(restoring);
        makeRoom(data);
        copyTo(restoring);
        step.in(restoring);
        give(restoring, data);
      } catch (BackupException | SpoolException e) {
        removeQuietly(restoring);
        throw e instanceof BackupException ours ? ours : BackupException.refused(e);
      } catch (IOException e) {
        removeQuietly(restoring);
        throw BackupException.failed(data + " cannot be written", e);
      }
    }
  }

  private DataDirectory claim(Path data) throws BackupException {
    try {
      return DataDirectory.claimIfFree(os, data).orElseThrow(() -> used(data));
    } catch (SpoolException e) {
      throw BackupException.refused(e);
    }
  }

  private static BackupException used(Path data) {
    return BackupException.refused(
        "A relay runs on "
            + data
            + ", or another command works on it: stop it, and move what is in "
            + data
            + " to another directory");
  }

  /// Before anything is made.
  private void refuseIfUsed(Path data) throws BackupException {
    Path lock = data.resolve(DataDirectory.LOCK);
    try {
      if (disk.identity(lock).isPresent()) {
        disk.lock(lock).orElseThrow(() -> used(data)).close();
      }
    } catch (BackupException e) {
      throw e;
    } catch (IOException e) {
      throw BackupException.failed(lock + " cannot be opened", e);
    }
    refuseIfFull(data);
  }

  private void refuseIfFull(Path data) throws BackupException {
    List<String> names = new ArrayList<>();
    try {
      for (Path entry : disk.list(data)) {
        names.add(entry.getFileName().toString());
      }
    } catch (IOException e) {
      throw BackupException.failed(data + " cannot be read", e);
    }
    boolean again = names.contains(DataDirectory.RESTORING) && !names.contains(DataDirectory.SPOOL);
    names.removeIf(
        name -> name.startsWith(".") || HARMLESS.contains(name) || again && OURS.contains(name));
    if (!names.isEmpty()) {
      throw BackupException.refused(
          "The directory "
              + data
              + " is not empty: it has "
              + String.join(", ", names.subList(0, Math.min(3, names.size())))
              + (names.size() > 3 ? " and more" : "")
              + ". Move all that is in it to another directory, for the mail there would be lost"
              + " otherwise, and restore again");
    }
  }

  private void makeRoom(Path data) throws IOException {
    long needed = manifest.octets();
    long usable = disk.usableBytes(data);
    if (usable < needed) {
      throw BackupException.failed(
          "The backup has "
              + Target.megabytes(needed)
              + ", and "
              + Target.megabytes(usable)
              + " are left on the disk of "
              + data
              + ": make room");
    }
  }

  private void copyTo(Path restoring) throws IOException {
    disk.makeDirectory(restoring);
    for (var entry : manifest.files()) {
      Path file = restoring.resolve(entry.name());
      disk.makeDirectory(file.resolveSibling(""));
      Manifest.Entry copied;
      try (var in = disk.open(backup.resolve(entry.name()));
          var out = disk.create(file)) {
        copied = Copying.copy(in, out).entry(entry.name());
      }
      if (!copied.equals(entry)) {
        throw BackupException.failed(
            "The backup in "
                + backup
                + " is damaged: "
                + entry.name()
                + " is not what was written; take another one");
      }
    }
    byte[] format = (manifest.about().format() + "\n").getBytes(StandardCharsets.US_ASCII);
    disk.replace(restoring.resolve(Format.FILE), format, true);
  }

  private void give(Path restoring, Path data) throws IOException {
    for (String name : GIVEN) {
      if (disk.identity(restoring.resolve(name)).isPresent()) {
        disk.move(restoring.resolve(name), data.resolve(name));
      }
    }
    disk.remove(restoring);
  }

  private void removeQuietly(Path restoring) {
    try {
      disk.remove(restoring);
    } catch (IOException _) {
      // The next attempt does it.
    }
  }

  /// The user to whom the directory belongs, when what was restored belongs to another one; else
  /// empty.
  public Optional<String> otherOwner(Path data) throws BackupException {
    try {
      String owner = disk.owner(data);
      return owner.equals(disk.owner(data.resolve(DataDirectory.SPOOL)))
          ? Optional.empty()
          : Optional.of(owner);
    } catch (IOException e) {
      throw BackupException.failed(data + " cannot be read", e);
    }
  }
}
