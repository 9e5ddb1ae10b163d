package dev.poststation.cli;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.admin.LiveRelay;
import dev.poststation.sim.ToyTokenServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `connector list`: how the ways out are.
class ConnectorListTest {
  private static final Path KEYS = Path.of("src/test/resources/tls").toAbsolutePath();

  @TempDir Path directory;
  @TempDir Path other;

  private static JsonNode connector(LiveRelay relay, String name) {
    var ran = Ran.with(relay.file(), "connector list --json");
    assertThat(ran.exit()).as(ran.toString()).isZero();
    for (var each : parsed(ran.out()).path("connectors")) {
      if (each.path("name").asText().equals(name)) {
        return each;
      }
    }
    throw new AssertionError("no connector " + name + " in " + ran.out());
  }

  private static JsonNode parsed(String text) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean is(LiveRelay relay, String name, String state) {
    return connector(relay, name).path("state").asText().equals(state);
  }

  @Test
  void oneThatFailsSaysSinceWhenAndWhyAndOneThatWorksWhatItDelivered() throws Exception {
    try (var sink =
            new LiveRelay(other, "connectors.next.type = discard\nconnectors.next.hosts = null\n");
        var relay =
            new LiveRelay(
                directory,
                """
                connectors {
                  good { hosts = ["127.0.0.1:%d"], quota = ["250/hour", "2000/day"]
                         quota-recipients = ["500/day"], certificate {
                         chain = "%2$s/relay.pem", key = "%2$s/relay.key" } }
                  kept { type = hold }
                }
                routes = [ { to = ["good.example"], via = [good] }, { via = [next] } ]
                """
                    .formatted(sink.relay().listening().getFirst().getPort(), KEYS))) {
      assertThat(connector(relay, "good").path("state").asText()).isEqualTo("unused");
      var unused = Ran.with(relay.file(), "connector list");
      assertThat(unused.out()).contains("not used since the start").doesNotContain("No relay runs");

      relay.send("a@here.example", "b@good.example", "c@good.example");
      eventually("it is delivered", () -> is(relay, "good", "works"));
      relay.send("a@here.example", "b@elsewhere.example");
      eventually("the other fails", () -> is(relay, "next", "failing"));

      var good = connector(relay, "good");
      assertThat(good.path("lastDelivery").isTextual()).isTrue();
      assertThat(good.path("lastFailure").isNull()).isTrue();
      assertThat(good.path("quotas").get(0).path("used").asInt()).isEqualTo(1);
      assertThat(good.path("quotas").get(2).path("used").asInt()).isEqualTo(2);
      assertThat(good.path("certificates").get(0).path("expires").asText()).startsWith("2126-");
      var next = connector(relay, "next");
      assertThat(next.path("since").isTextual()).isTrue();
      assertThat(next.path("until").isTextual()).isTrue();
      assertThat(next.path("failure").asText()).contains("Connection refused");

      var ran = Ran.with(relay.file(), "connector list");
      assertThat(ran.out())
          .containsPattern("CONNECTOR +TYPE +STATE +CONNECTIONS +QUOTA +TOKEN")
          .containsPattern(
              "good +smarthost +works +\\d of 20 at most +1 of 250/hour; 1 of 2000/day; 2 of"
                  + " 500/day recipients +- +in \\d+ d \\d+ h +\\d+ s ago +-")
          .containsPattern("next +smarthost +failing +\\d of 20 at most .* - +\\d+ s ago")
          .containsPattern("kept +hold +holds")
          .containsPattern("good +127.0.0.1:\\d+ +works")
          .containsPattern(
              "next +127.0.0.1:\\d+ +failing since \\d+ s, tried again in .*: connect to .*"
                  + "Connection refused")
          .containsPattern("next: failing since \\d+ s: connect to .*Connection refused");
      String question = "explain --client 127.0.0.1 --from a@here.example --to ";
      assertThat(Ran.with(relay.file(), question + "b@elsewhere.example").out())
          .containsPattern("now: nothing is sent there until .*: connect to .*Connection refused");
      assertThat(Ran.with(relay.file(), question + "b@good.example").out()).doesNotContain("now: ");
    }
  }

  @Test
  void onlyAHostThatTookAConnectionWorks() throws Exception {
    try (var sink =
            new LiveRelay(other, "connectors.next.type = discard\nconnectors.next.hosts = null\n");
        var relay =
            new LiveRelay(
                directory,
                """
                connectors.next.hosts = ["127.0.0.1:%d", { host = "127.0.0.1:9", priority = 20 }]
                """
                    .formatted(sink.relay().listening().getFirst().getPort()))) {
      relay.send("a@here.example", "b@good.example");
      eventually("it is delivered", () -> is(relay, "next", "works"));
      assertThat(Ran.with(relay.file(), "connector list").out())
          .containsPattern("next +127.0.0.1:\\d\\d+ +works")
          .containsPattern("next +127.0.0.1:9 +not used since the start");
    }
  }

  @Test
  void whereAllMailToTheWorldFailsTheConnectorDoesNotWork() throws Exception {
    try (var relay =
        new LiveRelay(
            directory,
            """
            connectors.internet { type = mx, port = 9 }
            routes = [ { via = [internet] } ]
            """)) {
      assertThat(connector(relay, "internet").path("state").asText()).isEqualTo("unused");
      relay.send("a@here.example", "b@[127.0.0.1]");
      eventually("it is said", () -> is(relay, "internet", "failing"));
      assertThat(Ran.with(relay.file(), "connector list").out())
          .contains("internet: failing: nothing was delivered yet: ");
    }
  }

  @Test
  void oneOfSeveralAccountsWithoutATokenOrWithABrokenSecretMakesItLimp() throws Exception {
    Path secret = secret("secret");
    Path broken = secret("broken");
    try (var tokens = new ToyTokenServer().start();
        var relay =
            new LiveRelay(
                directory,
                """
                connectors.several { hosts = ["127.0.0.1:9"], auth = [
                  { from = ["@a.example"], user = "a@a.example", grant = device, %s }
                  { from = ["@b.example"], user = "b@b.example", password = "file:%s" } ] }
                connectors.alone { hosts = ["127.0.0.1:9"]
                                   auth { user = "c@c.example", grant = device, %s } }
                connectors.secret { hosts = ["127.0.0.1:9"]
                                    auth { user = "d@d.example", password = "file:%s" } }
                """
                    .formatted(tokens.settings(), secret, tokens.settings(), broken))) {
      assertThat(connector(relay, "secret").path("state").asText()).isEqualTo("unused");
      Files.delete(broken);
      eventually("nobody has logged in", () -> is(relay, "alone", "paused"));
      eventually("nor for the other", () -> is(relay, "several", "limping"));
      assertThat(Ran.with(relay.file(), "connector list").out())
          .containsPattern("several: limping since .*: no token for a@a.example: ")
          .contains("secret: limping: the secret of d@d.example cannot be used: file " + broken);
    }
  }

  private Path secret(String name) throws Exception {
    var owner = PosixFilePermissions.fromString("rw-------");
    return Files.writeString(
        Files.createFile(directory.resolve(name), PosixFilePermissions.asFileAttribute(owner)),
        "words");
  }

  @Test
  void withoutARelayItIsSaidWhatTheFileHas() throws Exception {
    Path file;
    try (var relay =
        new LiveRelay(
            directory,
            "connectors.next.quota = [\"250/hour\"]\nconnectors.next.quota-connections = 10\n")) {
      file = relay.file();
    }
    var ran = Ran.with(file, "connector list");
    assertThat(ran.exit()).as(ran.toString()).isZero();
    assertThat(ran.out())
        .contains("No relay runs with this configuration: this is what the file says.")
        .containsPattern("next +smarthost +unknown +- +250/hour; 10 connections +- +- +- +-");
    assertThat(Ran.with(file, "connector list --json").out()).contains("\"running\" : false");
  }
}
