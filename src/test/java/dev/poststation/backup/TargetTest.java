package dev.poststation.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import dev.poststation.sim.PassingDisk;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How a backup is written, and what may come in between.
class TargetTest {
  @TempDir Path home;
  private Path data = Path.of("");
  private Path place = Path.of("");

  @BeforeEach
  void fill() throws IOException {
    data = Sample.data(home.resolve("data"));
    place = home.resolve("backup");
  }

  @Test
  void aBackupHasWhatARestoreNeedsAndNothingElse() throws IOException {
    var made = Sample.backup(data, place);

    var files = Sample.files(place);
    assertThat(files)
        .containsOnlyKeys(
            "backup.json",
            "admin.token",
            "journal.secret",
            "spool/000012.sst",
            "spool/000013.log",
            "spool/CURRENT");
    assertThat(files).containsEntry("spool/000013.log", "the log");
    assertThat(files.get("backup.json"))
        .contains("\"made\" : \"2026-11-24T10:00:00.123Z\"")
        .contains("\"name\" : \"spool/000012.sst\"")
        .contains("\"octets\" : 200000")
        .doesNotContain("mails");
    assertThat(Manifest.decode(files.get("backup.json").getBytes())).isEqualTo(made);
    assertThat(home.resolve("backup.incomplete")).doesNotExist();
  }

  @Test
  void onlyItsOwnerCanReadABackup() throws IOException {
    Sample.backup(data, place);
    try (var all = Files.walk(place)) {
      for (Path file : all.toList()) {
        String mode = Files.isDirectory(file) ? "rwx------" : "rw-------";
        assertThat(Files.getPosixFilePermissions(file))
            .as(file.toString())
            .isEqualTo(PosixFilePermissions.fromString(mode));
      }
    }
  }

  @Test
  void anEmptyDirectoryIsReplaced() throws IOException {
    Files.createDirectory(place);
    Sample.backup(data, place);
    assertThat(place.resolve(Manifest.FILE)).exists();
  }

  @Test
  void whatIsThereAlreadyIsNeverTouched() throws IOException {
    Sample.backup(data, place);
    var before = Sample.files(place);
    assertRefused(place, "backup is not empty: name a new directory, such as ");
    assertThat(Sample.files(place)).isEqualTo(before);
    assertRefused(place.resolve(Manifest.FILE), "backup.json is a file: name a new directory");
  }

  @Test
  void aDirectoryThatIsMissingAboveIsNotMade() {
    assertRefused(home.resolve("disk/backup"), "There is no directory " + home.resolve("disk"));
    assertThat(home.resolve("disk")).doesNotExist();
    assertRefused(Path.of("/"), "/ cannot be a backup");
  }

  private void assertRefused(Path where, String said) {
    assertThatThrownBy(() -> Sample.backup(data, where))
        .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.refused()).isTrue())
        .hasMessageContaining(said);
  }

  @Test
  void whatAKilledBackupLeftIsReplaced() throws IOException {
    Path left = Files.createDirectories(home.resolve("backup.incomplete/spool"));
    Files.writeString(left.resolve("000001.sst"), "of yesterday");
    Files.createFile(home.resolve("backup.incomplete/backup.lock"));
    Sample.backup(data, place);
    assertThat(place.resolve("spool/000001.sst")).doesNotExist();
    assertThat(home.resolve("backup.incomplete")).doesNotExist();
  }

  @Test
  void whatABackupLeftThatWasKilledAtItsVeryBeginningOrEndIsReplaced() throws IOException {
    Files.createDirectory(home.resolve("backup.incomplete"));
    Path whole = Files.createDirectory(home.resolve("other.incomplete"));
    Files.writeString(whole.resolve(Manifest.FILE), "{}");
    Sample.backup(data, place);
    Sample.backup(data, home.resolve("other"));
    assertThat(place.resolve(Manifest.FILE)).exists();
    assertThat(home.resolve("other").resolve(Manifest.FILE)).exists();
  }

  /// Whose name only happens to be that of an unfinished backup.
  @Test
  void whatNoBackupLeftIsNeverRemoved() throws IOException {
    Path photos = Files.createDirectories(home.resolve("backup.incomplete/sub"));
    Files.writeString(photos.resolve("mine.jpg"), "x");
    assertRefused(place, "was not left by one (it has sub, and no backup.lock): move it away");
    assertThat(photos.resolve("mine.jpg")).exists();
    assertThat(home.resolve("backup.incomplete")).isDirectoryContaining("glob:**/sub");
    assertThat(place).doesNotExist();

    Files.writeString(home.resolve("other.incomplete"), "x");
    assertRefused(home.resolve("other"), "(it is a file)");
    assertThat(home.resolve("other.incomplete")).hasContent("x");
  }

  @Test
  void nothingIsRemovedThroughASymbolicLink() throws IOException {
    Path real = Files.createDirectory(home.resolve("real"));
    Files.writeString(real.resolve("mine.txt"), "x");
    Files.createFile(real.resolve("backup.lock"));
    Files.createSymbolicLink(home.resolve("backup.incomplete"), real);
    assertRefused(place, "(it is a symbolic link)");
    assertThat(real.resolve("mine.txt")).exists();
    assertThat(real.resolve("backup.lock")).exists();
  }

  @Test
  void whatBelongsToAnotherUserIsNotRemoved() throws IOException {
    Path left = Files.createDirectory(home.resolve("backup.incomplete"));
    Files.createFile(left.resolve("backup.lock"));
    var real = Os.real();
    var disk =
        new PassingDisk(real.disk()) {
          @Override
          public String owner(Path path) throws IOException {
            return path.equals(left) ? "bert" : super.owner(path);
          }
        };
    var os = new Os(real.time(), real.network(), real.tasks(), real.chance(), disk);
    assertThatThrownBy(() -> Target.begin(os, place))
        .hasMessageContaining("(it belongs to the user bert)");
    assertThat(left.resolve("backup.lock")).exists();
  }

  @Test
  void twoBackupsToOnePlaceDoNotDisturbEachOther() throws IOException {
    try (var first = Target.begin(Os.real(), place)) {
      assertRefused(place, "Another backup is being written to ");
      first.write(Sample.inventory(data), Sample.ABOUT, Os.real());
    }
    assertThat(place.resolve(Manifest.FILE)).exists();
  }

  @Test
  void withoutRoomNothingIsWritten() {
    assertFails(
        new PassingDisk(Os.real().disk()) {
          @Override
          public long usableBytes(Path path) {
            return 1_100_000;
          }
        },
        "The backup has 1 MB, and 2 MB are left on the disk of " + place + ": make room");
  }

  @Test
  void aDiskThatFailsLeavesNoBackup() {
    var written = new AtomicInteger();
    assertFails(
        new PassingDisk(Os.real().disk()) {
          @Override
          public OutputStream create(Path file) throws IOException {
            return new FilterOutputStream(super.create(file)) {
              @Override
              public void write(byte[] octets, int offset, int length) throws IOException {
                if (written.addAndGet(length) > 150_000) {
                  throw new IOException("No space left on device");
                }
                out.write(octets, offset, length);
              }
            };
          }
        },
        "backup.incomplete cannot be written: No space left on device");
  }

  @Test
  void aSyncThatFailsLeavesNoBackup() {
    assertFails(
        new PassingDisk(Os.real().disk()) {
          @Override
          public OutputStream create(Path file) throws IOException {
            return new FilterOutputStream(super.create(file)) {
              @Override
              public void close() throws IOException {
                out.close();
                throw new IOException("Input/output error");
              }
            };
          }
        },
        "backup.incomplete cannot be written: Input/output error");
  }

  private void assertFails(Disk disk, String said) {
    var real = Os.real();
    var os = new Os(real.time(), real.network(), real.tasks(), real.chance(), disk);
    assertThatThrownBy(
            () -> {
              try (var target = Target.begin(os, place)) {
                target.write(Sample.inventory(data), Sample.ABOUT, os);
              }
            })
        .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.refused()).isFalse())
        .hasMessageContaining(said);
    assertThat(place).doesNotExist();
    assertThat(home.resolve("backup.incomplete")).doesNotExist();
  }

  @Test
  void aFileThatCannotBeReadIsNamed() throws IOException {
    Path file = data.resolve("spool/000012.sst");
    var inventory = Sample.inventory(data);
    Files.delete(file);
    assertThatThrownBy(
            () -> {
              try (var target = Target.begin(Os.real(), place)) {
                target.write(inventory, Sample.ABOUT, Os.real());
              }
            })
        .hasMessageStartingWith(file + " cannot be read: ");
    assertThat(place).doesNotExist();
  }
}
