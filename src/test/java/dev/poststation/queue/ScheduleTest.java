package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.QueueId;
import dev.poststation.route.Resolution;
import dev.poststation.spool.SpoolException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What makes a recipient wait longer, and what does not. The waits are 1 minute, 5 minutes, 1
/// hour.
class ScheduleTest {
  private static final String ANNA = "anna@example.net";
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);
  private static final Duration HOUR = Duration.ofHours(1);

  private static QueueId deferred(Scenario scenario) {
    scenario.answer = (_, _) -> Scenario.GREYLISTED;
    var id = scenario.accept("lan", ANNA);
    attempted(scenario, id, 1);
    return id;
  }

  private static void attempted(Scenario scenario, QueueId id, int times) {
    eventually("attempted", () -> scenario.attempts(id).size() >= times);
    eventually("not in memory", () -> scenario.queue.load().active() == 0);
    eventually("at rest", scenario::atRest);
  }

  private static void retried(Scenario scenario, QueueId id) throws Exception {
    int before = scenario.attempts(id).size();
    scenario.act(Control.Action.RETRY, List.of(id), "");
    attempted(scenario, id, before + 1);
  }

  private static void passes(Scenario scenario, QueueId id, Duration wait) {
    int before = scenario.attempts(id).size();
    scenario.time.advance(wait);
    attempted(scenario, id, before + 1);
  }

  /// How long it waits from now on.
  private static Duration waits(Scenario scenario, QueueId id) {
    try {
      var line = scenario.control.entry(id).orElseThrow().recipients().getFirst();
      return Duration.between(scenario.time.now(), line.next());
    } catch (SpoolException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void eachAnswerAtItsTimeMakesTheNextWaitLonger() {
    try (var scenario = new Scenario()) {
      var id = deferred(scenario);
      assertThat(waits(scenario, id)).isEqualTo(MINUTE);
      passes(scenario, id, MINUTE);
      assertThat(waits(scenario, id)).isEqualTo(FIVE_MINUTES);
      passes(scenario, id, FIVE_MINUTES);
      assertThat(waits(scenario, id)).isEqualTo(HOUR);
    }
  }

  @Test
  void impatientRetriesDoNotMakeTheNextWaitLonger() throws Exception {
    try (var scenario = new Scenario()) {
      var id = deferred(scenario);
      for (int i = 0; i < 3; i++) {
        retried(scenario, id);
        assertThat(waits(scenario, id)).isEqualTo(MINUTE);
      }
      assertThat(scenario.attempts(id)).extracting(a -> a.attempt()).containsExactly(1, 2, 3, 4);
      passes(scenario, id, MINUTE);
      assertThat(waits(scenario, id)).isEqualTo(FIVE_MINUTES);
    }
  }

  @Test
  void aRetryThatFailsLeavesTheTurnWhereItWas() throws Exception {
    try (var scenario = new Scenario()) {
      var id = deferred(scenario);
      passes(scenario, id, MINUTE);
      passes(scenario, id, FIVE_MINUTES);
      scenario.time.advance(Duration.ofMinutes(20));
      retried(scenario, id);
      assertThat(waits(scenario, id)).isEqualTo(Duration.ofMinutes(40));
      scenario.restart();
      passes(scenario, id, Duration.ofMinutes(40));
      assertThat(waits(scenario, id)).isEqualTo(HOUR);
    }
  }

  @Test
  void soDoesTheReleaseOfAHeldMail() throws Exception {
    try (var scenario = new Scenario()) {
      var id = deferred(scenario);
      passes(scenario, id, MINUTE);
      scenario.act(Control.Action.HOLD, List.of(id), "look");
      scenario.act(Control.Action.RELEASE, List.of(id), "");
      attempted(scenario, id, 3);
      assertThat(waits(scenario, id)).isEqualTo(FIVE_MINUTES);
    }
  }

  @Test
  void whatDidNotReachTheDestinationDoesNotCount() {
    try (var scenario = new Scenario()) {
      scenario.down.add("example.net");
      List<QueueId> ids = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        ids.add(scenario.accept("lan", "user" + i + "@example.net"));
      }
      for (var id : ids) {
        attempted(scenario, id, 1);
      }
      for (int probe = 2; probe < 8; probe++) {
        scenario.time.advance(Duration.ofMinutes(16));
        int opened = probe;
        eventually("probed", () -> scenario.opened.get("example.net").get() == opened);
        eventually("parked", () -> scenario.queue.load().active() == 0);
        eventually("at rest", scenario::atRest);
      }
      scenario.down.clear();
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      scenario.time.advance(Duration.ofMinutes(16));
      for (var id : ids) {
        eventually("deferred", () -> scenario.place(id).equals("deferred"));
        assertThat(waits(scenario, id)).isEqualTo(MINUTE);
      }
    }
  }

  @Test
  void whileNoNextHopIsFoundTheWaitsGrowAndTheFirstAnswerBeginsAnew() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.nowhere = new Resolution.Nowhere(Scenario.UNREACHABLE, List.of());
      var id = scenario.accept("lan", ANNA);
      attempted(scenario, id, 1);
      passes(scenario, id, MINUTE);
      passes(scenario, id, FIVE_MINUTES);
      assertThat(waits(scenario, id)).isEqualTo(HOUR);
      scenario.nowhere = null;
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      retried(scenario, id);
      assertThat(waits(scenario, id)).isEqualTo(MINUTE);
    }
  }

  @Test
  void aMomentWithoutDnsDoesNotMakeThoseImpatientWhoGotAnAnswerBefore() {
    try (var scenario = new Scenario()) {
      var id = deferred(scenario);
      passes(scenario, id, MINUTE);
      scenario.nowhere = new Resolution.Nowhere(Scenario.UNREACHABLE, List.of());
      passes(scenario, id, FIVE_MINUTES);
      assertThat(waits(scenario, id)).isEqualTo(MINUTE);
      scenario.nowhere = null;
      passes(scenario, id, MINUTE);
      assertThat(waits(scenario, id)).isEqualTo(HOUR);
    }
  }

  @Test
  void afterTheClockWasSetBackTheWaitsAreNoLonger() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.time.advance(Duration.ofDays(365));
      var id = deferred(scenario);
      scenario.time.advance(Duration.ofDays(-365));
      retried(scenario, id);
      assertThat(waits(scenario, id)).isEqualTo(FIVE_MINUTES);
    }
  }
}
