package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.bounce.NoticeRequest.Kind;
import dev.poststation.log.Event;
import dev.poststation.message.QueueId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A hold stops the clock of a mail: no warning, no end; and when it is released, it is tried once
/// before its age counts.
class HoldTest {
  private static final Duration TOO_LONG = Duration.ofDays(6);

  /// Accepts a mail that cannot be delivered, and holds it until it is older than it may become.
  private static QueueId heldForTooLong(Scenario scenario, String recipient) throws Exception {
    scenario.answer = (_, _) -> Scenario.GREYLISTED;
    var id = scenario.accept("lan", recipient);
    scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
    scenario.act(Control.Action.HOLD, List.of(id), "");
    assertThat(scenario.place(id)).isEqualTo("held");
    scenario.time.advance(TOO_LONG);
    scenario.eventually("at rest", scenario::atRest);
    return id;
  }

  /// The numbers of its attempts, with what became of each.
  private static List<String> attempts(Scenario scenario, QueueId id) {
    return scenario.attempts(id).stream()
        .map(attempt -> attempt.attempt() + " " + attempt.status())
        .toList();
  }

  @Test
  void aHeldMailIsNeitherWarnedOfNorDoesItExpire() throws Exception {
    try (var scenario = new Scenario()) {
      var id = heldForTooLong(scenario, "anna@example.net");
      scenario.time.advance(Duration.ofDays(365));
      scenario.eventually("at rest", scenario::atRest);

      assertThat(scenario.place(id)).isEqualTo("held");
      assertThat(scenario.told).isEmpty();
      assertThat(scenario.control.entry(id).orElseThrow().recipients().getFirst().next()).isNull();
    }
  }

  @Test
  void aReleasedMailThatIsTooOldIsDeliveredAtItsAttempt() throws Exception {
    try (var scenario = new Scenario()) {
      var id = heldForTooLong(scenario, "anna@example.net");
      scenario.answer = (_, _) -> Scenario.OK;
      scenario.act(Control.Action.RELEASE, List.of(id), "");
      scenario.eventually("removed", () -> scenario.removed(id));

      assertThat(attempts(scenario, id)).containsExactly("1 deferred", "2 sent");
    }
  }

  @Test
  void aReleasedMailThatIsTooOldEndsAfterOneAttempt() throws Exception {
    try (var scenario = new Scenario()) {
      var id = heldForTooLong(scenario, "anna@example.net");
      scenario.act(Control.Action.RELEASE, List.of(id), "");
      scenario.eventually("removed", () -> scenario.removed(id));

      assertThat(attempts(scenario, id)).containsExactly("1 deferred", "2 expired");
      assertThat(scenario.told).extracting(Settling.Told::kind).containsExactly(Kind.EXPIRED);
    }
  }

  /// Its way leads to another destination meanwhile, which is dead just now. The clock stands
  /// still, lest it is asked once more.
  private static QueueId releasedToADeadDestination(Scenario scenario) throws Exception {
    var id = heldForTooLong(scenario, "anna@example.net");
    scenario.routes = _ -> List.of("dead");
    scenario.down.add("dead");
    var other = scenario.accept("lan", "bert@example.net");
    eventually("parked", () -> scenario.place(other).equals("parked"));
    scenario.act(Control.Action.RELEASE, List.of(id), "");
    eventually("parked", () -> scenario.place(id).equals("parked"));
    return id;
  }

  @Test
  void aReleasedMailWaitsForADeadDestinationUntilItWasTriedItself() throws Exception {
    try (var scenario = new Scenario()) {
      var id = releasedToADeadDestination(scenario);
      assertThat(attempts(scenario, id)).containsExactly("1 deferred", "1 deferred");
      assertThat(scenario.told).isEmpty();
      scenario.eventually("removed", () -> scenario.removed(id));

      assertThat(attempts(scenario, id)).containsExactly("1 deferred", "1 deferred", "2 expired");
    }
  }

  @Test
  void aRestartForgetsNotThatAReleasedMailIsToBeTried() throws Exception {
    try (var scenario = new Scenario()) {
      var id = releasedToADeadDestination(scenario);
      scenario.down.clear();
      scenario.answer = (_, _) -> Scenario.OK;
      scenario.restart();
      scenario.eventually("removed", () -> scenario.removed(id));

      assertThat(attempts(scenario, id).getLast()).isEqualTo("2 sent");
      assertThat(scenario.told).noneMatch(told -> told.kind() == Kind.EXPIRED);
    }
  }

  @Test
  void ofManyThatAreReleasedAtOnceEachHasItsOwnAttempt() throws Exception {
    try (var scenario = new Scenario()) {
      List<QueueId> ids = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        ids.add(heldForTooLong(scenario, "user" + i + "@example.net"));
      }
      scenario.down.add("example.net");
      scenario.act(Control.Action.RELEASE, ids, "");
      scenario.eventually("removed", () -> ids.stream().allMatch(scenario::removed));

      for (var id : ids) {
        assertThat(attempts(scenario, id)).startsWith("1 deferred").endsWith("2 expired");
      }
      assertThat(scenario.told).hasSize(3);
    }
  }

  @Test
  void afterItsAttemptAReleasedMailThatMayStillWaitIsWarnedOf() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
      scenario.act(Control.Action.HOLD, List.of(id), "");
      scenario.time.advance(Duration.ofHours(10));
      scenario.eventually("at rest", scenario::atRest);
      assertThat(scenario.told).isEmpty();
      scenario.act(Control.Action.RELEASE, List.of(id), "");
      scenario.eventually("warned", () -> !scenario.told.isEmpty());

      assertThat(attempts(scenario, id)).contains("2 deferred");
      assertThat(scenario.told).extracting(Settling.Told::kind).containsExactly(Kind.DELAYED);
      assertThat(scenario.events).filteredOn(Event.Administered.class::isInstance).hasSize(2);
    }
  }
}
