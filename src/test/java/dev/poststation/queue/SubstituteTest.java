package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Fallback;
import dev.poststation.message.QueueId;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Mail that needs what not every host or connector has: while one that may have it cannot be
/// asked, it waits.
class SubstituteTest {
  private static Scenario pool() {
    var scenario = new Scenario();
    scenario.routes = _ -> List.of("provider");
    scenario.hosts = _ -> List.of("able", "poor");
    scenario.lacking.add("poor");
    return scenario;
  }

  private static Scenario route() {
    var scenario = new Scenario();
    scenario.routes = _ -> List.of("able", "poor");
    scenario.lacking.add("poor");
    return scenario;
  }

  private static String status(Scenario scenario, QueueId id) {
    eventually("has an end", () -> ended(scenario, id));
    return scenario.attempts(id).getLast().status();
  }

  private static boolean ended(Scenario scenario, QueueId id) {
    return scenario.removed(id) || Set.of("deferred", "parked").contains(scenario.place(id));
  }

  private static void isSentInTheEnd(Scenario scenario, QueueId id) {
    scenario.time.advance(Duration.ofMinutes(20));
    scenario.eventually("removed", () -> scenario.removed(id));
    assertThat(scenario.attempts(id).getLast().status()).isEqualTo("sent");
  }

  @Test
  void aMailThatTheOtherHostCannotTakeWaitsForTheOneThatIsDown() {
    try (var scenario = pool()) {
      scenario.down.add("able");
      var id = scenario.accept("lan", "needy@example.net");
      assertThat(status(scenario, id)).isEqualTo("deferred");
      assertThat(scenario.attempts(id).getLast().text())
          .isEqualTo("does not know SMTPUTF8; a host that may know better could not be asked now");
      assertThat(scenario.attempts(id).getLast().dsn()).hasToString("4.6.7");
      scenario.down.clear();
      isSentInTheEnd(scenario, id);
    }
  }

  @Test
  void aMailThatTheOtherHostCannotTakeWaitsForTheOneThatTakesNoneNow() {
    try (var scenario = pool()) {
      scenario.unwilling.add("able");
      var id = scenario.accept("lan", "needy@example.net");
      assertThat(status(scenario, id)).isEqualTo("deferred");
      scenario.unwilling.clear();
      isSentInTheEnd(scenario, id);
    }
  }

  @Test
  void theHostThatComesAfterOneThatCannotTakeItIsAsked() {
    try (var scenario = pool()) {
      scenario.hosts = _ -> List.of("poor", "able");
      var id = scenario.accept("lan", "needy@example.net");
      assertThat(status(scenario, id)).isEqualTo("sent");
      assertThat(scenario.attempts(id)).hasSize(1);
    }
  }

  @Test
  void aHostThatComesAfterItAndCannotBeAskedIsWaitedFor() {
    try (var scenario = pool()) {
      scenario.hosts = _ -> List.of("poor", "able");
      scenario.down.add("able");
      var id = scenario.accept("lan", "needy@example.net");
      assertThat(status(scenario, id)).isEqualTo("deferred");
      scenario.down.clear();
      isSentInTheEnd(scenario, id);
    }
  }

  @Test
  void aHostThatCannotBeFoundNowIsWaitedFor() {
    try (var scenario = pool()) {
      scenario.hosts = _ -> List.of("poor");
      scenario.incomplete = true;
      var id = scenario.accept("lan", "needy@example.net");
      assertThat(status(scenario, id)).isEqualTo("deferred");
      scenario.hosts = _ -> List.of("poor", "able");
      scenario.incomplete = false;
      isSentInTheEnd(scenario, id);
    }
  }

  @Test
  void whereNoHostCanTakeItItGoesBackAtOnce() {
    try (var scenario = pool()) {
      scenario.lacking.add("able");
      var id = scenario.accept("lan", "needy@example.net");
      assertThat(status(scenario, id)).isEqualTo("bounced");
      assertThat(scenario.openings).hasSize(2);
    }
  }

  @Test
  void aConnectionThatIsOpenToAHostThatCannotTakeItIsNoReasonToReturnIt() {
    try (var scenario = pool()) {
      scenario.down.add("able");
      var other = scenario.accept("lan", "anna@example.net");
      eventually("sent", () -> scenario.removed(other));
      scenario.down.clear();
      var id = scenario.accept("lan", "needy@example.net");
      assertThat(status(scenario, id)).isEqualTo("sent");
    }
  }

  @Test
  void whoOfAMailCannotGoToAHostGoesToTheNextOneAndTheOthersAreNotSentTwice() {
    try (var scenario = pool()) {
      scenario.hosts = _ -> List.of("poor", "able");
      var id = scenario.accept("lan", "anna@example.net", "needy@example.net", "otto@example.net");
      eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.sent).hasSize(3).doesNotHaveDuplicates();
      assertThat(scenario.attempts(id)).allMatch(attempt -> attempt.status().equals("sent"));
    }
  }

  @Test
  void whoOfAMailCannotGoToTheOnlyHostGoesBackAndTheOthersAreSent() {
    try (var scenario = pool()) {
      scenario.hosts = _ -> List.of("poor");
      var id = scenario.accept("lan", "anna@example.net", "needy@example.net");
      eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.attempts(id))
          .extracting(attempt -> attempt.status())
          .containsExactlyInAnyOrder("sent", "bounced");
    }
  }

  @Test
  void aMailThatTheNextConnectorCannotTakeWaitsForTheFirst() {
    try (var scenario = route()) {
      scenario.down.add("able");
      var id = scenario.accept("lan", "needy@example.net");
      assertThat(status(scenario, id)).isEqualTo("deferred");
      scenario.down.clear();
      isSentInTheEnd(scenario, id);
    }
  }

  @Test
  void aMailThatTheFirstConnectorCannotTakeGoesToTheNext() {
    try (var scenario = route()) {
      scenario.routes = _ -> List.of("poor", "able");
      var id = scenario.accept("lan", "needy@example.net");
      assertThat(status(scenario, id)).isEqualTo("sent");
      assertThat(scenario.attempts(id).getFirst().status()).isEqualTo("passed-on");
    }
  }

  @Test
  void whereTheRouteNamesNoConnectionAmongItsReasonsItGoesBack() {
    try (var scenario = route()) {
      scenario.routes = _ -> List.of("poor", "able");
      scenario.fallback = Set.of(Fallback.AUTH, Fallback.ANY_4YZ);
      assertThat(status(scenario, scenario.accept("lan", "needy@example.net")))
          .isEqualTo("bounced");
    }
  }

  @Test
  void whereNoConnectorCanTakeItItGoesBackAtOnce() {
    try (var scenario = route()) {
      scenario.lacking.add("able");
      var id = scenario.accept("lan", "needy@example.net");
      assertThat(status(scenario, id)).isEqualTo("bounced");
    }
  }
}
