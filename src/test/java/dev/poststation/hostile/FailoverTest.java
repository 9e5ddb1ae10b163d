package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.MemoryConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/// The better host of a pool goes dumb while mail flows, and comes back, in virtual time.
class FailoverTest {
  private static final String FIRST = "192.0.2.1:25";
  private static final String SECOND = "192.0.2.2:25";
  private static final Duration CONNECT = Duration.ofSeconds(30);

  private static final String RELAY =
      """
      connectors.pool { tls = off
        hosts = [ { host = "192.0.2.1:25", priority = 10 }, { host = "192.0.2.2:25", priority = 20 } ] }
      routes = [ { via = [pool] } ]
      clients = [ { name = lan, networks = ["198.51.100.0/24"] } ]
      """;

  private final Map<String, List<String>> taken = new ConcurrentHashMap<>();
  private int sent;

  private void house(WholeRelay relay, String address) {
    taken.put(address, Collections.synchronizedList(new ArrayList<>()));
    relay.house(address, connection -> serve(address, connection));
  }

  private void serve(String address, MemoryConnection connection) {
    try {
      say(connection, "220 host.example");
      byte[] buffer = new byte[8192];
      var unread = new StringBuilder();
      String recipient = "";
      boolean content = false;
      for (int count = 0; count >= 0; count = connection.read(buffer, 0, buffer.length)) {
        unread.append(new String(buffer, 0, count, StandardCharsets.US_ASCII));
        for (int end = unread.indexOf("\r\n"); end >= 0; end = unread.indexOf("\r\n")) {
          String line = unread.substring(0, end);
          unread.delete(0, end + 2);
          if (content && line.equals(".")) {
            content = false;
            taken.get(address).add(recipient);
            say(connection, "250 2.0.0 ok");
          } else if (!content) {
            content = line.equals("DATA");
            recipient =
                line.startsWith("RCPT TO:<") ? line.substring(9, line.indexOf('>')) : recipient;
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

  private void send(WholeRelay relay) {
    try (var caller = relay.call("198.51.100.7")) {
      caller.hear();
      caller.ask("EHLO client.example");
      assertThat(caller.mail("a@example.com", sent + "@there.example")).startsWith("250 ");
    }
    sent++;
  }

  /// One mail every ten seconds.
  private void flow(WholeRelay relay, int mails) {
    for (int i = 0; i < mails; i++) {
      send(relay);
      relay.pass(Duration.ofSeconds(10));
    }
  }

  @Test
  void mailIsHeldUpByThreeFailuresAtMostAndGoesBackWhenTheProbeSucceeds() {
    try (var relay = new WholeRelay(RELAY)) {
      house(relay, FIRST);
      house(relay, SECOND);
      relay.start();
      flow(relay, 3);
      assertThat(taken.get(FIRST)).hasSize(3);

      relay.silent(FIRST, true);
      long begin = relay.time.nanos();
      while (relay.log("event=host").isEmpty()) {
        flow(relay, 1);
      }
      var switched = Duration.ofNanos(relay.time.nanos() - begin);
      System.out.println("failover: the first host comes last after " + switched);
      assertThat(relay.log("event=host"))
          .singleElement()
          .asString()
          .contains("destination=pool host=192.0.2.1:25 probe=", "no answer in time");
      relay.pass(CONNECT);
      flow(relay, 30);
      // None of these 30 was held up, though the host was probed meanwhile.
      assertThat(delays(relay).subList(delays(relay).size() - 30, delays(relay).size()))
          .allMatch(seconds -> seconds < 1);
      assertThat(taken.get(FIRST)).hasSize(3);
      assertThat(relay.log("event=host")).hasSize(1);
      assertThat(relay.log("status=deferred")).isEmpty();

      relay.silent(FIRST, false);
      begin = relay.time.nanos();
      while (relay.log("event=host").size() < 2) {
        flow(relay, 1);
      }
      System.out.println(
          "failover: the first host is back after " + Duration.ofNanos(relay.time.nanos() - begin));
      int before = taken.get(FIRST).size();
      flow(relay, 5);
      assertThat(taken.get(FIRST)).hasSizeGreaterThanOrEqualTo(before + 5);
      var all = new ArrayList<>(taken.get(FIRST));
      all.addAll(taken.get(SECOND));
      assertThat(all).hasSize(sent).doesNotHaveDuplicates();
    }
  }

  private static List<Double> delays(WholeRelay relay) {
    return relay.log("status=sent").stream()
        .map(line -> line.replaceFirst(".* delay=([0-9.]+) .*", "$1"))
        .map(Double::valueOf)
        .toList();
  }
}
