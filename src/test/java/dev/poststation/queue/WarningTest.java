package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.bounce.NoticeRequest.Kind;
import dev.poststation.message.QueueId;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// The sender of a mail with many recipients hears of their delay in one notice.
class WarningTest {
  private static final Duration WARN_AFTER = Duration.ofMinutes(30);

  private final AtomicInteger notices = new AtomicInteger();

  private Scenario scenario() {
    var scenario =
        new Scenario(
            1000, Scenario.settings(Duration.ofDays(5), Duration.ofDays(2), WARN_AFTER, 500));
    scenario.answer = (_, _) -> Scenario.GREYLISTED;
    scenario.duringNotices = notices::incrementAndGet;
    return scenario;
  }

  private static void rests(Scenario scenario) {
    eventually("at rest", scenario::atRest);
    eventually("nothing in flight", () -> scenario.queue.load().active() == 0);
  }

  private static void passes(Scenario scenario, Duration time) {
    for (var left = time; left.isPositive(); left = left.minusMinutes(1)) {
      scenario.time.advance(Duration.ofMinutes(1));
      rests(scenario);
    }
  }

  private static List<String> warnedOf(Scenario scenario) {
    assertThat(scenario.told).extracting(Settling.Told::kind).containsOnly(Kind.DELAYED);
    return scenario.told.stream()
        .map(told -> told.what().recipient().address() + ": " + told.what().outcome().status())
        .sorted()
        .toList();
  }

  @Test
  void recipientsOfTwoDestinationsAreNamedInOneWarning() {
    try (var scenario = scenario()) {
      scenario.accept("lan", "anna@one.example", "bert@two.example", "carl@two.example");
      passes(scenario, Duration.ofHours(3));

      assertThat(notices).hasValue(1);
      assertThat(warnedOf(scenario))
          .containsExactly(
              "anna@one.example: 4.7.1", "bert@two.example: 4.7.1", "carl@two.example: 4.7.1");
    }
  }

  @Test
  void whoWaitsForALaterAttemptIsNamedWithTheReasonOfTheLast() {
    try (var scenario = scenario()) {
      scenario.accept("lan", "anna@one.example", "bert@two.example");
      passes(scenario, Duration.ofMinutes(2));
      scenario.down.add("two.example");
      passes(scenario, Duration.ofHours(3));

      assertThat(notices).hasValue(1);
      assertThat(warnedOf(scenario))
          .containsExactly("anna@one.example: 4.7.1", "bert@two.example: 4.4.1");
    }
  }

  @Test
  void whoIsDeliveredInTheSameMomentIsNotNamed() {
    try (var scenario = scenario()) {
      scenario.accept("lan", "anna@one.example", "bert@two.example");
      passes(scenario, Duration.ofMinutes(29));
      var anna = new CountDownLatch(1);
      scenario.answer =
          (destination, _) -> {
            if (destination.equals("two.example")) {
              QueueTest.await(anna);
              return Scenario.OK;
            }
            return Scenario.GREYLISTED;
          };
      scenario.time.advance(Duration.ofHours(1));
      eventually("anna was tried", () -> scenario.attemptsOf("anna@one.example") == 4);
      assertThat(notices).hasValue(0);
      anna.countDown();
      rests(scenario);

      assertThat(warnedOf(scenario)).containsExactly("anna@one.example: 4.7.1");
    }
  }

  @Test
  void whatIsOrderedToBeTriedWhileTheWarningIsWrittenIsTried() throws Exception {
    try (var scenario = scenario()) {
      var id = scenario.accept("lan", "anna@one.example");
      passes(scenario, Duration.ofMinutes(29));
      var writing = new CountDownLatch(1);
      var written = new CountDownLatch(1);
      scenario.makeNotices = true;
      scenario.duringNotices =
          () -> {
            writing.countDown();
            QueueTest.await(written);
          };
      scenario.time.advance(Duration.ofHours(2));
      QueueTest.await(writing);
      scenario.answer = (_, _) -> Scenario.OK;
      assertThat(scenario.act(Control.Action.RETRY, List.of(id), "")).containsExactly(id);
      written.countDown();
      eventually("sent", () -> scenario.removed(id));
    }
  }

  @Test
  void aWarningIsRememberedThroughARestart() {
    try (var scenario = scenario()) {
      QueueId id = scenario.accept("lan", "anna@one.example", "bert@two.example");
      passes(scenario, Duration.ofHours(2));
      assertThat(notices).hasValue(1);
      scenario.restart();
      int before = scenario.attempts(id).size();
      passes(scenario, Duration.ofHours(2));

      assertThat(scenario.attempts(id)).hasSizeGreaterThan(before);
      assertThat(notices).hasValue(1);
    }
  }
}
