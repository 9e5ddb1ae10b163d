package dev.poststation.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OthersTest {
  private final Disk disk = Os.real().disk();

  @TempDir private Path directory;

  private static Others of(String owner, String group, String mode) {
    return new Others(owner, group, Integer.parseInt(mode, 8));
  }

  @Test
  void theDiskGivesOwnerGroupAndMode() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r---w-"));

    var others = disk.others(file);

    assertThat(others.mode()).isEqualTo(0642);
    assertThat(others.owner()).isEqualTo(disk.owner(file));
    assertThat(others.group()).isNotEmpty();
    assertThat(disk.readableByOthers(file)).isTrue();
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThat(disk.readableByOthers(file)).isFalse();
  }

  @Test
  void aLinkIsAsOpenAsTheFileToWhichItLeads() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);

    assertThat(disk.others(link).mode()).isEqualTo(0600);
  }

  @Test
  void aDirectoryHasItsStickyBit() throws IOException {
    assertThat(disk.others(Path.of("/tmp")).mode()).isEqualTo(01777);
  }

  @Test
  void nothingIsSaidOfWhatIsNotThere() {
    assertThatThrownBy(() -> disk.others(directory.resolve("none")))
        .isInstanceOf(NoSuchFileException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "root,  root,  0600, false, false, false",
    "root,  root,  0640, true,  false, false",
    "root,  staff, 0640, true,  true,  false",
    "relay, relay, 0640, true,  true,  false",
    "root,  root,  0604, true,  true,  false",
    "root,  root,  0602, false, false, true",
    "root,  root,  0660, true,  false, false",
    "root,  0,     0660, true,  false, false",
    "root,  staff, 0620, false, false, true",
    "relay, relay, 0660, true,  true,  false",
  })
  void whatTheModeMeansDependsOnTheGroup(
      String owner,
      String group,
      String mode,
      boolean readable,
      boolean readableBesideRoot,
      boolean writable) {
    var others = of(owner, group, mode);

    assertThat(others.canRead()).isEqualTo(readable);
    assertThat(others.canReadBesideRoot()).isEqualTo(readableBesideRoot);
    assertThat(others.canWrite()).isEqualTo(writable);
  }

  @Test
  void inADirectoryWithTheStickyBitNobodyReplacesWhatIsNotHis() {
    assertThat(of("root", "root", "1777").canReplace()).isFalse();
    assertThat(of("root", "root", "0777").canReplace()).isTrue();
    assertThat(of("root", "staff", "0775").canReplace()).isTrue();
    assertThat(of("relay", "relay", "0775").canReplace()).isFalse();
  }

  @Test
  void theModeIsShownAsChmodTakesIt() {
    assertThat(of("root", "staff", "0664")).hasToString("mode 0664, group staff");
    assertThat(of("root", "root", "1777")).hasToString("mode 1777, group root");
  }
}
