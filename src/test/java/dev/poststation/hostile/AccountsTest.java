package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.log.Trace;
import dev.poststation.message.QueueId;
import dev.poststation.sim.MemoryConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/// One smarthost serves the accounts of several departments.
class AccountsTest {
  private static final String REST =
      "{ user = rest, password = \"file:rest.secret\", mechanism = plain }";

  private final List<List<String>> connections = new CopyOnWriteArrayList<>();
  private final List<String> refused = new CopyOnWriteArrayList<>();

  private static WholeRelay relay(String last) {
    var relay =
        new WholeRelay(
            """
            connectors.next.hosts = ["127.0.2.1:25"]
            connectors.next.idle = "1 minute"
            connectors.next.auth = [
              { from = ["@sales.example"], user = sales, password = "file:sales.secret", mechanism = plain }
              { client = [erp], user = erp, password = "file:erp.secret", mechanism = plain }
              { from = ["boss@example.com"], user = sales, password = "file:sales.secret", mechanism = plain }
              %s
            ]
            clients = [
              { name = erp, networks = ["198.51.100.9"] }
              { name = lan, networks = ["198.51.100.0/24"] }
            ]
            queue { retry = ["1 m"] }
            """
                .formatted(last));
    for (String account : List.of("sales", "erp", "rest")) {
      relay.disk.with("/etc/poststation/" + account + ".secret", "secret of " + account + "\n");
    }
    return relay;
  }

  /// A provider who notes what comes over each connection.
  private void provider(MemoryConnection connection) {
    List<String> seen = new CopyOnWriteArrayList<>();
    connections.add(seen);
    try {
      say(connection, "220 provider.example");
      byte[] buffer = new byte[8192];
      var unread = new StringBuilder();
      boolean content = false;
      for (int count = 0; count >= 0; count = connection.read(buffer, 0, buffer.length)) {
        unread.append(new String(buffer, 0, count, StandardCharsets.US_ASCII));
        for (int end = unread.indexOf("\r\n"); end >= 0; end = unread.indexOf("\r\n")) {
          String line = unread.substring(0, end);
          unread.delete(0, end + 2);
          if (!content) {
            say(connection, answer(line, seen));
            content = line.equals("DATA");
          } else if (line.equals(".")) {
            content = false;
            say(connection, "250 2.0.0 ok");
          }
        }
      }
    } catch (IOException _) {
      // It is gone.
    }
  }

  private String answer(String line, List<String> seen) {
    if (line.startsWith("EHLO")) {
      return "250-provider.example\r\n250 AUTH PLAIN";
    }
    if (line.startsWith("AUTH PLAIN ")) {
      String said = new String(Base64.getDecoder().decode(line.substring(11)));
      String[] parts = said.split("\0", -1);
      assertThat(parts[2]).isEqualTo("secret of " + parts[1]);
      if (refused.contains(parts[1])) {
        return "535 5.7.8 no";
      }
      seen.add("as " + parts[1]);
      return "235 2.7.0 ok";
    }
    if (line.startsWith("MAIL FROM:<")) {
      seen.add(line.substring(11, line.indexOf('>')));
    }
    return line.equals("DATA") ? "354 go" : "250 2.0.0 ok";
  }

  private static void say(MemoryConnection connection, String line) throws IOException {
    byte[] octets = (line + "\r\n").getBytes(StandardCharsets.US_ASCII);
    connection.write(octets, 0, octets.length);
  }

  /// @return the ids that it was given
  private static List<String> send(WholeRelay relay, String client, String... senders) {
    List<String> ids = new ArrayList<>();
    try (var caller = relay.call(client)) {
      caller.hear();
      caller.ask("EHLO client.example");
      for (String sender : senders) {
        String told = caller.mail(sender, "x@there.example");
        assertThat(told).startsWith("250 ");
        ids.add(told.substring(told.lastIndexOf(' ') + 1));
      }
    }
    return ids;
  }

  @Test
  void noConnectionCarriesMailOfTwoAccounts() throws Exception {
    try (var relay = relay(REST)) {
      relay.house("127.0.2.1:25", this::provider);
      relay.start();
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        ids.addAll(
            send(relay, "198.51.100.7", "a@sales.example", "boss@example.com", "x@y.example"));
        ids.addAll(send(relay, "198.51.100.9", "b@sales.example", "x@y.example", ""));
        relay.pass(Duration.ofMillis(100));
      }
      relay.pass(Duration.ofSeconds(10));
      int mails = 0;
      for (var seen : connections) {
        String account = seen.getFirst();
        assertThat(seen.subList(1, seen.size())).noneMatch(line -> line.startsWith("as "));
        assertThat(seen.subList(1, seen.size()))
            .allMatch(
                sender ->
                    switch (account) {
                      case "as sales" ->
                          sender.endsWith("@sales.example") || sender.equals("boss@example.com");
                      case "as erp" -> sender.equals("x@y.example") || sender.isEmpty();
                      case "as rest" -> sender.equals("x@y.example");
                      default -> false;
                    });
        mails += seen.size() - 1;
      }
      assertThat(mails).isEqualTo(30);
      assertThat(connections).extracting(List::getFirst).contains("as sales", "as erp", "as rest");
      assertThat(relay.log("id=" + ids.getFirst()))
          .anyMatch(
              line ->
                  line.contains("event=attempt")
                      && line.contains("destination=next:sales")
                      && line.contains("user=sales mechanism=PLAIN"));
      var trace = relay.spool.trace(QueueId.parse(ids.getFirst()).orElseThrow());
      assertThat(Trace.text(Trace.shown(trace)))
          .contains(
              "    login       sales by PLAIN\n",
              ", destination next:sales\n",
              "* logged in as sales by PLAIN")
          .doesNotContain("secret of");
    }
  }

  @Test
  void anAccountThatIsRefusedHoldsUpNoOther() throws Exception {
    try (var relay = relay(REST)) {
      relay.house("127.0.2.1:25", this::provider);
      refused.add("sales");
      relay.start();
      send(relay, "198.51.100.7", "a@sales.example", "x@y.example");
      relay.pass(Duration.ofSeconds(10));
      assertThat(relay.log("status=sent")).hasSize(1).first().asString().contains("user=rest");
      assertThat(relay.log("status=deferred"))
          .first()
          .asString()
          .contains(
              "destination=next:sales",
              "refused the login of connector next as sales by PLAIN: 535 5.7.8 no");
      refused.clear();
      relay.pass(Duration.ofMinutes(10));
      assertThat(relay.log("status=sent")).hasSize(2);
    }
  }

  @Test
  void mailThatNoAccountIsForWaitsUntilThereIsOne() throws Exception {
    try (var relay = relay("")) {
      relay.house("127.0.2.1:25", this::provider);
      relay.start();
      send(relay, "198.51.100.7", "x@y.example", "a@sales.example");
      relay.pass(Duration.ofSeconds(10));
      assertThat(relay.log("status=sent")).hasSize(1);
      assertThat(relay.log("status=deferred"))
          .first()
          .asString()
          .contains("connector next has no account in auth for this sender and client");

      var file = Path.of("/etc/poststation/poststation.conf");
      String text = new String(relay.disk.read(file), StandardCharsets.UTF_8);
      relay.disk.with(file.toString(), text.replace("  \n]", "  " + REST + "\n]"));
      relay.reload();
      relay.pass(Duration.ofSeconds(10));
      assertThat(relay.log("status=sent")).hasSize(2);
    }
  }
}
