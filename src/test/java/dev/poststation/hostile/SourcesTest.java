package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.MemoryConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/// Mail from several addresses of ours, in virtual time.
class SourcesTest {
  private static final String HOP = "192.0.2.1:25";

  private final List<String> taken = new CopyOnWriteArrayList<>();
  private int sent;

  private WholeRelay begin(String source) {
    var relay =
        new WholeRelay(
            """
            connectors.out { hosts = ["192.0.2.1:25"], tls = off, mails-per-connection = 1, %s }
            routes = [ { via = [out] } ]
            clients = [ { name = lan, networks = ["198.51.100.0/24"] } ]
            """
                .formatted(source));
    relay.house(HOP, this::serve);
    return relay.start();
  }

  private void serve(MemoryConnection connection) {
    String from = connection.remote().getAddress().getHostAddress();
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
            taken.add(from + " " + hello);
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

  private void send(WholeRelay relay, int mails) {
    for (int i = 0; i < mails; i++) {
      try (var caller = relay.call("198.51.100.7")) {
        caller.hear();
        caller.ask("EHLO client.example");
        assertThat(caller.mail("a@example.com", sent++ + "@there.example")).startsWith("250 ");
      }
      relay.pass(Duration.ofSeconds(10));
    }
  }

  @Test
  void eachMailSaysWhereItCameFrom() {
    try (var relay =
        begin(
            "source = [ \"192.0.2.10\", { address = \"192.0.2.11\", hello = \"two.example\" } ]")) {
      send(relay, 30);
      assertThat(taken).hasSize(30).contains("192.0.2.10 relay.example", "192.0.2.11 two.example");
      assertThat(relay.log("status=sent").stream().filter(l -> l.contains("source=192.0.2.11 ")))
          .hasSize((int) taken.stream().filter("192.0.2.11 two.example"::equals).count());
    }
  }

  @Test
  void withoutAnAddressMailWaitsWithAReasonAndStatusSaysWhatToDo() {
    try (var relay = begin("source = \"192.0.2.10\"")) {
      relay.lacks("192.0.2.10", true);
      send(relay, 2);
      assertThat(taken).isEmpty();
      assertThat(relay.log("status=deferred"))
          .isNotEmpty()
          .allMatch(line -> line.contains("192.0.2.10 is no address of this machine"));
      assertThat(relay.log("event=source")).hasSize(1);
      assertThat(relay.relay().concerns())
          .contains(
              "Connector out sends nothing from its source 192.0.2.10: 192.0.2.10 is no address"
                  + " of this machine; give the machine that address, or remove it from source");
      relay.lacks("192.0.2.10", false);
      relay.pass(Duration.ofMinutes(17));
      assertThat(taken).hasSize(2).containsOnly("192.0.2.10 relay.example");
      assertThat(relay.log("event=source").getLast()).contains("state=present");
      assertThat(relay.relay().concerns()).noneMatch(text -> text.contains("192.0.2.10"));
    }
  }
}
