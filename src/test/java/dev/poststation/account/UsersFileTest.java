package dev.poststation.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.account.UsersFile.UnusableException;
import dev.poststation.os.Os;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.PassingDisk;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The users file as it is changed by commands and by hand.
class UsersFileTest {
  private final MemoryDisk disk = new MemoryDisk();

  private UsersFile read() throws UnusableException {
    return UsersFile.read(disk, Sample.FILE);
  }

  private String text() throws Exception {
    return new String(disk.read(Sample.FILE), StandardCharsets.UTF_8);
  }

  @Test
  void aFileThatIsNotThereHasNoUsersAndBeginsWithWhatItIs() throws Exception {
    assertThat(read().users().all()).isEmpty();
    read().with(User.named("anna")).write(disk);
    assertThat(text()).startsWith("# The users of Poststation.").endsWith("\n\nuser anna\n");
    assertThat(disk.readableByOthers(Sample.FILE)).isFalse();
  }

  @Test
  void whatStandsOfOthersStaysAsItWasWritten() throws Exception {
    disk.with(
        "data/users",
        """
        # The office.
        user  anna
            # she is away until May
            own   anna@example.com
        # The workshop.
        user berta
        	own berta@example.com
        # end\
        """);

    read().with(read().users().find("Anna").orElseThrow().disabled(true)).write(disk);

    assertThat(text())
        .isEqualTo(
            """
            # The office.
            user anna
                # she is away until May
              disabled
              own anna@example.com
            # The workshop.
            user berta
            	own berta@example.com
            # end\
            """);
    read().with(User.named("carla")).write(disk);
    assertThat(text()).endsWith("# end\n\nuser carla\n");
    read().without(User.named("berta")).write(disk);
    assertThat(text()).contains("# The workshop.\n# end").doesNotContain("berta");
  }

  @Test
  void whatCannotBeReadIsToldWithTheRemedy() {
    disk.withForbidden("data/users");
    assertThatThrownBy(this::read)
        .hasMessage(
            "data/users: the users file may not be read by this user; give it to the user that runs"
                + " Poststation");
    disk.withReadable("data/open", "");
    assertThatThrownBy(() -> UsersFile.read(disk, Path.of("data/open")))
        .hasMessageContaining("can be read by others; run: chmod 600 data/open");
    var huge =
        new PassingDisk(disk) {
          @Override
          public long size(Path file) {
            return UsersFile.SIZE_MAX + 1;
          }
        };
    assertThatThrownBy(() -> UsersFile.read(huge, Sample.FILE)).hasMessageContaining("256 MB");
  }

  @Test
  void aRealFileIsForItsOwnerOnlyAndLockedWhileItIsChanged(@TempDir Path home) throws Exception {
    var real = Os.real().disk();
    Path file = home.resolve("users");
    UsersFile.read(real, file).with(User.named("anna")).write(real);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    try (var _ = UsersFile.lock(real, file).orElseThrow()) {
      assertThat(UsersFile.lock(real, file)).isEmpty();
    }
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThatThrownBy(() -> UsersFile.read(real, file)).hasMessageContaining("chmod 600");
  }

  @Test
  void aUserIsFoundWhereverHeStandsAndReplacedInHisPlace() throws Exception {
    UsersFile file = read();
    for (String name : List.of("anna", "berta", "carla")) {
      file = file.with(User.named(name));
    }
    file = file.with(User.named("BERTA").withOwn(List.of("b@example.com")));
    assertThat(file.users().all()).extracting(User::name).containsExactly("anna", "BERTA", "carla");
  }
}
