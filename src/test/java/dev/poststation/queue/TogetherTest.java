package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.QueueId;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Recipients of one mail that were deferred together come back together: one transaction for all,
/// and one notice.
class TogetherTest {
  private static final int RECIPIENTS = 40;
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);
  private static final Duration HOUR = Duration.ofHours(1);
  private final AtomicInteger transactions = new AtomicInteger();
  private final AtomicInteger compositions = new AtomicInteger();

  private Scenario scenario(Duration warnAfter) {
    var settings = Scenario.settings(Duration.ofDays(5), Duration.ofDays(2), warnAfter, 500);
    var scenario = new Scenario(1000, settings);
    var random = new Random(1);
    scenario.chance = random::nextInt;
    scenario.duringSend = transactions::incrementAndGet;
    scenario.duringNotices = compositions::incrementAndGet;
    scenario.answer = (_, _) -> Scenario.GREYLISTED;
    return scenario;
  }

  private static QueueId accept(Scenario scenario) {
    String[] recipients =
        IntStream.range(0, RECIPIENTS)
            .mapToObj(i -> "user" + i + "@a.example")
            .toArray(String[]::new);
    return scenario.accept("lan", recipients);
  }

  /// The first attempt for each: no time passes but what the attempts take.
  private static void attempted(Scenario scenario, QueueId id) {
    eventually("attempted", () -> scenario.attempts(id).size() >= RECIPIENTS);
    eventually("nothing in flight", () -> scenario.queue.load().active() == 0);
    assertThat(scenario.attempts(id)).hasSize(RECIPIENTS);
  }

  /// Passes the wait, and then second by second until there was another attempt for each.
  private static void attempted(Scenario scenario, QueueId id, int times, Duration wait) {
    scenario.time.advance(wait);
    for (int i = 0; i < 1000 && scenario.attempts(id).size() < times * RECIPIENTS; i++) {
      scenario.time.advance(Duration.ofSeconds(1));
      eventually("at rest", scenario::atRest);
      eventually("nothing in flight", () -> scenario.queue.load().active() == 0);
    }
    assertThat(scenario.attempts(id)).hasSize(times * RECIPIENTS);
  }

  @Test
  void recipientsOfAllDomainsGoTogetherToASmarthostAlsoWhereTheDnsIsAsked() {
    try (var scenario = scenario(HOUR)) {
      scenario.asking = true;
      scenario.routes = _ -> List.of("provider");
      scenario.answer = (_, _) -> Scenario.OK;
      var id = scenario.accept("lan", "anna@a.example", "bert@b.example", "carl@c.example");
      eventually("removed", () -> scenario.removed(id));
      assertThat(transactions).hasValue(1);
    }
  }

  @Test
  void recipientsThatWereDeferredTogetherGoTogetherAtEachLaterAttempt() {
    try (var scenario = scenario(Duration.ZERO)) {
      var id = accept(scenario);
      attempted(scenario, id);
      attempted(scenario, id, 2, MINUTE);
      attempted(scenario, id, 3, FIVE_MINUTES);
      scenario.answer = (_, _) -> Scenario.OK;
      attempted(scenario, id, 4, HOUR);
      assertThat(transactions).hasValue(4);
    }
  }

  @Test
  void thoseWhomANextHopTookInSeveralTransactionsComeBackInOneGo() {
    try (var scenario = scenario(Duration.ZERO)) {
      scenario.duringSend =
          () -> {
            transactions.incrementAndGet();
            scenario.time.advance(Duration.ofSeconds(1));
          };
      scenario.answer =
          (_, recipient) ->
              recipient.number() < transactions.get() * 10 ? Scenario.GREYLISTED : null;
      var id = accept(scenario);
      attempted(scenario, id);
      assertThat(transactions).hasValue(4);
      scenario.answer = (_, _) -> Scenario.OK;
      attempted(scenario, id, 2, MINUTE.minusSeconds(5));
      assertThat(transactions).hasValue(5);
    }
  }

  @Test
  void whoWereDeferredTogetherAreToldOfInOneBounce() {
    try (var scenario = scenario(Duration.ZERO)) {
      var id = accept(scenario);
      attempted(scenario, id);
      scenario.answer = (_, _) -> Scenario.REFUSED;
      attempted(scenario, id, 2, MINUTE);
      assertThat(scenario.told).hasSize(RECIPIENTS);
      assertThat(compositions).hasValue(1);
    }
  }

  @Test
  void whoWereDeferredTogetherAreWarnedOfInOneNotice() {
    try (var scenario = scenario(Duration.ofMinutes(5))) {
      var id = accept(scenario);
      attempted(scenario, id);
      attempted(scenario, id, 2, MINUTE);
      attempted(scenario, id, 3, FIVE_MINUTES);
      assertThat(scenario.told).hasSize(RECIPIENTS);
      assertThat(compositions).hasValue(1);
    }
  }
}
