package dev.poststation.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import dev.poststation.sim.PassingDisk;
import dev.poststation.spool.DataDirectory;
import dev.poststation.spool.Format;
import dev.poststation.store.Learned;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// How a backup is brought back, and when it is not.
class RestoreTest {
  private static final Restore.Step NOTHING = _ -> {};

  @TempDir Path home;
  private Path backup = Path.of("");
  private Path data = Path.of("");

  @BeforeEach
  void make() throws IOException {
    backup = home.resolve("backup");
    Sample.backup(Sample.data(home.resolve("former")), backup);
    data = home.resolve("data");
  }

  private void restore() throws BackupException {
    Restore.of(Os.real(), backup).into(data, NOTHING);
  }

  private void assertRestored() throws IOException {
    assertThat(Sample.files(data))
        .containsOnlyKeys(
            "lock",
            "admin.token",
            "journal.secret",
            "spool.format",
            "spool/000012.sst",
            "spool/000013.log",
            "spool/CURRENT")
        .containsEntry("spool/000013.log", "the log")
        .containsEntry("spool.format", "1\n")
        .containsEntry("admin.token", "secret\n");
    assertThat(data.resolve(DataDirectory.RESTORING)).doesNotExist();
  }

  @Test
  void refreshTokensComeBackToo() throws IOException {
    Path former = Sample.data(home.resolve("with-tokens"));
    Files.writeString(former.resolve("oauth.tokens"), "refresh\n");
    backup = home.resolve("backup-with-tokens");
    Sample.backup(former, backup);
    restore();
    assertThat(data.resolve("oauth.tokens")).hasContent("refresh\n");
    assertThat(Files.getPosixFilePermissions(data.resolve("oauth.tokens")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void keysThatSignMailComeBackToo() throws IOException {
    Path former = Sample.data(home.resolve("with-keys"));
    Files.createDirectories(former.resolve("dkim/example.com"));
    Files.writeString(former.resolve("dkim/example.com/keys"), "poststation-dkim 1\n");
    Files.writeString(former.resolve("dkim/example.com/s1.pem"), "key\n");
    Files.writeString(former.resolve("dkim/example.com/lock"), "");
    backup = home.resolve("backup-with-keys");
    Sample.backup(former, backup);
    restore();
    assertThat(data.resolve("dkim/example.com/s1.pem")).hasContent("key\n");
    assertThat(Files.getPosixFilePermissions(data.resolve("dkim/example.com/s1.pem")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(data.resolve("dkim/example.com/keys")).exists();
    assertThat(data.resolve("dkim/example.com/lock")).doesNotExist();
  }

  @Test
  void aBackupComesBackForItsOwnerOnly() throws IOException {
    restore();
    assertRestored();
    for (String name : new String[] {"admin.token", "spool/000012.sst"}) {
      assertThat(Files.getPosixFilePermissions(data.resolve(name)))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
    assertThat(Files.getPosixFilePermissions(data.resolve("spool")))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    assertThat(Restore.of(Os.real(), backup).otherOwner(data)).isEmpty();
  }

  @Test
  void whatTheRelayHasLearnedComesBackToo() throws IOException {
    Path former = home.resolve("former");
    for (String name : Learned.FILES) {
      Files.writeString(former.resolve(name), "of " + name + "\n");
    }
    Files.writeString(former.resolve("outbreaks.damaged-20261124-100000"), "for people");
    Files.writeString(former.resolve("users"), "secret");
    backup = home.resolve("second");
    Sample.backup(former, backup);
    Files.createDirectories(data.resolve("restoring"));
    Files.writeString(data.resolve("profiles"), "of a restore that was killed");
    restore();
    var files = Sample.files(data);
    for (String name : Learned.FILES) {
      assertThat(files).containsEntry(name, "of " + name + "\n");
    }
    assertThat(files).doesNotContainKeys("users", "outbreaks.damaged-20261124-100000");
  }

  /// A relay that runs replaces it meanwhile.
  @Test
  void whatIsLearnedWhileItIsCopiedIsInTheBackupAsItWas() throws IOException {
    Path profiles = home.resolve("former/profiles");
    Files.writeString(profiles, "before\n");
    var real = Os.real();
    var disk =
        new PassingDisk(real.disk()) {
          @Override
          public InputStream open(Path file) throws IOException {
            var opened = super.open(file);
            if (file.equals(profiles)) {
              replace(profiles, "longer than before\n".getBytes(StandardCharsets.UTF_8), true);
            }
            return opened;
          }
        };
    var os = new Os(real.time(), real.network(), real.tasks(), real.chance(), disk);
    backup = home.resolve("second");
    try (var target = Target.begin(os, backup)) {
      target.write(Sample.inventory(home.resolve("former")), Sample.ABOUT, os);
    }
    assertThat(profiles).hasContent("longer than before");
    restore();
    assertThat(Sample.files(data)).containsEntry("profiles", "before\n");
  }

  @Test
  void whatEachStartMakesAnewIsNotInTheWay() throws IOException {
    Files.createDirectories(data.resolve("native"));
    Files.createDirectories(data.resolve("lost+found"));
    for (String name : new String[] {"lock", "admin.address", ".profile"}) {
      Files.writeString(data.resolve(name), "");
    }
    restore();
    assertThat(data.resolve("spool/CURRENT")).exists();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"spool", "admin.token", "spool.format", "damaged-20261124-100000", "important"})
  void nothingIsRestoredOverWhatIsThere(String name) throws IOException {
    Files.createDirectories(data.resolve(name));
    assertRefused("The directory " + data + " is not empty: it has " + name + ". Move all");
    try (var all = Files.list(data)) {
      assertThat(all).containsExactly(data.resolve(name));
    }
  }

  @Test
  void nothingIsRestoredUnderARunningRelay() throws Exception {
    try (var _ = DataDirectory.claim(Os.real(), data)) {
      assertRefused("A relay runs on " + data);
    }
    restore();
    assertRestored();
  }

  private void assertRefused(String said) {
    assertThatThrownBy(this::restore)
        .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.refused()).isTrue())
        .hasMessageContaining(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "spool/000013.log | missing | is not whole: spool/000013.log is missing",
        "spool/000012.sst | short   | is not whole: spool/000012.sst has 10 octets of 200000",
        "spool/CURRENT    | changed | is damaged: spool/CURRENT is not what was written",
        "backup.json      | short   | backup.json is damaged: it is cut off or was changed",
        "backup.json      | names   | backup.json is damaged: \"../evil\" is no name"
      })
  void aDamagedBackupIsNotRestored(String name, String damage, String said) throws IOException {
    Path file = backup.resolve(name);
    byte[] content = Files.readAllBytes(file);
    switch (damage) {
      case "missing" -> Files.delete(file);
      case "short" -> Files.write(file, java.util.Arrays.copyOf(content, 10));
      case "changed" -> {
        content[3] ^= 1;
        Files.write(file, content);
      }
      default -> Files.writeString(file, text(content).replace("spool/CURRENT", "../evil"));
    }
    assertThatThrownBy(this::restore)
        .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.refused()).isFalse())
        .hasMessageContaining(said);
    assertNothingIsLeft();
  }

  private static String text(byte[] content) {
    return new String(content, StandardCharsets.UTF_8);
  }

  private void assertNothingIsLeft() throws IOException {
    if (Files.exists(data)) {
      assertThat(Sample.files(data).keySet()).isSubsetOf("lock");
      assertThat(data.resolve(DataDirectory.RESTORING)).doesNotExist();
    }
  }

  @Test
  void whatIsNoBackupIsSaidToBeNone() throws IOException {
    backup = home.resolve("former");
    assertRefused(backup + " is no backup, or not a whole one, for it has no file backup.json");
    backup = home.resolve("nowhere");
    assertRefused("There is no directory " + backup);
    assertThat(data).doesNotExist();
  }

  @Test
  void aBackupOfANewerFormatIsLeftToTheProgramThatKnowsIt() throws IOException {
    Path manifest = backup.resolve(Manifest.FILE);
    Files.writeString(
        manifest, Files.readString(manifest).replace("\"format\" : 1", "\"format\" : 99"));
    assertRefused(
        "The backup in "
            + backup
            + " has format 99, which this program does not know (it knows 1 to "
            + Format.KNOWN
            + ")");
    assertThat(data).doesNotExist();
  }

  @Test
  void whatAKilledRestoreLeftIsReplaced() throws IOException {
    Files.createDirectories(data.resolve("restoring/spool"));
    Files.writeString(data.resolve("restoring/spool/000001.sst"), "half");
    Files.writeString(data.resolve("admin.token"), "secret\n");
    Files.writeString(data.resolve("spool.format"), "1\n");
    restore();
    assertRestored();
  }

  @Test
  void aDiskThatIsTooSmallIsSaidBefore() throws IOException {
    assertFails(
        new PassingDisk(Os.real().disk()) {
          @Override
          public long usableBytes(Path path) {
            return 100_000;
          }
        },
        "The backup has 1 MB, and 1 MB are left on the disk of " + data);
  }

  @Test
  void aDiskThatFailsAtTheLastMomentLeavesNothing() throws IOException {
    assertFails(
        new PassingDisk(Os.real().disk()) {
          @Override
          public void replace(Path file, byte[] content, boolean ownerOnly) throws IOException {
            throw new IOException("No space left on device");
          }
        },
        data + " cannot be written: No space left on device");
  }

  private void assertFails(Disk disk, String said) throws IOException {
    var real = Os.real();
    var os = new Os(real.time(), real.network(), real.tasks(), real.chance(), disk);
    assertThatThrownBy(() -> Restore.of(os, backup).into(data, NOTHING))
        .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.refused()).isFalse())
        .hasMessageContaining(said);
    assertNothingIsLeft();
    restore();
    assertRestored();
  }
}
