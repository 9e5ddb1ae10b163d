package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A 250 after the final dot is kept: through `kill -9` under load, and, as system calls show, by a
/// sync before it.
@Tag("peer")
final class DurabilityTest {
  private static final Pattern SUBJECT = Pattern.compile("(?m)^Subject: (\\S+)$");

  @Test
  void killUnderLoadLosesNothingThatWasAcknowledged() {
    try (var sink = SmtpSinkPeer.start();
        var relay = RunningRelay.to(sink.port())) {
      Set<String> acknowledged = new HashSet<>();
      Set<String> offered = new HashSet<>();
      for (int round = 1; round <= 3; round++) {
        try (var client = RecordingClient.start("round" + round, relay.port(), 10, 3000)) {
          int wanted = 100 * round;
          Until.holds(
              "under load", Duration.ofSeconds(60), () -> client.acknowledged().size() >= wanted);
          relay.kill();
          client.awaitEnd();
          acknowledged.addAll(client.acknowledged().keySet());
          offered.addAll(client.offered());
        }
        relay.restart();
      }

      Map<String, Integer> arrived = new HashMap<>();
      Until.holds(
          "all that was acknowledged is at the sink",
          Duration.ofSeconds(90),
          () -> {
            arrived.clear();
            sink.mails().forEach(mail -> arrived.merge(token(mail), 1, Integer::sum));
            return arrived.keySet().containsAll(acknowledged);
          });
      assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(600);
      assertThat(offered).containsAll(arrived.keySet());
    }
  }

  @Test
  void aMailThatWaitsSurvivesKillBeforeItsFirstAttempt() {
    try (var sink = SmtpSinkPeer.start();
        var relay = RunningRelay.to(sink.port())) {
      sink.stop();
      Set<String> acknowledged;
      try (var client = RecordingClient.start("waiting", relay.port(), 5, 500)) {
        Until.holds("taken", Duration.ofSeconds(60), () -> client.acknowledged().size() >= 50);
        relay.kill();
        client.awaitEnd();
        acknowledged = client.acknowledged().keySet();
      }
      sink.restart();
      relay.restart();

      Until.holds(
          "all that was acknowledged is at the sink",
          Duration.ofSeconds(60),
          () -> tokens(sink.mails()).containsAll(acknowledged));
    }
  }

  /// In the spool, and in the archive: its content, its record, and the folder of both.
  @Test
  void aSyncThatCoversTheMailEndsBeforeEach250() {
    String archive = "content = [ { use = archive, to = files, directory = \"@HOME@/archive\" } ]";
    try (var sink = SmtpSinkPeer.start();
        var relay =
            RunningRelay.start(
                RunningRelay.towards(sink.port()) + archive,
                List.of(
                    Peers.program("strace"),
                    "-f",
                    "--seccomp-bpf",
                    "-qq",
                    "-y",
                    "-s",
                    "2000000",
                    "-o",
                    "@HOME@/calls",
                    "-e",
                    "trace=fdatasync,fsync,write,writev,pwrite64,pwritev,sendto,sendmsg,mmap,msync"),
                List.of())) {
      Map<String, String> acknowledged;
      try (var client = RecordingClient.start("traced", relay.port(), 4, 500)) {
        Until.holds("taken", Duration.ofSeconds(60), () -> client.acknowledged().size() >= 100);
        client.close();
        acknowledged = client.acknowledged();
      }
      sink.awaitMails(acknowledged.size());
      relay.stop();

      var trace = SyncTrace.of(Home.readFile(relay.home().resolve("calls")));
      assertThat(trace.uncovered(acknowledged)).isEmpty();
      assertThat(trace.uncovered(acknowledged, ".eml", String::equals)).isEmpty();
      assertThat(trace.uncovered(acknowledged, ".json", String::equals)).isEmpty();
      assertThat(trace.uncovered(acknowledged, ".json", DurabilityTest::isFolderOfDay)).isEmpty();
    }
  }

  private static boolean isFolderOfDay(String file, String synced) {
    String archive = file.substring(0, file.indexOf("/incoming/"));
    return synced.matches(Pattern.quote(archive) + "/[0-9]{4}-[0-9]{2}-[0-9]{2}");
  }

  private static Set<String> tokens(List<String> mails) {
    Set<String> tokens = new HashSet<>();
    mails.forEach(mail -> tokens.add(token(mail)));
    return tokens;
  }

  private static String token(String mail) {
    var matcher = SUBJECT.matcher(mail);
    if (!matcher.find()) {
      throw new AssertionError("no subject in " + mail);
    }
    return matcher.group(1);
  }
}
