package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.MemoryConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/// Routes that name the addresses of ours that their mail goes from, in virtual time.
class RoutedSourcesTest {
  /// From where a mail came, as whom, and over which connection.
  private record Taken(String from, String hello, int connection) {
    private String who() {
      return from + " " + hello;
    }
  }

  private final List<Taken> taken = new CopyOnWriteArrayList<>();
  private int connections;
  private int sent;

  private static final String OWN =
      "connectors.out.source = [ { address = \"192.0.2.10\", hello = \"one.example\" } ]\n";

  private WholeRelay begin(String more) {
    var relay =
        new WholeRelay(
            """
            connectors.out { hosts = ["192.0.2.1:25"], tls = off, idle = "5 minutes" }
            clients = [ { name = shop, networks = ["198.51.100.9"] }
                        { name = lan, networks = ["198.51.100.0/24"] } ]
            """
                + more);
    relay.house("192.0.2.1:25", this::serve);
    return relay.start();
  }

  private void serve(MemoryConnection connection) {
    String from = connection.remote().getAddress().getHostAddress();
    int number = ++connections;
    String hello = "";
    try {
      say(connection, "220 host.example");
      byte[] buffer = new byte[8192];
      var unread = new StringBuilder();
      boolean content = false;
      for (int count = 0; count >= 0; count = connection.read(buffer, 0, buffer.length)) {
        unread.append(new String(buffer, 0, count, StandardCharsets.US_ASCII));
        for (int end = unread.indexOf("\r\n"); end >= 0; end = unread.indexOf("\r\n")) {
          String line = unread.substring(0, end);
          unread.delete(0, end + 2);
          if (content && line.equals(".")) {
            content = false;
            taken.add(new Taken(from, hello, number));
            say(connection, "250 2.0.0 ok");
          } else if (!content) {
            hello = line.startsWith("EHLO ") ? line.substring(5) : hello;
            content = line.equals("DATA");
            say(connection, content ? "354 go" : "250 2.0.0 ok");
          }
        }
      }
    } catch (IOException _) {
      // It is gone.
    }
  }

  private static void say(MemoryConnection connection, String line) throws IOException {
    byte[] octets = (line + "\r\n").getBytes(StandardCharsets.US_ASCII);
    connection.write(octets, 0, octets.length);
  }

  private void send(WholeRelay relay, String client) {
    try (var caller = relay.call(client)) {
      caller.hear();
      caller.ask("EHLO client.example");
      assertThat(caller.mail("a@example.com", sent++ + "@there.example")).startsWith("250 ");
    }
    relay.pass(Duration.ofSeconds(1));
  }

  private void shopAndLan(WholeRelay relay) {
    for (int i = 0; i < 3; i++) {
      send(relay, "198.51.100.9");
      send(relay, "198.51.100.7");
    }
  }

  private List<String> whoTook() {
    return taken.stream().map(Taken::who).toList();
  }

  private static final String SHOP_ELSEWHERE =
      "routes = [ { client = [shop], via = [out]"
          + ", source = { address = \"192.0.2.20\", hello = \"news.example\" } }\n"
          + "{ via = [out] } ]\n";

  @Test
  void eachRouteSendsFromItsOwnAddressOverItsOwnConnection() {
    try (var relay = begin(OWN + SHOP_ELSEWHERE)) {
      shopAndLan(relay);
      assertThat(whoTook())
          .containsExactly(
              "192.0.2.20 news.example",
              "192.0.2.10 one.example",
              "192.0.2.20 news.example",
              "192.0.2.10 one.example",
              "192.0.2.20 news.example",
              "192.0.2.10 one.example");
      assertThat(taken.stream().map(Taken::connection).distinct())
          .as("a connection for each, which was kept open for the next mail")
          .hasSize(2);
      assertThat(relay.log("status=sent"))
          .hasSize(6)
          .filteredOn(line -> line.contains("client=shop ") || line.contains("source=192.0.2.20 "))
          .hasSize(3)
          .allMatch(line -> line.contains("source=192.0.2.20 "));
    }
  }

  @Test
  void theConnectorWithoutAddressesKeepsTheChoiceOfTheSystem() {
    try (var relay = begin(SHOP_ELSEWHERE)) {
      shopAndLan(relay);
      assertThat(relay.log("status=sent").stream().filter(line -> line.contains("source=")))
          .hasSize(3);
    }
  }

  @Test
  void aReloadSendsWhatComesThenFromTheAddressThatTheRouteHasNow() {
    try (var relay = begin(OWN + SHOP_ELSEWHERE)) {
      send(relay, "198.51.100.9");
      relay.change("192.0.2.20", "192.0.2.21");
      relay.reload();
      send(relay, "198.51.100.9");
      assertThat(taken.stream().map(Taken::from)).containsExactly("192.0.2.20", "192.0.2.21");
    }
  }

  @Test
  void mailWaitsWhereTheMachineLacksTheAddressOfItsRouteAndOtherMailGoes() {
    try (var relay = begin(OWN + SHOP_ELSEWHERE)) {
      relay.lacks("192.0.2.20", true);
      shopAndLan(relay);
      assertThat(taken.stream().map(Taken::from)).hasSize(3).containsOnly("192.0.2.10");
      assertThat(relay.log("status=deferred"))
          .isNotEmpty()
          .allMatch(
              line ->
                  line.contains(
                      "no source address of the route can be used: 192.0.2.20 is no address"));
      assertThat(relay.relay().concerns())
          .anyMatch(
              text ->
                  text.startsWith("Connector out sends nothing from the source of a route, ")
                      && text.contains("192.0.2.20 is no address of this machine"));
      relay.lacks("192.0.2.20", false);
      relay.pass(Duration.ofMinutes(17));
      assertThat(taken).hasSize(6);
    }
  }

  @Test
  void thePlanOfAnAddressHoldsForAllRoutesTogether() {
    String plan =
        "warm-up { from = \"%s\", start = 3, double-every = \"1 day\", days = 10 }"
            .formatted(new WholeRelay("").time.now().atZone(ZoneId.systemDefault()).toLocalDate());
    String own =
        "connectors.out.source = [ \"192.0.2.10\", { address = \"192.0.2.20\", weight = 1000, "
            + plan
            + " } ]\n";
    String routes =
        """
        routes = [ { client = [shop], via = [out], source = "192.0.2.20" }
                   { via = [out] } ]
        """;
    try (var relay = begin(own + routes)) {
      for (int i = 0; i < 2; i++) {
        send(relay, "198.51.100.9");
      }
      for (int i = 0; i < 5; i++) {
        send(relay, "198.51.100.7");
      }
      send(relay, "198.51.100.9");
      assertThat(taken.stream().filter(each -> each.from.equals("192.0.2.20"))).hasSize(3);
      assertThat(relay.log("status=deferred"))
          .hasSize(1)
          .allMatch(
              line ->
                  line.contains(
                      "the source addresses of the route may send no more today: 192.0.2.20 (3 of"
                          + " 3 mails)"));
    }
  }

  @Test
  void explainAndStatusNameTheAddressOfTheRoute() {
    try (var relay = begin(OWN + SHOP_ELSEWHERE)) {
      String question =
          "explain --offline --from a@x.example --to b@y.example --client 198.51.100.";
      assertThat(relay.command(question + "9")).contains("from 192.0.2.20, as the route says");
      assertThat(relay.command(question + "7"))
          .contains("from 192.0.2.10")
          .doesNotContain("as the route says");
      send(relay, "198.51.100.9");
      assertThat(relay.relay().queue().destinations())
          .anyMatch(view -> view.name().equals("out@192.0.2.20"));
    }
  }
}
