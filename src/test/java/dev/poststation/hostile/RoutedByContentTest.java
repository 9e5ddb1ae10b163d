package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.MemoryConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/// Routes by header, size, listener and zone in the whole relay, over restarts, in virtual time.
class RoutedByContentTest {
  private static final String RELAY =
      """
      connectors.lists { hosts = ["192.0.2.1:25"], tls = off }
      connectors.large { hosts = ["192.0.2.2:25"], tls = off }
      connectors.other { hosts = ["192.0.2.3:25"], tls = off }
      listeners.world { bind = "192.0.2.200:25", zone = world }
      routes = [
        { header = [List-Id], via = [lists] }
        { zone = guests, via = [lists] }
        { larger-than = 2 kB, zone = world, via = [large] }
        { via = [other] }
      ]
      clients = [
        { name = guests, networks = ["198.51.100.9"], zone = world, zone-label = guests }
        { name = lan, networks = ["198.51.100.0/24"] }
      ]
      """;

  private final Map<String, List<String>> asked = new ConcurrentHashMap<>();
  private final Map<String, List<String>> taken = new ConcurrentHashMap<>();
  private volatile boolean greylists = true;

  private WholeRelay begin() {
    var relay = new WholeRelay(RELAY);
    for (String name : List.of("192.0.2.1:25", "192.0.2.2:25", "192.0.2.3:25")) {
      asked.put(name, new CopyOnWriteArrayList<>());
      taken.put(name, new CopyOnWriteArrayList<>());
      relay.house(name, connection -> serve(name, connection));
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
          if (content) {
            content = !line.equals(".");
            if (!content) {
              say(connection, "250 2.0.0 ok");
            }
            continue;
          }
          if (line.startsWith("RCPT TO:<")) {
            String recipient = line.substring(9, line.indexOf('>'));
            asked.get(name).add(recipient);
            if (greylists) {
              say(connection, "450 4.7.1 greylisted");
              continue;
            }
            taken.get(name).add(recipient);
          }
          content = line.equals("DATA");
          say(connection, content ? "354 go" : "250 2.0.0 ok");
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

  private static void send(WholeRelay relay) {
    try (var caller = relay.call("198.51.100.7", 25)) {
      caller.hear();
      caller.ask("EHLO client.example");
      mail(caller, "list@there.example", "List-Id: <news.example>\r\n\r\nnews");
      mail(caller, "large@there.example", "Subject: x\r\n\r\n" + "0123456789\r\n".repeat(300));
      mail(caller, "small@there.example", "Subject: x\r\n\r\nList-Id: <news.example>");
    }
  }

  private static void mail(WholeRelay.Client caller, String to, String content) {
    assertThat(caller.ask("MAIL FROM:<a@example.com>")).startsWith("250");
    assertThat(caller.ask("RCPT TO:<" + to + ">")).startsWith("250");
    assertThat(caller.ask("DATA")).startsWith("354");
    assertThat(caller.ask(content + "\r\n.")).startsWith("250");
  }

  private void expect(Map<String, List<String>> what) {
    assertThat(what.get("192.0.2.1:25")).isNotEmpty().containsOnly("list@there.example");
    assertThat(what.get("192.0.2.2:25")).isNotEmpty().containsOnly("large@there.example");
    assertThat(what.get("192.0.2.3:25")).isNotEmpty().containsOnly("small@there.example");
  }

  @Test
  void eachMailGoesTheSameWayBeforeAndAfterARestart() {
    try (var relay = begin()) {
      send(relay);
      relay.pass(Duration.ofSeconds(10));
      expect(asked);
      relay.restart();
      greylists = false;
      relay.pass(Duration.ofHours(1));
      expect(asked);
      expect(taken);
      assertThat(relay.log("status=sent")).hasSize(3);
    }
  }

  @Test
  void aMailThatWaitsGoesAnotherWayOnceARouteForItsHeaderIsThere() {
    try (var relay = begin()) {
      send(relay);
      relay.pass(Duration.ofSeconds(10));
      greylists = false;
      relay.disk.with(
          "/etc/poststation/poststation.conf",
          new String(read(relay), StandardCharsets.UTF_8)
              + "\nroutes = [ { header = \"Subject: X\", via = [lists] }, { via = [other] } ]");
      relay.reload();
      relay.pass(Duration.ofSeconds(10));
      assertThat(taken.get("192.0.2.1:25"))
          .containsExactlyInAnyOrder("large@there.example", "small@there.example");
      assertThat(taken.get("192.0.2.3:25")).containsExactly("list@there.example");
    }
  }

  @Test
  void theZoneOfAnEntryOfClientsIsThatOfItsMailAlsoAfterARestart() {
    try (var relay = begin()) {
      try (var guest = relay.call("198.51.100.9", 25)) {
        guest.hear();
        guest.ask("EHLO guest.example");
        mail(guest, "guest@there.example", "Subject: x\r\n\r\nnone of a list");
      }
      relay.pass(Duration.ofSeconds(10));
      assertThat(asked.get("192.0.2.1:25")).isNotEmpty().containsOnly("guest@there.example");
      assertThat(relay.log("event=queued"))
          .singleElement()
          .asString()
          .contains(" client=guests zone=guests address=198.51.100.9 ");
      relay.restart();
      greylists = false;
      relay.pass(Duration.ofHours(1));
      assertThat(taken.get("192.0.2.1:25")).containsExactly("guest@there.example");
    }
  }

  private static byte[] read(WholeRelay relay) {
    try {
      return relay.disk.read(Path.of("/etc/poststation/poststation.conf"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
