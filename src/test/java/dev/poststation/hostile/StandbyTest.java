package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.MemoryConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/// Hosts that nobody calls are asked whether they work, in virtual time.
class StandbyTest {
  private static final String FIRST = "127.0.2.1:25";
  private static final String SECOND = "127.0.2.2:25";
  private static final String THIRD = "127.0.2.3:25";

  private static final String THREE =
      """
      connectors.first  { hosts = ["127.0.2.1:25"], tls = off }
      connectors.second { hosts = ["127.0.2.2:25"], tls = off %s }
      connectors.third  { hosts = ["127.0.2.3:25"], tls = off, probe-every = "0 s" }
      """;

  /// What each host was told by each connection: `127.0.2.2:25 EHLO QUIT`.
  private final List<String> calls = new CopyOnWriteArrayList<>();

  private final List<String> taken = new CopyOnWriteArrayList<>();
  private volatile String greeting = "220 host.example";
  private volatile boolean letsIn;

  /// What the second host says to each login; empty: as the others.
  private volatile String atLogin = "";

  private int sent;

  private WholeRelay begin(String connectors, String via) {
    return relay(connectors, via).start();
  }

  private WholeRelay relay(String connectors, String via) {
    var relay =
        new WholeRelay(
            connectors
                + """
                routes = [ { via = [%s] } ]
                clients = [ { name = lan, networks = ["198.51.100.0/24"] } ]
                """
                    .formatted(via));
    for (String address : List.of(FIRST, SECOND, THIRD)) {
      relay.house(address, connection -> serve(address, connection));
    }
    return relay;
  }

  private void serve(String address, MemoryConnection connection) {
    var said = new StringBuilder(address);
    try {
      say(connection, address.equals(SECOND) ? greeting : "220 host.example");
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
            taken.add(address);
            say(connection, "250 2.0.0 ok");
          } else if (!content) {
            said.append(' ').append(line.split(" ", 2)[0]);
            content = line.equals("DATA");
            say(connection, answer(address, line));
          }
        }
      }
    } catch (IOException _) {
      // It is gone.
    } finally {
      calls.add(said.toString());
    }
  }

  private String answer(String address, String line) {
    if (line.startsWith("AUTH") && address.equals(SECOND) && !atLogin.isEmpty()) {
      return atLogin;
    }
    return switch (line.split(" ", 2)[0]) {
      case "EHLO" -> "250-host.example\r\n250 AUTH PLAIN";
      case "AUTH" -> letsIn ? "235 2.7.0 welcome" : "535 5.7.8 who are you";
      case "DATA" -> "354 go";
      default -> "250 2.0.0 ok";
    };
  }

  private static void say(MemoryConnection connection, String line) throws IOException {
    byte[] octets = (line + "\r\n").getBytes(StandardCharsets.US_ASCII);
    connection.write(octets, 0, octets.length);
  }

  private void send(WholeRelay relay) {
    try (var caller = relay.call("198.51.100.7")) {
      caller.hear();
      caller.ask("EHLO client.example");
      assertThat(caller.mail("a@example.com", sent++ + "@there.example")).startsWith("250 ");
    }
    relay.pass(Duration.ofSeconds(1));
  }

  private long calls(String address) {
    return calls.stream().filter(each -> each.startsWith(address)).count();
  }

  @Test
  void aStandbyIsAskedOnceAnHourWithoutMailAndWhoIsInUseIsNot() {
    try (var relay = begin(THREE.formatted(""), "first, second, third")) {
      send(relay);
      calls.clear();
      for (int i = 0; i < 18; i++) {
        relay.pass(Duration.ofMinutes(10));
        send(relay);
      }
      assertThat(calls(SECOND)).isBetween(3L, 4L);
      assertThat(calls)
          .filteredOn(each -> each.startsWith(SECOND))
          .containsOnly(SECOND + " EHLO QUIT");
      assertThat(calls(THIRD)).as("probe-every = 0 s").isZero();
      assertThat(calls)
          .filteredOn(each -> each.startsWith(FIRST))
          .hasSize(18)
          .noneMatch((FIRST + " EHLO QUIT")::equals);
      assertThat(relay.log("event=destination")).isEmpty();
    }
  }

  @Test
  void aDeadStandbyIsKnownBeforeItIsNeededAndIsNotTriedFirst() {
    try (var relay = begin(THREE.formatted(""), "first, second, third")) {
      relay.silent(SECOND, true);
      relay.pass(Duration.ofMinutes(5));
      assertThat(relay.log("event=destination"))
          .singleElement()
          .asString()
          .contains("destination=second until=", "no answer in time");
      assertThat(relay.relay().queue().destinations())
          .filteredOn(each -> each.name().equals("second"))
          .singleElement()
          .matches(each -> each.since() != null && !each.reason().isEmpty());
      assertThat(relay.relay().metrics().scrape())
          .contains("poststation_destination_changes_total{to=\"suspended\"} 1");

      relay.silent(FIRST, true);
      long before = relay.time.nanos();
      send(relay);
      while (taken.isEmpty()) {
        relay.pass(Duration.ofSeconds(1));
      }
      assertThat(Duration.ofNanos(relay.time.nanos() - before))
          .as("the time-out of the first alone")
          .isLessThan(Duration.ofSeconds(40));
      assertThat(taken).containsExactly(THIRD);

      relay.silent(SECOND, false);
      relay.pass(Duration.ofMinutes(20));
      assertThat(relay.log("destination=second").getLast()).contains("text=\"reached again\"");
      send(relay);
      relay.pass(Duration.ofMinutes(1));
      assertThat(taken).containsExactly(THIRD, SECOND);
    }
  }

  @Test
  void aSilentFirstHoldsUpOneMailAndNoneAfterItsWaits() {
    try (var relay = begin(THREE.formatted(""), "first, second")) {
      relay.silent(FIRST, true);
      for (int i = 1; i <= 60; i++) {
        send(relay);
        relay.pass(Duration.ofSeconds(i == 1 ? 400 : 1));
        assertThat(taken).as("after %s mails", i).hasSize(i).containsOnly(SECOND);
        relay.pass(Duration.ofMinutes(1));
      }
      relay.silent(FIRST, false);
      relay.pass(Duration.ofMinutes(20));
      send(relay);
      relay.pass(Duration.ofSeconds(1));
      assertThat(taken.getLast()).isEqualTo(FIRST);
    }
  }

  @Test
  void ofAPoolTheHostThatNobodyCallsIsAskedAsWell() {
    String pool =
        """
        connectors.pool { hosts = ["127.0.2.1:25", "127.0.2.2:25"], tls = off }
        """;
    try (var relay = begin(pool, "pool")) {
      relay.silent(SECOND, true);
      for (int i = 0; i < 30; i++) {
        send(relay);
        relay.pass(Duration.ofMinutes(1));
      }
      assertThat(relay.log("event=host"))
          .singleElement()
          .asString()
          .contains("destination=pool host=127.0.2.2:25 probe=");
      assertThat(relay.relay().queue().load().hostsLast()).isEqualTo(1);
      assertThat(relay.log("event=destination")).isEmpty();
      relay.silent(SECOND, false);
      relay.pass(Duration.ofMinutes(20));
      assertThat(relay.log("event=host").getLast()).contains("text=\"reached again\"");
      assertThat(calls(SECOND)).isPositive();
    }
  }

  @Test
  void whoHasNoOtherWayIsNotAskedAndNobodyIsWhereItIsOff() {
    try (var relay = begin(THREE.formatted(""), "first")) {
      relay.pass(Duration.ofHours(3));
      assertThat(calls).isEmpty();
    }
    try (var relay =
        begin(
            THREE
                .formatted(", probe-every = \"0 s\"")
                .replace("25\"], tls = off }", "25\"], tls = off, probe-every = \"0 s\" }"),
            "first, second, third")) {
      relay.pass(Duration.ofHours(3));
      assertThat(calls).isEmpty();
    }
  }

  @Test
  void aHostThatRefusesToTalkIsDeadAndOneThatIsReloadedIsAskedAnew() {
    greeting = "421 4.3.2 closed for today";
    try (var relay = begin(THREE.formatted(""), "first, second")) {
      relay.pass(Duration.ofMinutes(3));
      assertThat(relay.log("event=destination"))
          .singleElement()
          .asString()
          .contains("destination=second", "closed for today");
      greeting = "220 host.example";
      long before = calls(SECOND);
      relay.reload();
      relay.pass(Duration.ofMinutes(2));
      assertThat(calls(SECOND)).isEqualTo(before + 1);
      relay.pass(Duration.ofMinutes(50));
      assertThat(calls(SECOND)).isEqualTo(before + 1);
    }
  }

  private WholeRelay withLogin(String more) {
    var relay =
        relay(
            """
            connectors.first  { hosts = ["127.0.2.1:25"], tls = off }
            connectors.second { hosts = ["127.0.2.2:25"], tls = off %s
              auth = [ { from = ["sales.example"], user = sales, mechanism = plain, password = "file:/etc/poststation/pass" }
                       { user = other, mechanism = plain, password = "file:/etc/poststation/pass" } ] }
            """
                .formatted(more),
            "first, second");
    relay.disk.with("/etc/poststation/pass", "s3cret\n");
    return relay.start();
  }

  @Test
  void nobodyLogsInUnlessThatIsWantedAndOneConnectionTellsForAllAccounts() {
    try (var relay = withLogin("")) {
      relay.pass(Duration.ofMinutes(70));
      assertThat(calls)
          .filteredOn(each -> each.startsWith(SECOND))
          .hasSize(2)
          .containsOnly(SECOND + " EHLO QUIT");
      relay.silent(SECOND, true);
      relay.pass(Duration.ofMinutes(70));
      assertThat(relay.log("event=destination"))
          .hasSize(2)
          .anyMatch(line -> line.contains("destination=second:sales "))
          .anyMatch(line -> line.contains("destination=second:other "));
    }
  }

  @Test
  void withALoginAWrongPasswordOfTheStandbyIsFoundOut() {
    try (var relay = withLogin(", probe-login = on")) {
      relay.pass(Duration.ofMinutes(3));
      assertThat(relay.log("event=destination"))
          .hasSize(2)
          .allMatch(line -> line.contains("535 5.7.8 who are you"));
      letsIn = true;
      relay.pass(Duration.ofMinutes(20));
      assertThat(relay.log("text=\"reached again\"")).hasSize(2);
      calls.clear();
      relay.pass(Duration.ofMinutes(61));
      assertThat(calls)
          .filteredOn(each -> each.startsWith(SECOND))
          .hasSize(2)
          .containsOnly(SECOND + " EHLO AUTH QUIT");
    }
  }

  @Test
  void aProbeWithoutALoginDoesNotBringBackWhoRefusesOurs() {
    try (var relay = withLogin("")) {
      relay.silent(FIRST, true);
      send(relay);
      relay.pass(Duration.ofMinutes(2));
      assertThat(relay.log("destination=second:other "))
          .isNotEmpty()
          .allMatch(line -> line.contains("535 5.7.8 who are you"));
      relay.pass(Duration.ofHours(3));
      assertThat(relay.log("destination=second:other "))
          .noneMatch(line -> line.contains("reached again"));
    }
  }

  @Test
  void aHostThatCannotCheckLoginsNowIsTheOnlyOneOfItsPoolToComeLast() {
    letsIn = true;
    atLogin = "454 4.7.0 the directory of users is down";
    var relay =
        relay(
            """
            connectors.pool { hosts = ["127.0.2.1:25", "127.0.2.2:25"], tls = off, probe-login = on
              auth = [ { user = sales, mechanism = plain, password = "file:/etc/poststation/pass" } ] }
            """,
            "pool");
    relay.disk.with("/etc/poststation/pass", "s3cret\n");
    try (relay) {
      relay.start();
      relay.pass(Duration.ofMinutes(30));
      assertThat(relay.log("event=host"))
          .singleElement()
          .asString()
          .contains("host=127.0.2.2:25 probe=", "the directory of users is down");
      assertThat(relay.log("event=destination")).isEmpty();
    }
  }

  @Test
  void anAccountThatIsRefusedDoesNotKeepOthersFromHearingOfTheirHost() {
    try (var relay = withLogin("")) {
      relay.silent(FIRST, true);
      send(relay);
      relay.pass(Duration.ofMinutes(2));
      assertThat(relay.log("destination=second:other ")).isNotEmpty();
      relay.silent(SECOND, true);
      relay.pass(Duration.ofMinutes(70));
      assertThat(relay.log("destination=second:sales "))
          .singleElement()
          .asString()
          .contains("no answer in time");
    }
  }

  @Test
  void aProbeIsLeftOutWhileItWouldBeOneConnectionTooMany() {
    String pool =
        """
        connectors.pool { hosts = ["127.0.2.1:25", "127.0.2.2:25"], tls = off, idle = "5 m", quota-connections = 1 }
        """;
    try (var relay = begin(pool, "pool")) {
      relay.pass(Duration.ofMinutes(3));
      assertThat(calls).containsExactlyInAnyOrder(FIRST + " EHLO QUIT", SECOND + " EHLO QUIT");
      calls.clear();
      for (int i = 0; i < 40; i++) {
        send(relay);
        relay.pass(Duration.ofMinutes(4));
      }
      assertThat(calls).as("the one connection is kept open").isEmpty();
      assertThat(taken).hasSize(40);
    }
  }
}
