package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.MemoryConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/// Mail that is larger than connectors take, in virtual time.
class OversizeTest {
  private static final String BOTH =
      """
      connectors.small { hosts = ["192.0.2.1:25"], tls = off, max-size = "2 kB" }
      connectors.large { hosts = ["192.0.2.2:25"], tls = off, max-size = "20 kB" }
      routes = [ { to = ["a.example"], via = [small, large] }, { via = [small] } ]
      clients = [ { name = lan, networks = ["198.51.100.0/24"] } ]
      """;

  /// Which host took a mail.
  private final List<String> taken = new CopyOnWriteArrayList<>();

  private WholeRelay begin(String text) {
    var relay = new WholeRelay(text);
    for (String address : List.of("192.0.2.1", "192.0.2.2")) {
      relay.house(address + ":25", connection -> serve(address, connection));
    }
    return relay.start();
  }

  private void serve(String name, MemoryConnection connection) {
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
            taken.add(name);
            say(connection, "250 2.0.0 ok");
          } else if (!content) {
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

  /// @return the reply to the content, or to the command that was refused
  private static String send(WholeRelay relay, String to, int octets) {
    try (var caller = relay.call("198.51.100.7")) {
      caller.hear();
      caller.ask("EHLO client.example");
      for (String line : List.of("MAIL FROM:<b@a.example>", "RCPT TO:<" + to + ">")) {
        String answer = caller.ask(line);
        if (!answer.startsWith("250 ")) {
          return answer;
        }
      }
      caller.ask("DATA");
      caller.say("Subject: x");
      caller.say("");
      for (int i = 0; i < octets / 100; i++) {
        caller.say("x".repeat(98));
      }
      String answer = caller.ask(".");
      relay.pass(Duration.ofSeconds(1));
      return answer;
    }
  }

  @Test
  void aMailThatIsTooLargeForOneGoesByTheNextOfItsRouteOrBack() {
    try (var relay = begin(BOTH)) {
      assertThat(send(relay, "one@a.example", 200)).startsWith("250 ");
      assertThat(taken).containsExactly("192.0.2.1");
      assertThat(send(relay, "two@a.example", 5000)).startsWith("250 ");
      assertThat(taken).containsExactly("192.0.2.1", "192.0.2.2");
      assertThat(relay.log("status=passed-on"))
          .singleElement()
          .asString()
          .contains("dsn=5.3.4")
          .contains("category=too-large")
          .contains("takes 2000 at most (max-size)");
      assertThat(send(relay, "three@b.example", 5000)).startsWith("250 ");
      assertThat(relay.log("status=bounced"))
          .singleElement()
          .asString()
          .contains("to=<three@b.example>")
          .contains("dsn=5.3.4");
      assertThat(relay.log("event=destination")).isEmpty();
    }
  }

  @Test
  void whileTheLargerOneIsDownTheMailWaitsForIt() {
    try (var relay = begin(BOTH.replace("[small, large]", "[large, small]"))) {
      relay.silent("192.0.2.2:25", true);
      assertThat(send(relay, "one@a.example", 5000)).startsWith("250 ");
      relay.pass(Duration.ofMinutes(2));
      assertThat(relay.log("status=bounced")).isEmpty();
      assertThat(relay.log("status=deferred").getLast())
          .contains("dsn=4.3.4")
          .contains("a host that may know better could not be asked now");
      relay.silent("192.0.2.2:25", false);
      relay.pass(Duration.ofHours(1));
      assertThat(taken).containsExactly("192.0.2.2");
    }
  }

  @Test
  void whatNoConnectorTakesIsRefusedWhenItComes() {
    try (var relay = begin(BOTH)) {
      try (var caller = relay.call("198.51.100.7")) {
        caller.hear();
        caller.say("EHLO client.example");
        assertThat(caller.reply()).anyMatch(line -> line.endsWith("SIZE 20000"));
        assertThat(caller.ask("MAIL FROM:<b@a.example> SIZE=20001")).startsWith("552 5.3.4 ");
      }
      assertThat(send(relay, "one@a.example", 30_000)).startsWith("552 5.3.4 ");
      assertThat(relay.log("max-size of all connectors")).hasSizeGreaterThanOrEqualTo(2);
      assertThat(
              relay.command(
                  "explain --offline --client 198.51.100.7 --from b@a.example --to c@a.example"
                      + " --size 5kB"))
          .contains("takes 2000 at most (max-size)")
          .contains("no mail above 20 kB");
    }
  }
}
