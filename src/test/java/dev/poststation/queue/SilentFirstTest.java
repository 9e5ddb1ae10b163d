package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Fallback;
import dev.poststation.message.QueueId;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// The first connector of a route takes connections and is silent: it holds up no mail that has
/// another way.
class SilentFirstTest {
  private static final Duration AFTER_THE_FIRST_WAIT = Duration.ofSeconds(61);

  private static Scenario route() {
    var scenario = new Scenario();
    scenario.routes =
        domain -> domain.equals("only.example") ? List.of("first") : List.of("first", "second");
    scenario.down.add("first");
    return scenario;
  }

  private static QueueId send(Scenario scenario) {
    var id = scenario.accept("lan", "anna@example.net");
    eventually("removed", () -> scenario.removed(id));
    return id;
  }

  /// Sends mail until the first was asked so often. The worker that found it silent may not have
  /// ended yet: then it is only for a later mail that a connection without mail asks.
  private static void sendUntilAsked(Scenario scenario, int times) {
    eventually(
        "asked",
        () -> {
          send(scenario);
          return asked(scenario) == times;
        });
  }

  /// From now on whoever calls the first is kept until then.
  private static CountDownLatch silent(Scenario scenario) {
    var until = new CountDownLatch(1);
    scenario.duringOpen =
        destination -> {
          if (destination.name().equals("first")) {
            try {
              until.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          }
        };
    return until;
  }

  private static DestinationView first(Scenario scenario) {
    return scenario.queue.load().destinations().stream()
        .filter(each -> each.name().equals("first"))
        .findAny()
        .orElseThrow();
  }

  private static int asked(Scenario scenario) {
    return scenario.opened.get("first").get();
  }

  @Test
  void afterItsWaitAConnectionWithoutMailAsksAndMailGoesByTheSecondAtOnce() {
    try (var scenario = route()) {
      send(scenario);
      var silence = silent(scenario);
      scenario.time.advance(AFTER_THE_FIRST_WAIT);
      for (int i = 0; i < 5; i++) {
        var id = send(scenario);
        assertThat(scenario.sent).contains(id + " anna@example.net by second");
      }
      eventually("asked", () -> asked(scenario) == 2);
      silence.countDown();
    }
  }

  @Test
  void onceItHasAnsweredMailGoesByTheFirstAgain() {
    try (var scenario = route()) {
      send(scenario);
      scenario.down.clear();
      var silence = silent(scenario);
      scenario.time.advance(AFTER_THE_FIRST_WAIT);
      sendUntilAsked(scenario, 2);
      silence.countDown();
      eventually("it is back", () -> first(scenario).reason().isEmpty());
      var id = send(scenario);
      assertThat(scenario.sent).contains(id + " anna@example.net by first");
    }
  }

  @Test
  void aProbeThatFailsSetsItAsideForItsNextWait() {
    try (var scenario = route()) {
      send(scenario);
      scenario.time.advance(AFTER_THE_FIRST_WAIT);
      sendUntilAsked(scenario, 2);
      var later = scenario.time.now().plus(Duration.ofMinutes(3));
      eventually("it failed", () -> first(scenario).setAsideUntil().isAfter(later));
      scenario.time.advance(AFTER_THE_FIRST_WAIT);
      send(scenario);
      assertThat(asked(scenario)).isEqualTo(2);
      scenario.time.advance(Duration.ofMinutes(5));
      sendUntilAsked(scenario, 3);
    }
  }

  @Test
  void mailWithoutAnotherWayWaitsUntilTheProbeHasSucceeded() {
    try (var scenario = route()) {
      var waits = scenario.accept("lan", "anna@only.example");
      eventually("parked", () -> scenario.place(waits).equals("parked"));
      scenario.down.clear();
      var silence = silent(scenario);
      scenario.time.advance(AFTER_THE_FIRST_WAIT);
      sendUntilAsked(scenario, 2);
      // Or it is itself the one that asks, if its wait was over before another mail came.
      assertThat(scenario.removed(waits)).isFalse();
      silence.countDown();
      scenario.eventually("removed", () -> scenario.removed(waits));
      assertThat(scenario.sent).contains(waits + " anna@only.example by first");
    }
  }

  @Test
  void whereNoFallbackCoversItMailAsksItself() {
    try (var scenario = route()) {
      scenario.fallback = Set.of(Fallback.AUTH);
      var id = scenario.accept("lan", "anna@example.net");
      eventually("parked", () -> scenario.place(id).equals("parked"));
      scenario.down.clear();
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.sent).containsExactly(id + " anna@example.net by first");
    }
  }
}
