package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.delivery.SourceAddresses;
import dev.poststation.message.QueueId;
import dev.poststation.queue.QueueEntry;
import dev.poststation.sim.MemoryConnection;
import dev.poststation.spool.SpoolException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/// Mail from several addresses of ours, in virtual time.
class SourcesTest {
  private static final String HOP = "192.0.2.1:25";

  private final List<String> taken = new CopyOnWriteArrayList<>();
  private int sent;

  private volatile boolean refuses;

  private WholeRelay begin(String source) {
    return begin(source, 1);
  }

  private WholeRelay begin(String source, int mailsPerConnection) {
    var relay =
        new WholeRelay(
            """
            connectors.out { hosts = ["192.0.2.1:25"], tls = off, mails-per-connection = %d, %s }
            routes = [ { via = [out] } ]
            queue { warn-after = "2 days" }
            clients = [ { name = lan, networks = ["198.51.100.0/24"] } ]
            """
                .formatted(mailsPerConnection, source));
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
            boolean no = refuses && line.startsWith("MAIL");
            say(connection, content ? "354 go" : no ? "550 5.7.1 no" : "250 2.0.0 ok");
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

  private long from(String address) {
    return taken.stream().filter(mail -> mail.startsWith(address + " ")).count();
  }

  /// Until an hour after the next midnight of this machine.
  private static void nextDay(WholeRelay relay) {
    var now = relay.time.now().atZone(ZoneId.systemDefault());
    var next = now.toLocalDate().plusDays(1).atTime(1, 0).atZone(ZoneId.systemDefault());
    relay.pass(Duration.between(now, next));
  }

  private static String plan(WholeRelay relay, int start, int days) {
    var today = relay.time.now().atZone(ZoneId.systemDefault()).toLocalDate();
    return "warm-up { from = \"%s\", start = %d, double-every = \"1 day\", days = %d }"
        .formatted(today, start, days);
  }

  private static String today(int start, int days) {
    return plan(new WholeRelay(""), start, days);
  }

  @Test
  void aNewAddressSendsAsItsPlanSaysAndTheOthersTheRest() {
    try (var relay =
        begin(
            "source = [ { address = \"192.0.2.10\" }, { address = \"192.0.2.11\", weight = 1000, "
                + today(5, 2)
                + " } ]")) {
      send(relay, 12);
      assertThat(from("192.0.2.11")).isEqualTo(5);
      assertThat(from("192.0.2.10")).isEqualTo(7);
      relay.restart();
      send(relay, 3);
      assertThat(from("192.0.2.11")).as("a restart forgets nothing").isEqualTo(5);
      relay.crash();
      send(relay, 3);
      assertThat(from("192.0.2.11")).as("nor does a crash").isEqualTo(5);
      nextDay(relay);
      send(relay, 15);
      assertThat(from("192.0.2.11")).as("twice as many on the next day").isEqualTo(15);
      nextDay(relay);
      send(relay, 40);
      assertThat(from("192.0.2.11")).as("no limit any more").isGreaterThan(45);
      assertThat(taken).hasSize(73);
      assertThat(relay.log("status=deferred")).isEmpty();
    }
  }

  /// Until when each mail waits that was put off.
  private static List<Instant> waitingUntil(WholeRelay relay) {
    return relay.log("status=deferred").stream()
        .map(line -> QueueId.parse(line.replaceAll(".* id=(\\S+) .*", "$1")).orElseThrow())
        .map(id -> entry(relay, id).recipients().getFirst().next())
        .toList();
  }

  private static QueueEntry entry(WholeRelay relay, QueueId id) {
    try {
      return relay.relay().control().entry(id).orElseThrow();
    } catch (SpoolException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void oneConnectionKeepsToThePlanToo() {
    try (var relay =
        begin(
            "idle = \"5 minutes\", source = { address = \"192.0.2.11\", " + today(5, 10) + " }",
            1000)) {
      send(relay, 8);
      assertThat(taken).hasSize(5);
      assertThat(relay.log("status=deferred"))
          .hasSize(3)
          .allMatch(
              line ->
                  line.contains("dsn=4.7.0")
                      && line.contains(
                          "the source addresses of connector out may send no more today: 192.0.2.11"
                              + " (5 of 5 mails)"));
      assertThat(relay.log("event=destination")).as("nothing failed").isEmpty();
      var until = relay.relay().queue().destinations().getFirst().setAsideUntil();
      assertThat(waitingUntil(relay)).as("one time for all").hasSize(3).containsOnly(until);
      var source = relay.relay().configuration().connectors().get("out").egress().sources();
      assertThat(relay.relay().sources().view(source.getFirst()))
          .isEqualTo(new SourceAddresses.View("warming-up", "", 5, 5));
      nextDay(relay);
      relay.pass(Duration.ofHours(5));
      assertThat(taken).hasSize(8);
    }
  }

  @Test
  void aCrashNeverGivesAnAddressMoreThanItsPlan() {
    for (int before : List.of(1, 100)) {
      taken.clear();
      try (var relay =
          begin(
              "source = [ \"192.0.2.10\", { address = \"192.0.2.11\", weight = 1000, "
                  + today(100, 10)
                  + " } ]")) {
        send(relay, before);
        relay.crash();
        send(relay, 130 - before);
        assertThat(taken).hasSize(130);
        assertThat(from("192.0.2.11")).as("after " + before).isBetween(95L, 100L);
      }
    }
  }

  @Test
  void whatTheNextHopRefusesDoesNotCount() {
    try (var relay =
        begin(
            "source = [ \"192.0.2.10\", { address = \"192.0.2.11\", weight = 1000, "
                + today(5, 10)
                + " } ]")) {
      refuses = true;
      send(relay, 5);
      refuses = false;
      assertThat(taken).isEmpty();
      send(relay, 10);
      assertThat(from("192.0.2.11")).isEqualTo(5);
    }
  }

  @Test
  void anAddressThatIsAddedLetsWaitingMailGoAtOnce() {
    String plan = "{ address = \"192.0.2.11\", " + today(5, 10) + " }";
    try (var relay = begin("source = [ " + plan + " ]")) {
      send(relay, 9);
      assertThat(taken).hasSize(5);
      relay.change("source = [ " + plan + " ]", "source = [ " + plan + ", \"192.0.2.10\" ]");
      relay.reload();
      relay.pass(Duration.ofMinutes(2));
      assertThat(taken).hasSize(9);
    }
  }
}
