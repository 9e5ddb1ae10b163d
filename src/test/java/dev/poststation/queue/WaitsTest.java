package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.QueueId;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A destination is shown as long as mail waits for it, though nothing goes there meanwhile.
class WaitsTest {
  private static final DestinationView WAITS =
      new DestinationView(
          "example.net", 0, 0, 0, null, "", null, "451 4.7.1 come back later", "", "", List.of());

  private static QueueId greylisted(Scenario scenario) {
    scenario.answer = (_, _) -> Scenario.GREYLISTED;
    var id = scenario.accept("lan", "anna@example.net");
    eventually("attempted", () -> !scenario.attempts(id).isEmpty());
    eventually("settled", () -> scenario.queue.load().active() == 0);
    scenario.time.advance(Duration.ofSeconds(61));
    scenario.eventually("tried again", () -> scenario.attempts(id).size() == 2);
    eventually("settled", () -> scenario.queue.load().active() == 0);
    return id;
  }

  /// The connection is closed, and the scheduler forgets what is not needed any more.
  private static void quiet(Scenario scenario) {
    scenario.eventually("forgotten", () -> scenario.queue.load().destinations().isEmpty());
  }

  @Test
  void aDestinationIsShownUntilNoMailWaitsForItAnyMore() {
    try (var scenario = new Scenario()) {
      var id = greylisted(scenario);
      quiet(scenario);
      assertThat(scenario.queue.destinations()).containsExactly(WAITS);
      scenario.answer = (_, _) -> Scenario.OK;
      scenario.time.advance(Duration.ofMinutes(6));
      scenario.eventually("delivered", () -> scenario.removed(id));
      quiet(scenario);
      assertThat(scenario.queue.destinations()).isEmpty();
    }
  }

  @Test
  void thatMailWaitsIsKnownAlsoWhereOtherMailIsTaken() {
    try (var scenario = new Scenario()) {
      greylisted(scenario);
      scenario.answer = (_, _) -> Scenario.OK;
      var other = scenario.accept("lan", "bob@example.net");
      eventually("delivered", () -> scenario.removed(other));
      assertThat(scenario.queue.destinations().getFirst().waits())
          .isEqualTo("451 4.7.1 come back later");
      quiet(scenario);
      assertThat(scenario.queue.destinations()).containsExactly(WAITS);
    }
  }

  @Test
  void aStartFindsWhatWaits() {
    try (var scenario = new Scenario()) {
      greylisted(scenario);
      scenario.restart();
      eventually("found", () -> scenario.queue.destinations().equals(List.of(WAITS)));
    }
  }

  @Test
  void whatIsHeldOrDeletedWaitsForNoDestination() throws Exception {
    try (var scenario = new Scenario()) {
      var id = greylisted(scenario);
      quiet(scenario);
      scenario.act(Control.Action.HOLD, List.of(id), "");
      assertThat(scenario.queue.destinations()).isEmpty();
    }
    try (var scenario = new Scenario()) {
      var id = greylisted(scenario);
      quiet(scenario);
      scenario.act(Control.Action.DELETE, List.of(id), "");
      assertThat(scenario.queue.destinations()).isEmpty();
    }
  }
}
