package dev.poststation.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import dev.poststation.sim.PassingDisk;
import dev.poststation.sim.ServerLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of a log that is larger than `log.size-max`.
class LogFileTest {
  private static final int SIZE_MAX = 10;

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = directory.resolve("mail.log");
  }

  private static void write(LogFile log, String line) throws IOException {
    byte[] octets = line.getBytes(StandardCharsets.UTF_8);
    log.write(octets, 0, octets.length);
  }

  @Test
  void othersCannotReadIt() throws IOException {
    LogFile.open(Os.real().disk(), file, SIZE_MAX).close();
    assertThat(Files.getPosixFilePermissions(file))
        .doesNotContain(PosixFilePermission.OTHERS_READ, PosixFilePermission.GROUP_WRITE);
  }

  @Test
  void aFileThatIsTooLargeGivesWayAndTheOnesOfLogrotateStay() throws IOException {
    Path yesterday = Files.writeString(directory.resolve("mail.log.1"), "of yesterday");
    try (var log = LogFile.open(Os.real().disk(), file, SIZE_MAX)) {
      write(log, "line 1\n");
      write(log, "line 2\n");
      assertThat(directory.resolve("mail.log.full")).hasContent("line 1\n");
      write(log, "line 3\n");
    }
    assertThat(file).hasContent("line 3\n");
    assertThat(directory.resolve("mail.log.full")).hasContent("line 2\n");
    assertThat(yesterday).hasContent("of yesterday");
  }

  @Test
  void aFloodOfLinesFillsTwoFilesAndNotTheDisk() throws IOException {
    int most = 100_000;
    byte[] lines = ("x".repeat(99) + "\n").repeat(70).getBytes(StandardCharsets.US_ASCII);
    try (var log = LogFile.open(Os.real().disk(), file, most)) {
      for (int i = 0; i < 1000; i++) {
        log.write(lines, 0, lines.length);
        log.follow();
      }
    }
    try (var files = Files.list(directory)) {
      assertThat(files.map(each -> each.getFileName().toString()))
          .containsExactlyInAnyOrder("mail.log", "mail.log.full");
    }
    assertThat(Files.size(file)).isBetween(1L, (long) most);
    assertThat(Files.size(directory.resolve("mail.log.full"))).isBetween(most / 2L, (long) most);
  }

  /// As in a directory that belongs to another user.
  @Test
  void aFileThatCannotGiveWayIsWrittenOnAndThatIsSaidOnce() throws IOException {
    boolean[] allowed = {false};
    Disk disk =
        new PassingDisk(Os.real().disk()) {
          @Override
          public void move(Path from, Path to) throws IOException {
            if (!allowed[0]) {
              throw new AccessDeniedException(from.toString());
            }
            super.move(from, to);
          }
        };
    var said = ServerLog.of(LogFile.class);
    try (var log = LogFile.open(disk, file, SIZE_MAX)) {
      for (int i = 1; i <= 3; i++) {
        write(log, "line " + i + "\n");
      }
      assertThat(file).hasContent("line 1\nline 2\nline 3\n");
      assertThat(said.lines())
          .singleElement()
          .asString()
          .contains(file + " is larger than log.size-max", "AccessDenied");

      allowed[0] = true;
      write(log, "line 4\n");
      assertThat(file).hasContent("line 4\n");
    } finally {
      said.end();
    }
  }
}
