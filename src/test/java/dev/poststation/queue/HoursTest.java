package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Hours;
import dev.poststation.config.Line;
import dev.poststation.message.QueueId;
import dev.poststation.spool.SpoolException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// `hours` and `larger-than` of a connector. The waits of `queue.retry` end with an hour; the hours
/// are further away.
class HoursTest {
  private static final String NEXT = "example.net";
  private static final Duration SECOND = Duration.ofSeconds(1);

  /// From the next full hour after so long, for four hours.
  private static Hours hours(Instant begin) {
    var local = begin.atZone(ZoneId.systemDefault()).toLocalTime();
    return new Hours(EnumSet.allOf(DayOfWeek.class), local, local.plusHours(4), "night");
  }

  private static Instant begin(Scenario scenario, int hours) {
    return scenario.time.now().plus(Duration.ofHours(hours));
  }

  private static void sendsFrom(Scenario scenario, Instant begin, long largerThan) {
    var line = new Line(0, List.of(hours(begin)), largerThan, 0);
    scenario.connectors = name -> Scenario.connector(name, 25, 1, line);
  }

  private static QueueEntry.Line waiting(Scenario scenario, QueueId id) {
    eventually("put off", () -> scenario.place(id).equals("deferred"));
    try {
      return scenario.control.entry(id).orElseThrow().recipients().getFirst();
    } catch (SpoolException e) {
      throw new AssertionError(e);
    }
  }

  private static void goesTo(Scenario scenario, Instant when) {
    scenario.time.advance(Duration.between(scenario.time.now(), when));
    eventually("at rest", scenario::atRest);
  }

  @Test
  void mailWaitsForTheHoursAndIsSentWhenTheyBegin() {
    try (var scenario = new Scenario()) {
      var begin = begin(scenario, 14);
      sendsFrom(scenario, begin, 0);
      var id = scenario.accept("lan", "anna@" + NEXT);
      var waits = waiting(scenario, id);
      var from = begin.atZone(ZoneId.systemDefault()).toLocalTime();
      assertThat(waits.reason())
          .isEqualTo("sent from " + from + ": the hours of connector " + NEXT);
      assertThat(waits.next()).isEqualTo(begin);
      assertThat(waits.attempts()).isZero();
      eventually("deferred", () -> scenario.place(id).equals("deferred"));

      goesTo(scenario, begin.minus(SECOND));
      assertThat(scenario.opened).isEmpty();
      goesTo(scenario, begin);
      eventually("sent", () -> scenario.removed(id));
      assertThat(scenario.time.now()).isEqualTo(begin);
    }
  }

  @Test
  void whereOnlyLargeMailIsMeantOtherMailGoesAtOnce() {
    try (var scenario = new Scenario()) {
      sendsFrom(scenario, begin(scenario, 14), 100);
      var small = scenario.accept("lan", "anna@" + NEXT);
      eventually("sent", () -> scenario.removed(small));
      scenario.content = new byte[101];
      var large = scenario.accept("lan", "anna@" + NEXT);
      assertThat(waiting(scenario, large).reason()).startsWith("sent from ");
    }
  }

  @Test
  void largeMailLeavesAConnectionToOtherMail() {
    try (var scenario = new Scenario()) {
      var line = new Line(1000, List.of(), 100, 0);
      scenario.connectors = name -> Scenario.connector(name, 25, 20, line);
      var go = new CountDownLatch(1);
      scenario.answer =
          (_, recipient) -> {
            if (recipient.address().local().equals("plan")) {
              QueueTest.await(go);
            }
            return Scenario.OK;
          };
      scenario.content = new byte[101];
      List<QueueId> large = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        large.add(scenario.accept("lan", "plan@" + NEXT));
      }
      scenario.eventually("all but one", () -> scenario.concurrent.get() == 4);
      scenario.content = new byte[100];
      var small = scenario.accept("lan", "anna@" + NEXT);
      scenario.eventually("sent", () -> scenario.removed(small));
      go.countDown();
      scenario.eventually("all sent", () -> large.stream().allMatch(scenario::removed));
    }
  }

  @Test
  void whatIsOnItsWayWhenTheHoursEndIsSentAndTheRestWaits() {
    try (var scenario = new Scenario()) {
      sendsFrom(scenario, scenario.time.now(), 0);
      var go = new CountDownLatch(1);
      scenario.duringSend = () -> QueueTest.await(go);
      var first = scenario.accept("lan", "anna@" + NEXT);
      eventually("on its way", () -> scenario.concurrent.get() == 1);
      var second = scenario.accept("lan", "bert@" + NEXT);
      scenario.time.advance(Duration.ofHours(4));
      go.countDown();
      eventually("sent", () -> scenario.removed(first));
      var waits = waiting(scenario, second);
      assertThat(waits.reason()).startsWith("sent from ");
      assertThat(Duration.between(scenario.time.now(), waits.next()))
          .isEqualTo(Duration.ofHours(20));
      assertThat(scenario.sent).hasSize(1);
    }
  }

  /// It is not the mail's fault that it has to wait.
  @Test
  void theTimeUntilTheHoursBeginIsNoPartOfItsAge() {
    var brief = Scenario.settings(Duration.ofHours(2), Duration.ofHours(2), Duration.ZERO, 100);
    try (var scenario = new Scenario(100, brief)) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var begin = begin(scenario, 14);
      sendsFrom(scenario, begin, 0);
      var id = scenario.accept("lan", "anna@" + NEXT);
      assertThat(waiting(scenario, id).next()).isEqualTo(begin);
      goesTo(scenario, begin);
      eventually(
          "tried, and then expired",
          () -> {
            scenario.time.advance(Duration.ofMinutes(1));
            return scenario.removed(id);
          });
      assertThat(scenario.attempts(id))
          .filteredOn(each -> each.attempt() > 0)
          .hasSizeGreaterThan(2);
      assertThat(scenario.attempts(id).getLast().status()).isEqualTo("expired");
      assertThat(scenario.time.now()).isAfterOrEqualTo(begin.plus(Duration.ofHours(2)));
    }
  }

  @Test
  void whatWaitsForOtherHoursThanThereAreNowGoesByTheNewOnes() {
    try (var scenario = new Scenario()) {
      var begin = begin(scenario, 14);
      sendsFrom(scenario, begin, 0);
      var id = scenario.accept("lan", "anna@" + NEXT);
      assertThat(waiting(scenario, id).next()).isEqualTo(begin);

      scenario.queue.redirect(scenario.directions());
      eventually("at rest", scenario::atRest);
      assertThat(scenario.attempts(id)).hasSize(1);

      var sooner = begin(scenario, 5);
      sendsFrom(scenario, sooner, 0);
      scenario.queue.redirect(scenario.directions());
      eventually("put off anew", () -> scenario.attempts(id).size() == 2);
      assertThat(waiting(scenario, id).next()).isEqualTo(sooner);

      scenario.connectors = Scenario::connector;
      scenario.queue.redirect(scenario.directions());
      eventually("sent", () -> scenario.removed(id));
    }
  }

  @Test
  void aRestartDoesNotTakeTheWaitForTheWorkOfAWrongClock() {
    try (var scenario = new Scenario()) {
      var begin = begin(scenario, 14);
      sendsFrom(scenario, begin, 0);
      var id = scenario.accept("lan", "anna@" + NEXT);
      assertThat(waiting(scenario, id).next()).isEqualTo(begin);
      scenario.restart();
      goesTo(scenario, begin.minus(SECOND));
      assertThat(scenario.attempts(id)).hasSize(1);
      assertThat(waiting(scenario, id).next()).isEqualTo(begin);
      goesTo(scenario, begin);
      eventually("sent", () -> scenario.removed(id));
    }
  }
}
