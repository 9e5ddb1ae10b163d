package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.MemoryConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/// Two providers that share the mail of a route, and a third for what neither takes.
class SharedRoutesTest {
  private static final String LARGE = "192.0.2.11:25";
  private static final String SMALL = "192.0.2.12:25";
  private static final String SPARE = "192.0.2.13:25";

  /// What was taken, and who was asked first for each recipient.
  private final List<String> taken = new CopyOnWriteArrayList<>();

  private final Map<String, List<String>> asked = new HashMap<>();
  private volatile boolean greylists;
  private int sent;

  private WholeRelay begin(String of, String fallback) {
    var relay =
        new WholeRelay(
            """
            connectors { large { hosts = ["192.0.2.11:25"], tls = off, %s }
                         small { hosts = ["192.0.2.12:25"], tls = off }
                         spare { hosts = ["192.0.2.13:25"], tls = off } }
            routes = [ { via = [ { connector = large, weight = 3 }
                                 { connector = small, weight = 1 }
                                 { connector = spare, priority = 20 } ], %s } ]
            clients = [ { name = lan, networks = ["198.51.100.0/24"] } ]
            """
                .formatted(of, fallback));
    for (String host : List.of(LARGE, SMALL, SPARE)) {
      relay.house(host, connection -> serve(connection, host));
    }
    return relay.start();
  }

  private void serve(MemoryConnection connection, String host) {
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
            taken.add(host);
            say(connection, "250 2.0.0 ok");
          } else if (!content) {
            content = line.equals("DATA");
            boolean rcpt = line.startsWith("RCPT");
            if (rcpt) {
              asked.computeIfAbsent(line, _ -> new CopyOnWriteArrayList<>()).add(host);
            }
            boolean no = rcpt && greylists;
            say(connection, content ? "354 go" : no ? "450 4.7.1 later" : "250 2.0.0 ok");
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
      relay.pass(Duration.ofSeconds(1));
    }
  }

  private long by(String host) {
    return taken.stream().filter(host::equals).count();
  }

  @Test
  void mailIsSharedByWeightWhileBothWork() {
    try (var relay = begin("", "")) {
      send(relay, 200);
      assertThat(taken).hasSize(200);
      assertThat(by(SMALL)).as("a quarter").isBetween(30L, 70L);
      assertThat(by(SPARE)).isZero();
    }
  }

  @Test
  void whatOneDoesNotTakeTheOtherDoesAndTheThirdOnlyWhatNeitherTakes() {
    try (var relay = begin("", "")) {
      relay.silent(LARGE, true);
      send(relay, 20);
      relay.pass(Duration.ofMinutes(10));
      assertThat(by(SMALL)).isEqualTo(20);
      relay.silent(SMALL, true);
      send(relay, 20);
      relay.pass(Duration.ofMinutes(10));
      assertThat(by(SPARE)).isEqualTo(20);
    }
  }

  @Test
  void whatIsMoreThanAQuotaGoesByTheOther() {
    try (var relay = begin("quota = [\"5/hour\"]", "fallback = [connection, quota]")) {
      send(relay, 60);
      assertThat(by(LARGE)).isEqualTo(5);
      assertThat(by(SMALL)).isEqualTo(55);
    }
  }

  @Test
  void withoutQuotaInFallbackItWaitsForItsOwn() {
    try (var relay = begin("quota = [\"5/hour\"]", "fallback = [connection]")) {
      send(relay, 60);
      assertThat(by(LARGE)).isEqualTo(5);
      assertThat(by(SMALL)).isBetween(5L, 25L);
      assertThat(by(SPARE)).isZero();
    }
  }

  @Test
  void aMailThatIsPutOffComesAgainToTheOneThatHasSaidSoAlsoAfterARestart() {
    try (var relay = begin("", "")) {
      greylists = true;
      send(relay, 20);
      relay.restart();
      greylists = false;
      relay.pass(Duration.ofMinutes(20));
      assertThat(taken).hasSize(20);
      assertThat(asked.values())
          .hasSize(20)
          .allMatch(hosts -> hosts.stream().distinct().count() == 1);
    }
  }

  @Test
  void explainSaysTheShares() {
    try (var relay = begin("", "")) {
      assertThat(
              relay.command(
                  "explain --offline --client 198.51.100.7 --from a@x.example --to b@y.example"))
          .contains("of priority 10, 3 of 4 mails try it first")
          .contains("of priority 10, 1 of 4 mails try it first");
    }
  }
}
