package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.MemoryConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/// Quotas of providers, in virtual time, over restarts and crashes.
class QuotaTest {
  private static final int QUOTA = 25;

  private static String relay(String connector, String route) {
    return """
    connectors.first { hosts = ["192.0.2.1:25"], tls = off, %s }
    connectors.other { hosts = ["192.0.2.2:25"], tls = off }
    routes = [ { %s } ]
    queue { warn-after = "2 days" }
    clients = [ { name = lan, networks = ["198.51.100.0/24"] } ]
    """
        .formatted(connector, route);
  }

  /// When each host took a mail, by the virtual clock.
  private final Map<String, List<Long>> taken = new ConcurrentHashMap<>();

  private final List<String> recipients = new CopyOnWriteArrayList<>();
  private String refused = "nobody";
  private int sent;

  private WholeRelay begin(String connector, String route) {
    var relay = new WholeRelay(relay(connector, route));
    for (String address : List.of("192.0.2.1:25", "192.0.2.2:25")) {
      taken.put(address, new CopyOnWriteArrayList<>());
      relay.house(address, connection -> serve(relay, address, connection));
    }
    return relay.start();
  }

  private void serve(WholeRelay relay, String address, MemoryConnection connection) {
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
            taken.get(address).add(relay.time.nanos());
            say(connection, "250 2.0.0 ok");
          } else if (!content && line.startsWith("RCPT TO:<" + refused)) {
            say(connection, "550 5.1.1 no such user");
          } else if (!content) {
            if (line.startsWith("RCPT TO:<")) {
              recipients.add(line.substring(9, line.indexOf('>')));
            }
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
    try (var caller = relay.call("198.51.100.7")) {
      caller.hear();
      caller.ask("EHLO client.example");
      for (int i = 0; i < mails; i++) {
        assertThat(caller.mail("a@example.com", sent++ + "@there.example")).startsWith("250 ");
      }
    }
  }

  /// The most mails of any hour, wherever it begins.
  private static int mostInAnHour(List<Long> times) {
    int most = 0;
    for (int from = 0; from < times.size(); from++) {
      long end = times.get(from) + Duration.ofHours(1).toNanos();
      long there = times.subList(from, times.size()).stream().filter(time -> time < end).count();
      most = Math.max(most, (int) there);
    }
    return most;
  }

  @Test
  void inNoHourAreMoreSentThanTheQuotaAllowsAndAllAreInTheEnd() {
    try (var relay = begin("quota = [\"" + QUOTA + "/hour\"]", "via = [first]")) {
      send(relay, 60);
      relay.pass(Duration.ofMinutes(1));
      assertThat(taken.get("192.0.2.1:25")).hasSize(QUOTA);
      assertThat(relay.log("status=deferred"))
          .allMatch(line -> line.contains("quota 25/hour of connector first is used up"));
      assertThat(relay.log("event=destination")).isEmpty();
      relay.pass(Duration.ofMinutes(58));
      assertThat(taken.get("192.0.2.1:25")).hasSize(QUOTA);
      relay.pass(Duration.ofMinutes(4));
      assertThat(taken.get("192.0.2.1:25")).hasSize(2 * QUOTA);
      relay.pass(Duration.ofMinutes(62));
      assertThat(taken.get("192.0.2.1:25")).hasSize(60);
      assertThat(mostInAnHour(taken.get("192.0.2.1:25"))).isEqualTo(QUOTA);
      assertThat(recipients).hasSize(60).doesNotHaveDuplicates();
    }
  }

  @Test
  void whatIsTooMuchGoesToTheNextConnectorWhereTheRouteSaysSo() {
    try (var relay =
        begin("quota = [\"25/hour\"]", "via = [first, other], fallback = [connection, quota]")) {
      send(relay, 40);
      relay.pass(Duration.ofMinutes(1));
      assertThat(taken.get("192.0.2.1:25")).hasSize(QUOTA);
      assertThat(taken.get("192.0.2.2:25")).hasSize(15);
    }
  }

  @Test
  void whatTheHostRefusesDoesNotCount() {
    try (var relay = begin("quota = [\"25/hour\"]", "via = [first]")) {
      refused = "1";
      send(relay, 10);
      refused = "nobody";
      send(relay, 30);
      relay.pass(Duration.ofMinutes(1));
      assertThat(taken.get("192.0.2.1:25")).hasSize(QUOTA);
    }
  }

  @Test
  void recipientsAreCountedLikewise() {
    try (var relay =
        begin("recipients-per-mail = 10, quota-recipients = [\"10/day\"]", "via = [first]")) {
      send(relay, 12);
      relay.pass(Duration.ofMinutes(1));
      assertThat(taken.get("192.0.2.1:25")).hasSize(10);
      relay.pass(Duration.ofHours(25));
      assertThat(relay.log("status=deferred")).as("said once for each").hasSize(2);
      assertThat(taken.get("192.0.2.1:25")).hasSize(12);
    }
  }

  @Test
  void aRestartForgetsNothing() {
    try (var relay = begin("quota = [\"25/hour\"]", "via = [first]")) {
      send(relay, 10);
      relay.pass(Duration.ofMinutes(1));
      relay.restart();
      send(relay, 30);
      relay.pass(Duration.ofMinutes(1));
      assertThat(taken.get("192.0.2.1:25")).hasSize(QUOTA);
    }
  }

  @Test
  void aRestartInTheMiddleOfTheHourLeavesAQuotaOf250ExactlyKept() {
    try (var relay = begin("quota = [\"250/hour\"]", "via = [first]")) {
      send(relay, 120);
      relay.pass(Duration.ofMinutes(30));
      assertThat(taken.get("192.0.2.1:25")).hasSize(120);
      relay.restart();
      send(relay, 280);
      relay.pass(Duration.ofMinutes(29));
      assertThat(taken.get("192.0.2.1:25")).hasSize(250);
      relay.pass(Duration.ofHours(2));
      assertThat(mostInAnHour(taken.get("192.0.2.1:25"))).isEqualTo(250);
      assertThat(recipients).hasSize(400).doesNotHaveDuplicates();
    }
  }

  private static List<String> measured(WholeRelay relay) {
    return relay
        .relay()
        .metrics()
        .scrape()
        .lines()
        .filter(line -> line.startsWith("poststation_quota_"))
        .toList();
  }

  @Test
  void whatIsLeftOfEachQuotaIsMeasuredAndGrowsAgainWithTime() {
    try (var relay =
        begin(
            "quota = [\"25/hour\", \"1000/day\"], quota-recipients = [\"5000/day\"]",
            "via = [first]")) {
      send(relay, 10);
      relay.pass(Duration.ofMinutes(1));
      assertThat(measured(relay))
          .containsExactlyInAnyOrder(
              left("mails/hour", 15),
              left("mails/day", 990),
              left("recipients/day", 4990),
              limit("mails/hour", 25),
              limit("mails/day", 1000),
              limit("recipients/day", 5000));
      relay.pass(Duration.ofHours(2));
      assertThat(measured(relay)).contains(left("mails/hour", 25), left("mails/day", 990));
      relay.change("\"25/hour\", ", "");
      relay.reload();
      assertThat(measured(relay)).hasSize(4).noneMatch(line -> line.contains("mails/hour"));
    }
  }

  @Test
  void connectionsAreMeasuredAndShownLikeOtherQuotas() {
    try (var relay = begin("quota-connections = 3, idle = \"5 minutes\"", "via = [first]")) {
      send(relay, 1);
      assertThat(measured(relay))
          .containsExactlyInAnyOrder(left("connections", 2), limit("connections", 3));
      relay.pass(Duration.ofMinutes(6));
      assertThat(measured(relay)).contains(left("connections", 3));
    }
  }

  private static String left(String quota, int left) {
    return "poststation_quota_left" + labels(quota, "") + " " + (double) left;
  }

  private static String limit(String quota, int limit) {
    return "poststation_quota_limit" + labels(quota, "") + " " + (double) limit;
  }

  private static String labels(String quota, String user) {
    return "{connector=\"first\",quota=\"" + quota + "\",user=\"" + user + "\"}";
  }

  @Test
  void whatIsLeftIsMeasuredForEachAccountWhereEachHasItsOwnQuota() {
    String auth =
        "tls = verify, auth = [ { user = one, password = \"file:/one\", from = [\"one.example\"] },"
            + " { user = two, password = \"file:/one\" } ], ";
    var whole =
        new WholeRelay(
            relay(auth + "quota = [\"25/hour\"], quota-per = account", "via = [first]")
                .replace("tls = off, tls", "tls"));
    whole.disk.with("/one", "s3cret\n");
    try (var relay = whole.start()) {
      assertThat(measured(relay))
          .contains(
              "poststation_quota_left" + labels("mails/hour", "one") + " 25.0",
              "poststation_quota_left" + labels("mails/hour", "two") + " 25.0")
          .hasSize(4);
    }
  }

  @Test
  void aCrashSendsNoMoreThanTheQuota() {
    var sizes = new TreeMap<Integer, Integer>();
    for (int before : List.of(1, 7, 24, 25)) {
      taken.clear();
      recipients.clear();
      try (var relay = begin("quota = [\"250/hour\"]", "via = [first]")) {
        send(relay, before);
        relay.pass(Duration.ofSeconds(10));
        relay.crash();
        send(relay, 270);
        relay.pass(Duration.ofMinutes(5));
        var times = new ArrayList<>(taken.get("192.0.2.1:25"));
        assertThat(times.size()).isBetween(245, 250);
        sizes.put(before, times.size());
      }
    }
    System.out.println("quota 250/hour, sent before a crash = in all: " + sizes);
  }
}
