package dev.poststation.hostile;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  /// What an entry asks for that everybody has who comes there does not make it trustworthy.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "zone = [printers]",
        "listeners = [other]",
        "tls = required",
        "zone = [printers], tls = required"
      })
  void aGatewayThatIsLetInAtOneListenerIsToldOf(String condition) {
    try (var relay =
        new WholeRelay(
            """
            listeners { other { bind = "10.0.0.1:26", zone = printers } }
            clients = [ { name = inside, networks = ["172.16.0.0/12"], %s } ]
            """
                .formatted(condition))) {
      relay.disk.with("/.dockerenv", "");
      relay.start();
      calls(relay, "172.17.0.1", 20);
      assertThat(relay.relay().concerns())
          .singleElement()
          .asString()
          .contains("client \"inside\" lets that address in");
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

  /// The routing mesh of Swarm, and nodes of Kubernetes: nothing tells their addresses from others.
  @Test
  void anAddressOfAMeshInAContainerIsToldOfUnlessItIsNamed() {
    String clients = "clients = [ { name = inside, networks = [%s] } ]%n";
    try (var relay = new WholeRelay(clients.formatted("\"10.0.0.0/8\""))) {
      relay.disk.with("/.dockerenv", "").with("/proc/net/route", BRIDGE);
      relay.start();
      calls(relay, "10.0.0.2", 20);
      assertThat(relay.relay().concerns())
          .singleElement()
          .asString()
          .startsWith("All clients of the last hour came from 10.0.0.2, and client \"inside\" lets")
          .contains("put 10.0.0.2 by itself into its networks");
    }
    try (var relay = new WholeRelay(clients.formatted("\"10.0.0.0/8\", \"10.0.0.2\""))) {
      relay.disk.with("/.dockerenv", "").with("/proc/net/route", BRIDGE);
      relay.start();
      calls(relay, "10.0.0.2", 20);
      assertThat(relay.relay().concerns()).isEmpty();
    }
  }

  /// Rootless Podman: its port handler connects from the address of the container.
  @Test
  void theOwnAddressOfAContainerIsNotLetInByANetworkThatOnlyContainsIt() {
    try (var relay =
        new WholeRelay("clients = [ { name = inside, networks = [\"10.0.0.0/8\"] } ]\n")) {
      relay
          .disk
          .with("/run/.containerenv", "")
          .with("/proc/net/fib_trie", "|-- 10.0.2.100\n   /32 host LOCAL\n");
      relay.start();
      try (var anybody = relay.call("10.0.2.100")) {
        assertThat(mail(anybody)[0]).startsWith("554 5.7.1 Relaying is not allowed: a gateway");
      }
      eventually(
          "it is logged", () -> !relay.log("lets in no own address of this container").isEmpty());
    }
  }

  private static final String BRIDGE =
      """
      Iface\tDestination\tGateway \tFlags
      eth0\t00000000\t010011AC\t0003
      """;

  private static String[] mail(WholeRelay.Client client) {
    client.hear();
    client.ask("EHLO client.example");
    client.ask("MAIL FROM:<a@example.com>");
    return new String[] {client.ask("RCPT TO:<b@example.org>"), client.ask("QUIT")};
  }

  @Test
  void aGatewayIsNotLetInByANetworkThatOnlyContainsIt() {
    try (var relay =
        new WholeRelay(
            """
            clients = [ { name = inside, networks = ["172.16.0.0/12"] } ]
            """)) {
      relay.disk.with("/.dockerenv", "").with("/proc/net/route", BRIDGE);
      relay.start();
      try (var neighbour = relay.call("172.17.0.9")) {
        assertThat(mail(neighbour)[0]).startsWith("250 2.1.5");
      }
      try (var gateway = relay.call("172.17.0.1")) {
        assertThat(mail(gateway)[0])
            .startsWith(
                "554 5.7.1 Relaying is not allowed: a gateway hides the address you come from");
      }
      eventually("it is logged", () -> !relay.log("lets in no gateway of").isEmpty());
      assertThat(relay.log("lets in no gateway of this container"))
          .singleElement()
          .asString()
          .contains("inside", "name 172.17.0.1 in its networks");
      relay.pass(Duration.ofHours(1));
      calls(relay, "172.17.0.1", 20);
      assertThat(relay.relay().concerns())
          .singleElement()
          .asString()
          .startsWith(
              "All clients of the last hour came from 172.17.0.1, which hides their own addresses,"
                  + " and are refused: client rule \"inside\"")
          .contains("use the host's network or proxy-protocol");
    }
  }

  @Test
  void aGatewayThatIsNamedIsLetIn() {
    try (var relay =
        new WholeRelay(
            """
            clients = [ { name = host, networks = ["172.16.0.0/12", "172.17.0.1"] } ]
            """)) {
      relay.disk.with("/.dockerenv", "").with("/proc/net/route", BRIDGE);
      relay.start();
      try (var gateway = relay.call("172.17.0.1")) {
        assertThat(mail(gateway)[0]).startsWith("250 2.1.5");
      }
    }
  }
}
