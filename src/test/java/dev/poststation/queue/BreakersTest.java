package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Pool;
import dev.poststation.log.Event;
import dev.poststation.message.QueueId;
import dev.poststation.route.NextHop;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// Hosts of a destination that fail again and again, and come back.
class BreakersTest {
  private static final String LAST = "a0";
  private static final Duration AFTER_THE_FIRST_WAIT = Duration.ofSeconds(61);

  /// A pool of one host, and one that comes after it.
  private static Scenario pool() {
    var scenario = new Scenario();
    scenario.hosts = _ -> List.of("a0", "b1");
    scenario.routes = _ -> List.of("provider");
    scenario.connectors = name -> Scenario.connector(name, 25, 1);
    return scenario;
  }

  private static QueueId send(Scenario scenario) {
    var id = scenario.accept("lan", "anna@example.net");
    eventually("removed", () -> scenario.removed(id));
    return id;
  }

  /// Over a connection of its own: the one before has been idle for too long.
  private static QueueId sendAnew(Scenario scenario) {
    endIdle(scenario);
    return send(scenario);
  }

  private static void endIdle(Scenario scenario) {
    scenario.eventually(
        "no connection",
        () ->
            scenario.queue.load().destinations().stream()
                .allMatch(destination -> destination.connections() == 0));
  }

  private static List<List<String>> orders(Scenario scenario) {
    return scenario.openings.stream()
        .map(destination -> destination.hosts().stream().map(NextHop::host).toList())
        .toList();
  }

  private static List<Event.HostChanged> changes(Scenario scenario) {
    return scenario.events.stream()
        .filter(Event.HostChanged.class::isInstance)
        .map(Event.HostChanged.class::cast)
        .toList();
  }

  private static void breakFirst(Scenario scenario) {
    scenario.down.add(LAST);
    for (int i = 0; i < 3; i++) {
      sendAnew(scenario);
    }
    scenario.openings.clear();
  }

  /// The probe succeeds when a mail has a connection to the other host already.
  private static void comeBackDuringAMail(Scenario scenario) {
    breakFirst(scenario);
    scenario.down.clear();
    scenario.duringOpen =
        destination -> {
          if (destination.hosts().size() == 1) {
            eventually("sent by the other", () -> scenario.sent.size() == 4);
          }
        };
    scenario.time.advance(AFTER_THE_FIRST_WAIT);
    sendAnew(scenario);
    eventually("back", () -> changes(scenario).size() == 2);
  }

  @Test
  void aHostThatFailedThreeTimesInARowComesLastAndTheMailSaysWhy() {
    try (var scenario = pool()) {
      breakFirst(scenario);
      var id = sendAnew(scenario);
      assertThat(orders(scenario)).containsExactly(List.of("b1", "a0"));
      assertThat(scenario.attempts(id).getFirst().dialogue().getFirst())
          .startsWith("* host a0:25 comes last: it failed 3 times in a row, next probe at ")
          .endsWith(": connection refused");
      assertThat(changes(scenario))
          .singleElement()
          .matches(change -> change.host().equals("a0:25") && change.probe() != null);
    }
  }

  @Test
  void twoFailuresInARowAndASuccessChangeNothing() {
    try (var scenario = pool()) {
      for (int i = 0; i < 2; i++) {
        scenario.down.add(LAST);
        sendAnew(scenario);
        sendAnew(scenario);
        scenario.down.clear();
        sendAnew(scenario);
      }
      assertThat(orders(scenario)).allMatch(order -> order.getFirst().equals("a0"));
      assertThat(changes(scenario)).isEmpty();
    }
  }

  @Test
  void whenItsTimeHasComeAConnectionWithoutMailProbesItAndItHasItsPlaceAgain() {
    try (var scenario = pool()) {
      comeBackDuringAMail(scenario);
      assertThat(orders(scenario)).containsExactlyInAnyOrder(List.of("a0"), List.of("b1", "a0"));
      assertThat(changes(scenario).getLast()).matches(change -> change.probe() == null);
      sendAnew(scenario);
      assertThat(orders(scenario).getLast()).isEqualTo(List.of("a0", "b1"));
    }
  }

  @Test
  void aProbeThatFailsMakesTheNextWaitLongerAndHoldsNoMailUp() {
    try (var scenario = pool()) {
      breakFirst(scenario);
      scenario.time.advance(AFTER_THE_FIRST_WAIT);
      sendAnew(scenario);
      eventually("probed", () -> orders(scenario).contains(List.of("a0")));
      eventually("counted", () -> host(scenario).failures() == 4);
      scenario.openings.clear();
      scenario.time.advance(AFTER_THE_FIRST_WAIT);
      sendAnew(scenario);
      assertThat(orders(scenario)).containsExactly(List.of("b1", "a0"));
      assertThat(changes(scenario)).hasSize(1);
    }
  }

  private static DestinationView.Host host(Scenario scenario) {
    return scenario.queue.load().destinations().getFirst().hosts().getFirst();
  }

  @Test
  void aConnectionToAWorseHostIsGivenUpWhenTheBetterOneIsBack() {
    try (var scenario = pool()) {
      comeBackDuringAMail(scenario);
      send(scenario);
      eventually("a0 again", () -> orders(scenario).getLast().equals(List.of("a0", "b1")));
      assertThat(relays(scenario)).last().isEqualTo("a0[192.0.2.1]:25");
    }
  }

  @Test
  void aConnectionToAHostOfTheSameRankIsKept() {
    try (var scenario = pool()) {
      scenario.hosts = _ -> List.of("a0", "b0");
      comeBackDuringAMail(scenario);
      scenario.openings.clear();
      send(scenario);
      assertThat(orders(scenario)).isEmpty();
      assertThat(relays(scenario)).last().isEqualTo("b0[192.0.2.1]:25");
    }
  }

  private static List<String> relays(Scenario scenario) {
    return scenario.events.stream()
        .filter(Event.Attempted.class::isInstance)
        .map(event -> ((Event.Attempted) event).relay())
        .toList();
  }

  @Test
  void aHostThatComesLastIsStillTriedBeforeAMailWaits() {
    try (var scenario = pool()) {
      breakFirst(scenario);
      scenario.down.clear();
      scenario.down.add("b1");
      sendAnew(scenario);
      assertThat(orders(scenario)).containsExactly(List.of("b1", "a0"));
      assertThat(host(scenario)).matches(host -> !host.last() && host.failures() == 0);
    }
  }

  @Test
  void whereNoHostWorksTheDestinationIsSetAsideAndTheMailItselfAsks() {
    try (var scenario = pool()) {
      breakFirst(scenario);
      scenario.down.add("b1");
      endIdle(scenario);
      var id = scenario.accept("lan", "anna@example.net");
      eventually("parked", () -> scenario.place(id).equals("parked"));
      scenario.down.clear();
      scenario.time.advance(AFTER_THE_FIRST_WAIT);
      eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.sent).hasSize(4).doesNotHaveDuplicates();
    }
  }

  @Test
  void withSkipAfterZeroTheHostsKeepTheirOrder() {
    try (var scenario = pool()) {
      scenario.connectors = name -> Scenario.connector(name, new Pool(0));
      breakFirst(scenario);
      sendAnew(scenario);
      assertThat(orders(scenario)).containsExactly(List.of("a0", "b1"));
      assertThat(changes(scenario)).isEmpty();
    }
  }

  /// All are opened before one of them has carried a mail.
  @Test
  void connectionsThatAreOpenedTogetherGoToAllHostsByTheirWeight() {
    try (var scenario = new Scenario()) {
      scenario.hosts = _ -> List.of("a0", "b0");
      var lots = new Random(1);
      scenario.chance =
          bound -> {
            synchronized (lots) {
              return lots.nextInt(bound);
            }
          };
      var loaded = new CountDownLatch(1);
      var full = new CountDownLatch(1);
      var passed = new AtomicInteger();
      scenario.duringSend = () -> QueueTest.await(passed.incrementAndGet() <= 200 ? loaded : full);
      for (int i = 0; i < 300; i++) {
        scenario.accept("lan", "anna@example.net");
      }
      loaded.countDown();
      eventually("twenty are open", () -> scenario.openings.size() == 20);
      full.countDown();
      long first =
          scenario.openings.stream()
              .filter(where -> where.hosts().getFirst().host().equals("a0"))
              .count();
      assertThat(first).as("of twenty").isBetween(4L, 16L);
    }
  }

  @Test
  void anAdministratorWhoHasTheDestinationTriedAnewHasAllOfItsHostsTried() {
    try (var scenario = pool()) {
      breakFirst(scenario);
      scenario.control.askAnew(
          new Selection(List.of(), null, null, null, "provi", null, null, null));
      sendAnew(scenario);
      assertThat(orders(scenario)).containsExactly(List.of("a0", "b1"));
    }
  }
}
