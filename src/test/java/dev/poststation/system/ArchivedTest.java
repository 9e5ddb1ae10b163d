package dev.poststation.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Mail that the packed relay archives in files: over a kill, a full disk, and hands that do not
/// belong there.
@Tag("peer")
@Timeout(240)
final class ArchivedTest {
  @TempDir Path directory;

  private static int send(RunningRelay relay, String subject, String... more) {
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            Peers.program("swaks"),
            "--server",
            "127.0.0.1:" + relay.port(),
            "--from",
            "a@here.test",
            "--to",
            "b@there.test,hidden@there.test",
            "--h-To",
            "b@there.test",
            "--h-Subject",
            subject));
    command.addAll(List.of(more));
    try (var swaks = Program.start(command)) {
      return swaks.awaitExit(Duration.ofSeconds(60));
    }
  }

  private static String archive(Path where, String more) {
    return """
    own-domains = ["here.test"]
    content = [
      { use = archive, to = files, directory = "%s", retry-after = "1 s" %s }
      { use = header, add = ["X-Behind: the archive"] }
    ]
    """
        .formatted(where, more);
  }

  private static Ran verify(Path where) {
    return Ran.command("archive", "verify", where.toString());
  }

  private static List<Path> files(Path where, String ending) throws IOException {
    try (var all = Files.walk(where)) {
      return all.filter(file -> file.toString().endsWith(ending))
          .filter(file -> file.getParent().getFileName().toString().startsWith("20"))
          .sorted()
          .toList();
    }
  }

  @Test
  void whatWasAcknowledgedIsInTheArchiveAlsoOverAKill() throws IOException {
    Path where = directory.resolve("archive");
    try (var sink = SmtpSinkPeer.start();
        var relay = RunningRelay.start(RunningRelay.towards(sink.port()) + archive(where, ""))) {
      assertThat(send(relay, "eins")).isZero();
      assertThat(send(relay, "zwei")).isZero();
      relay.awaitLog("event=content .*service=archive .*archived in .* as entry 2, behind");
      assertThat(relay.metric("poststation_archive_last_entry{directory=\"" + where + "\"}"))
          .isEqualTo(2);
      relay.kill();
      relay.restart();
      assertThat(send(relay, "drei")).isZero();

      var json = new ObjectMapper().readTree(Files.readString(files(where, ".json").getLast()));
      assertThat(json.path("entry").asInt()).isEqualTo(3);
      assertThat(json.path("sender").asText()).isEqualTo("a@here.test");
      assertThat(json.path("recipients")).hasSize(2);
      assertThat(json.path("unnamed").toString()).isEqualTo("[\"hidden@there.test\"]");
      assertThat(json.path("direction").asText()).isEqualTo("outbound");
      assertThat(json.path("subject").asText()).isEqualTo("drei");
      String mail = Files.readString(files(where, ".eml").getLast(), ISO_8859_1);
      assertThat(mail).contains("Subject: drei").doesNotContain("X-Behind");
      String sunk = sink.awaitMails(3).getLast();
      assertThat(sunk).contains("X-Behind: the archive");
      assertThat(verify(where).exit()).isZero();
    }

    Path taken = files(where, ".eml").get(1);
    String was = Files.readString(taken, ISO_8859_1);
    Files.writeString(taken, was.replace("zwei", "neun"), ISO_8859_1);
    var found = verify(where);
    assertThat(found.exit()).isEqualTo(1);
    assertThat(found.text()).contains("2      changed", ".eml is not as it was written");
    Files.delete(taken);
    assertThat(verify(where).text()).contains("2      missing");
  }

  @Test
  void withoutRoomInTheArchiveMailIsNotTakenAndThenItIsAgain() throws IOException {
    try (var sink = SmtpSinkPeer.start();
        var disk = SmallDisk.mount(directory.resolve("disk"), 4);
        var relay =
            RunningRelay.start(
                RunningRelay.towards(sink.port()) + archive(disk.path().resolve("archive"), ""))) {
      assertThat(send(relay, "eins")).isZero();
      disk.fill();
      assertThat(send(relay, "zwei")).isNotZero();
      relay.awaitLog("451 .*No space left on device");
      relay.awaitLog("event=service .*service=archive .*state=down");
      disk.empty();
      Until.holds("taken", Duration.ofSeconds(30), () -> send(relay, "drei") == 0);
      relay.awaitLog("event=service .*service=archive .*state=up");
      sink.awaitMails(2);
      var found = verify(disk.path().resolve("archive"));
      assertThat(found.exit()).as(found.text()).isZero();
      assertThat(found.text()).contains("2 mails", "All is as it was written");
    }
  }
}
