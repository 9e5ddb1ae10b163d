package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/// A container whose port is forwarded: all clients seem to come from the gateway.
class OneSourceTest {
  private static void calls(WholeRelay relay, String from, int times) {
    for (int i = 0; i < times; i++) {
      try (var client = relay.call(from)) {
        client.hear();
        client.ask("QUIT");
      }
    }
  }

  @Test
  void aGatewayThatIsLetInIsToldOfAndNotTrustedSilently() {
    try (var relay =
        new WholeRelay(
            """
            clients = [ { name = inside, networks = ["172.16.0.0/12"] } ]
            """)) {
      relay.disk.with("/.dockerenv", "");
      relay.start();
      calls(relay, "172.17.0.1", 19);
      assertThat(relay.relay().concerns()).isEmpty();
      calls(relay, "172.17.0.1", 1);
      assertThat(relay.relay().concerns())
          .singleElement()
          .asString()
          .startsWith("All clients of the last hour came from 172.17.0.1, ")
          .contains("client \"inside\" lets that address in");
      relay.pass(Duration.ofMinutes(1));
      calls(relay, "172.17.0.9", 1);
      assertThat(relay.relay().concerns()).isEmpty();
    }
  }

  @Test
  void aGatewayThatIsNotLetInIsNobodysConcern() {
    try (var relay =
        new WholeRelay(
            """
            clients = [ { name = staff, users = ["*"] } ]
            """)) {
      relay.disk.with("/.dockerenv", "");
      relay.start();
      calls(relay, "172.17.0.1", 30);
      assertThat(relay.relay().concerns()).isEmpty();
    }
  }
}
