package dev.poststation.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogFileTest {
  private static final int MOST = 100_000;

  @TempDir private Path directory;

  @Test
  void aFloodOfLinesFillsTwoFilesAndNotTheDisk() throws IOException {
    Path path = directory.resolve("mail.log");
    byte[] lines = ("x".repeat(99) + "\n").repeat(70).getBytes(StandardCharsets.US_ASCII);
    try (var file = LogFile.open(Os.real().disk(), path, MOST)) {
      for (int i = 0; i < 1000; i++) {
        file.write(lines, 0, lines.length);
        file.follow();
      }
    }
    try (var files = Files.list(directory)) {
      assertThat(files.map(each -> each.getFileName().toString()))
          .containsExactlyInAnyOrder("mail.log", "mail.log.1");
    }
    assertThat(Files.size(path)).isBetween(1L, (long) MOST);
    assertThat(Files.size(directory.resolve("mail.log.1"))).isBetween(MOST / 2L, (long) MOST);
  }
}
