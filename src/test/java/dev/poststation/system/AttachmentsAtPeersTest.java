package dev.poststation.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Files that are not wanted, as swaks attaches them, and what Python's parser sees of the mail
/// that goes on without them.
@Tag("peer")
@Timeout(120)
final class AttachmentsAtPeersTest {
  private static final Path FILES = Path.of("src/test/resources/attachments").toAbsolutePath();

  private static final String READER =
      """
      import sys, email, email.policy
      mail = email.message_from_bytes(open(sys.argv[1], 'rb').read(), policy=email.policy.default)
      for part in mail.walk():
          if not part.is_multipart():
              print(part.get_content_type(), part.get_filename(), len(part.get_payload(decode=True)), len(part.defects))
          if part.get_content_type() == 'text/plain':
              print(part.get_content().strip())
      """;

  @TempDir Path directory;

  private static void send(RunningRelay relay, int exit, String... files) {
    List<String> command = new java.util.ArrayList<>();
    command.addAll(
        List.of(
            Peers.program("swaks"),
            "--server",
            "127.0.0.1:" + relay.port(),
            "--from",
            "a@here.test",
            "--to",
            "b@there.test"));
    for (String file : files) {
      command.addAll(List.of("--attach-name", file, "--attach", "@" + FILES.resolve(file)));
    }
    try (var swaks = Program.start(command)) {
      assertThat(swaks.awaitExit(Duration.ofSeconds(30))).isEqualTo(exit);
    }
  }

  @Test
  void aProgramIsRefusedAndADocumentWithMacrosGoesOnAsANotice() throws IOException {
    try (var sink = SmtpSinkPeer.start();
        var relay =
            RunningRelay.start(
                RunningRelay.towards(sink.port())
                    + """
                    content = [
                      { use = attachments, name = programs, types = ["application/x-msdownload"] }
                      { use = attachments, name = macros, macros = on, on-found = strip, notice = "Weg: {name}" }
                    ]
                    """)) {
      send(relay, 26, "nested.zip");
      relay.awaitLog(
          "event=content .* service=programs result=refused .*tool.exe.* is of type"
              + " application/x-msdownload, in .*program.zip.*, in .*nested.zip");
      send(relay, 0, "clean.pdf", "macros.docm", "clean.zip");
      relay.awaitLog("event=content .* service=macros result=changed .*removed: .*macros.docm");
      String mail = sink.awaitMails(1).getFirst();
      Path file = directory.resolve("arrived");
      Files.write(file, mail.replace("\n", "\r\n").getBytes(ISO_8859_1));
      var seen =
          Program.run(List.of(Peers.program("python3"), "-c", READER, file.toString()))
              .lines()
              .toList();
      assertThat(seen)
          .containsSubsequence(
              "application/octet-stream clean.pdf 69 0",
              "text/plain None 18 0",
              "Weg: macros.docm",
              "application/octet-stream clean.zip 174 0");
    }
  }
}
