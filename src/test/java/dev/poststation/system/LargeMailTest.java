package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A mail is never in memory as a whole.
@Tag("peer")
final class LargeMailTest {
  private static final int LINES = 1_350_000;

  @TempDir private Path directory;

  @Test
  void aMailOf100MegabytesPassesWithAHeapOf128() throws IOException {
    Path mail = directory.resolve("large.eml");
    long checksum = write(mail);
    assertThat(Files.size(mail)).isGreaterThan(100L << 20);
    try (var sink = SmtpSinkPeer.start();
        var relay =
            RunningRelay.start(RunningRelay.towards(sink.port()), List.of(), List.of("-Xmx128m"))) {
      Program.run(
          List.of(
              Peers.program("curl"),
              "-sS",
              "--max-time",
              "55",
              "smtp://127.0.0.1:" + relay.port(),
              "--mail-from",
              "sender@here.test",
              "--mail-rcpt",
              "recipient@there.test",
              "-T",
              mail.toString()));

      Until.holds("sent", Duration.ofSeconds(60), () -> relay.log().contains("status=sent"));
      assertThat(checksumOfBody(sink.files().getFirst())).isEqualTo(checksum);
    }
  }

  /// Writes lines that differ and gives the checksum of the body with LF at the end of each.
  private static long write(Path file) throws IOException {
    var checksum = new CRC32();
    try (var out = Files.newBufferedWriter(file, StandardCharsets.US_ASCII)) {
      out.write("From: sender@here.test\r\nSubject: large\r\n\r\n");
      for (int i = 0; i < LINES; i++) {
        String line =
            "line %08d %s"
                .formatted(i, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghij");
        checksum.update((line + "\n").getBytes(StandardCharsets.US_ASCII));
        out.write(line);
        out.write("\r\n");
      }
    }
    return checksum.getValue();
  }

  private static long checksumOfBody(Path dump) throws IOException {
    var checksum = new CRC32();
    try (var in = Files.newBufferedReader(dump, StandardCharsets.US_ASCII)) {
      String line = in.readLine();
      while (!line.isEmpty()) {
        line = in.readLine();
      }
      for (line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        checksum.update((line + "\n").getBytes(StandardCharsets.US_ASCII));
      }
    }
    return checksum.getValue();
  }
}
