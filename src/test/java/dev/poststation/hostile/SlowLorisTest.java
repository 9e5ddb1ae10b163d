package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.log.Event;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Hundreds of clients that hold their connections and send an octet now and then, while one sends
/// mail: it is served at once, all the time, and they are sent away in the end.
class SlowLorisTest {
  private static final int MANY = 300;

  private static final String CONFIGURATION =
      """
      connectors { next { hosts = ["192.0.2.2:25"], tls = off } }
      routes = [ { via = [next] } ]
      limits {
        sessions = 100, stranger-sessions = 20, sessions-per-client = 50
        command-timeout = "1 minute", data-timeout = "1 minute"
        transaction-time = "5 minutes", session-time = "30 minutes"
      }
      """;

  @ParameterizedTest
  @CsvSource({
    // From one address or many, of clients that may relay or of strangers; where they stay.
    "10.0.0.1, 1, ''",
    "10.0.0.1, 1, 'EHLO slow.example|MAIL FROM:<a@home.example>|RCPT TO:<b@good.example>|DATA'",
    "10.0.0., 60, ''",
    "10.0.0., 60, 'EHLO slow.example|MAIL FROM:<a@home.example>'",
    "203.0.113.1, 1, ''",
    "203.0.113., 60, 'EHLO slow.example'",
  })
  void aClientThatSendsMailIsServedAtOnce(String address, int addresses, String commands) {
    try (var world = new World(CONFIGURATION)) {
      var hop = Hop.good(world, "192.0.2.2:25");
      var slow = new ArrayList<Caller>();
      for (int i = 0; i < MANY; i++) {
        String from = addresses == 1 ? address : address + (1 + i % addresses);
        slow.add(new Caller(world, world.call(from)));
      }
      world.settle();
      if (!commands.isEmpty()) {
        slow.forEach(caller -> begin(caller, commands));
      }
      // What waited for a place has one now, or is gone.
      world.pass(Duration.ofSeconds(15));
      List<String> sent = new ArrayList<>();
      for (int round = 0; round < 5; round++) {
        String id = world.send("10.0.1.9", "Subject: x\r\n\r\ny\r\n", round + "@good.example");
        world.settle();
        assertThat(world.removed(id)).as("round " + round).isTrue();
        sent.add(id);
        drip(slow);
        world.pass(Duration.ofSeconds(15));
      }
      assertThat(world.sessions.count()).isLessThanOrEqualTo(120);
      world.until("all are gone", Duration.ofHours(2), () -> world.sessions.count() == 0);

      assertThat(IntStream.range(0, 5).map(i -> hop.taken(i + "@good.example"))).containsOnly(1);
      assertThat(hop.taken("b@good.example")).isZero();
      assertThat(world.spool.openDrafts()).isZero();
      assertThat(world.journal.events(Event.Connected.class))
          .hasSameSizeAs(world.journal.events(Event.Disconnected.class));
      assertThat(sent).doesNotHaveDuplicates();
    }
  }

  /// Nobody is interrupted in a mail: the next one waits, but not for long.
  @Test
  void whereAllPlacesAreInTheMiddleOfAMailTheNextClientWaitsForItsTurn() {
    try (var world = new World(CONFIGURATION)) {
      var hop = Hop.good(world, "192.0.2.2:25");
      var slow = new ArrayList<Caller>();
      for (int i = 0; i < 100; i++) {
        slow.add(new Caller(world, world.call("10.0.0." + (1 + i))));
      }
      slow.forEach(
          caller ->
              begin(
                  caller,
                  "EHLO slow.example|MAIL FROM:<a@home.example>|RCPT TO:<b@good.example>|DATA"));
      var next = world.call("10.0.1.9");
      var waited =
          world.until(
              "the next one has its turn",
              Duration.ofMinutes(6),
              () -> {
                drip(slow);
                return next.readable();
              });
      assertThat(waited).isBetween(Duration.ofMinutes(1), Duration.ofMinutes(5));
      next.close();
      world.until("all are gone", Duration.ofMinutes(6), () -> world.sessions.count() == 0);
      assertThat(hop.mails()).isZero();
      String id = world.send("10.0.1.9", "Subject: x\r\n\r\ny\r\n", "1@good.example");
      world.settle();
      assertThat(world.removed(id)).isTrue();
    }
  }

  private static void begin(Caller caller, String commands) {
    for (String command : commands.split("\\|", -1)) {
      caller.lines();
      if (!caller.over()) {
        caller.say(command);
      }
    }
  }

  private static void drip(List<Caller> slow) {
    for (var caller : slow) {
      if (!caller.over()) {
        caller.write("x".getBytes(StandardCharsets.US_ASCII));
      }
    }
  }
}
