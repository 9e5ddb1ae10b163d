package dev.poststation.cli;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.admin.LiveRelay;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `connector list`: how the ways out are.
class ConnectorListTest {
  private static final Path KEYS = Path.of("src/test/resources/tls").toAbsolutePath();

  @TempDir Path directory;
  @TempDir Path other;

  private static JsonNode connector(LiveRelay relay, String name) throws Exception {
    var ran = Ran.with(relay.file(), "connector list --json");
    assertThat(ran.exit()).as(ran.toString()).isZero();
    for (var each : new ObjectMapper().readTree(ran.out()).path("connectors")) {
      if (each.path("name").asText().equals(name)) {
        return each;
      }
    }
    throw new AssertionError("no connector " + name + " in " + ran.out());
  }

  private static boolean is(LiveRelay relay, String name, String state) {
    try {
      return connector(relay, name).path("state").asText().equals(state);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
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
      assertThat(unused.out()).contains("not used yet").doesNotContain("No relay runs");

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
              "good +smarthost +works +\\d of 20 +1 of 250/hour; 1 of 2000/day; 2 of 500/day"
                  + " recipients +- +in \\d+ d \\d+ h +\\d+ s ago +-")
          .containsPattern("next +smarthost +failing +\\d of 20 .* - +\\d+ s ago")
          .containsPattern("kept +hold +holds")
          .containsPattern("good +127.0.0.1:\\d+ +works")
          .containsPattern(
              "next +127.0.0.1:\\d+ +failing since \\d+ s, tried again in .*: connect to .*"
                  + "Connection refused")
          .containsPattern("next: failing since \\d+ s: connect to .*Connection refused");
    }
  }

  @Test
  void withoutARelayItIsSaidWhatTheFileHas() throws Exception {
    Path file;
    try (var relay = new LiveRelay(directory, "connectors.next.quota = [\"250/hour\"]\n")) {
      file = relay.file();
    }
    var ran = Ran.with(file, "connector list");
    assertThat(ran.exit()).as(ran.toString()).isZero();
    assertThat(ran.out())
        .contains("No relay runs with this configuration: this is what the file says.")
        .containsPattern("next +smarthost +unknown +- +250/hour +- +- +- +-");
    assertThat(Ran.with(file, "connector list --json").out()).contains("\"running\" : false");
  }
}
