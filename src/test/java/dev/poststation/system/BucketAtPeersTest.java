package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.sim.ToyStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Mail that the packed relay puts into a bucket of a real store: over a kill of the relay under
/// load, and one of the store. A curl that signs tells that the signatures of others are looked at
/// rightly.
@Tag("peer")
@Timeout(240)
final class BucketAtPeersTest {
  private static final int SESSIONS = 10;

  private static String entry(S3Peer store, Path secret, String key, String more) {
    return """
    { use = archive, to = s3, endpoint = "http://127.0.0.1:%d", bucket = mails, prefix = relay1
      access-key = %s, secret-key = "file:%s", retry-after = "1 s", time-limit = "10 s" %s }
    """
        .formatted(store.port(), key, secret, more);
  }

  private static String towards(SmtpSinkPeer sink, String... entries) {
    return RunningRelay.towards(sink.port())
        + "own-domains = [\"here.test\"]\ncontent = [\n"
        + String.join("", entries)
        + "]\n";
  }

  private static int send(RunningRelay relay, String subject) {
    try (var swaks =
        Program.start(
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
                subject))) {
      return swaks.awaitExit(Duration.ofSeconds(60));
    }
  }

  private static void awaitTaken(RunningRelay relay, String subject) {
    Until.holds("taken", Duration.ofSeconds(30), () -> send(relay, subject) == 0);
  }

  private static Ran command(RunningRelay relay, String name, String... more) {
    var all = new ArrayList<>(List.of("archive", name, "--config"));
    all.add(relay.home().resolve("poststation.conf").toString());
    all.addAll(List.of(more));
    return Ran.command(all.toArray(String[]::new));
  }

  @Test
  void whatWasAcknowledgedIsInTheBucketOverAKillOfTheRelayAndOfTheStore() throws IOException {
    try (var home = Home.create("bucket");
        var store = S3Peer.start();
        var sink = SmtpSinkPeer.start()) {
      Path secret = home.write("secret", S3Peer.KEY, Map.of());
      Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
      String there = towards(sink, entry(store, secret, S3Peer.KEY, ""));
      try (var relay = RunningRelay.start(there)) {
        assertThat(send(relay, "eins")).isZero();
        relay.awaitLog(
            "archived in s3://mails/relay1/ as relay1/20[0-9-]+/[0-9A-Z]+-[0-9a-f]+\\.eml,"
                + " SHA-256");
        assertThat(command(relay, "list", "--to", "hidden@").good().text())
            .contains("eins", "s3://mails/relay1/20", ".eml");
        assertThat(command(relay, "verify").good().text())
            .contains("The archive in s3://mails/relay1/: 1 mail", "All is as it was written");
        assertThat(
                relay.metric(
                    "poststation_archive_last_added_seconds{directory=\"s3://mails/relay1/\"}"))
            .isPositive();

        store.kill();
        assertThat(send(relay, "zwei")).isNotZero();
        relay.awaitLog("451 .*archive in s3://mails/relay1/");
        relay.awaitLog("event=service .*service=archive .*state=down");
        store.restart();
        awaitTaken(relay, "drei");
        Set<String> acknowledged;
        try (var client = RecordingClient.start("mail", relay.port(), SESSIONS, 3000)) {
          Until.holds("load", Duration.ofSeconds(60), () -> client.acknowledged().size() >= 50);
          relay.kill();
          client.awaitEnd();
          acknowledged = client.acknowledged().keySet();
        }
        assertThat(recipients(store)).containsAll(acknowledged);
        assertThat(store.objects(".json"))
            .hasSizeLessThanOrEqualTo(2 + acknowledged.size() + SESSIONS);
      }
      String both =
          towards(
              sink,
              entry(store, secret, "NOBODY", ", on-error = pass, name = other"),
              entry(store, secret, S3Peer.KEY, ", lock = governance, keep = \"1 day\""));
      try (var relay = RunningRelay.start(both)) {
        assertThat(send(relay, "sechs")).isNotZero();
        relay.awaitLog("403 InvalidAccessKeyId: .*is access-key right");
        relay.awaitLog("the bucket cannot lock objects");
      }
    }
  }

  @Test
  void theSignaturesThatOursAreJudgedByAreThoseOfCurl() throws IOException {
    try (var store = ToyStore.start()) {
      String url = "http://127.0.0.1:" + store.port() + "/mails/a/b.eml";
      List<String> put =
          List.of(
              Peers.program("curl"),
              "--fail",
              "--silent",
              "--aws-sigv4",
              "aws:amz:eu-central-1:s3",
              "--user",
              "AKIDEXAMPLE:" + ToyStore.SECRET,
              "--header",
              "x-amz-content-sha256: "
                  + "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
              "--header",
              "content-type: text/plain",
              "--request",
              "PUT",
              "--data-binary",
              "test",
              url);
      Program.run(put);
      assertThat(store.objects()).containsOnlyKeys("/mails/a/b.eml");
    }
  }

  /// The local parts of all recipients, where the mail is as its record says.
  private static Set<String> recipients(S3Peer store) throws IOException {
    Set<String> all = new HashSet<>();
    for (Path record : store.objects(".json")) {
      try {
        var json = new ObjectMapper().readTree(Files.readString(record));
        Path mail = Path.of(record.toString().replace(".json.", ".eml."));
        assertThat(Files.size(mail)).isEqualTo(json.path("octets").asLong());
        json.path("recipients").forEach(each -> all.add(each.asText().replaceAll("@.*", "")));
      } catch (JsonProcessingException _) {
        // The relay died while it sent that one, and this store keeps what came.
      }
    }
    return all;
  }
}
