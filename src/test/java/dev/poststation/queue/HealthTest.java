package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Outcome;
import dev.poststation.message.QueueId;
import dev.poststation.sim.ServerLog;
import dev.poststation.smtp.EnhancedStatus;
import dev.poststation.smtp.Reply;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What the status and the server log say of a destination that takes no mail.
class HealthTest {
  private static final Outcome FULL =
      new Outcome.Deferred(
          Outcome.Stage.RCPT,
          new EnhancedStatus(4, 2, 2),
          "452 4.2.2 mailbox full",
          Reply.of(452, "4.2.2", "mailbox full"));

  private final ServerLog log = ServerLog.of(Health.class);

  @AfterEach
  void end() {
    log.end();
  }

  private static QueueId attempted(Scenario scenario, String recipient) {
    var id = scenario.accept("lan", recipient);
    eventually("attempted", () -> !scenario.attempts(id).isEmpty());
    eventually("settled", () -> scenario.queue.load().active() == 0);
    return id;
  }

  @Test
  void theStatusSaysHowManyMailsInARowWereDeferredAndWhy() {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.UNWILLING;
      attempted(scenario, "anna@example.net");
      attempted(scenario, "anna@example.net");
      assertThat(scenario.queue.trouble("example.net"))
          .contains(new Queue.Trouble(2, "421 4.3.2 going down"));
      scenario.answer = (_, _) -> Scenario.REFUSED;
      attempted(scenario, "nobody@example.net");
      assertThat(scenario.queue.trouble("example.net")).isPresent();
      scenario.answer = (_, _) -> Scenario.OK;
      attempted(scenario, "anna@example.net");
      assertThat(scenario.queue.trouble("example.net")).isEmpty();
    }
  }

  @Test
  void hostsThatTookAConnectionAreRemembered() {
    try (var scenario = new Scenario()) {
      assertThat(scenario.queue.lately("example.net").reached()).isEmpty();
      attempted(scenario, "anna@example.net");
      assertThat(scenario.queue.lately("example.net").reached()).hasSize(1);
    }
  }

  @Test
  void aSmarthostThatDefersMailAfterMailIsInTheServerLogOnceAndSoIsItsEnd() {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.UNWILLING;
      for (int i = 0; i < 10; i++) {
        attempted(scenario, "anna@example.net");
      }
      assertThat(log.lines())
          .containsExactly(
              "WARN example.net defers every mail, 5 in a row by now; the last: 421 4.3.2 going"
                  + " down");
      scenario.answer = (_, _) -> Scenario.OK;
      attempted(scenario, "anna@example.net");
      assertThat(log.lines()).hasSize(2).last().isEqualTo("INFO example.net takes mail again");
    }
  }

  @Test
  void aMailThatIsTriedAgainAndAgainIsCountedOnce() {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.UNWILLING;
      var id = attempted(scenario, "anna@example.net");
      for (int attempt = 2; attempt < 8; attempt++) {
        int made = attempt;
        scenario.time.advance(Duration.ofMinutes(61));
        scenario.eventually("tried again", () -> scenario.attempts(id).size() >= made);
        eventually("settled", () -> scenario.queue.load().active() == 0);
      }
      assertThat(scenario.queue.trouble("example.net"))
          .contains(new Queue.Trouble(1, "421 4.3.2 going down"));
      assertThat(log.lines()).isEmpty();
    }
  }

  @Test
  void mailboxesThatAreFullAreNoTroubleOfTheirDestination() {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> FULL;
      for (int i = 0; i < 6; i++) {
        attempted(scenario, "user" + i + "@example.net");
      }
      assertThat(scenario.queue.trouble("example.net")).isEmpty();
      assertThat(log.lines()).isEmpty();
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      attempted(scenario, "anna@example.net");
      scenario.answer = (_, _) -> FULL;
      attempted(scenario, "anna@example.net");
      assertThat(scenario.queue.trouble("example.net"))
          .contains(new Queue.Trouble(1, "451 4.7.1 come back later"));
    }
  }

  @Test
  void moreThanTwentyMailsInARowAreNotCounted() {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.UNWILLING;
      for (int i = 0; i < 23; i++) {
        attempted(scenario, "anna@example.net");
      }
      assertThat(scenario.queue.trouble("example.net").orElseThrow().deferred()).isEqualTo(20);
    }
  }

  @Test
  void aSmarthostThatCannotBeReachedIsInTheServerLogOnceAndSoIsItsReturn() {
    try (var scenario = new Scenario()) {
      scenario.down.add("example.net");
      var id = attempted(scenario, "anna@example.net");
      for (int probe = 2; probe < 5; probe++) {
        int opened = probe;
        scenario.time.advance(Duration.ofMinutes(16));
        // The scheduler may just be counting how long to wait: the clock must not stand still.
        scenario.eventually("probed", () -> scenario.opened.get("example.net").get() == opened);
        eventually("settled", () -> scenario.queue.load().active() == 0);
        eventually("at rest", scenario::atRest);
      }
      assertThat(log.lines())
          .containsExactly("WARN No mail leaves by example.net now: connection refused");
      scenario.down.clear();
      scenario.time.advance(Duration.ofMinutes(16));
      eventually("removed", () -> scenario.removed(id));
      assertThat(log.lines()).hasSize(2).last().isEqualTo("INFO example.net can be reached again");
    }
  }

  @Test
  void whatIsDeadInTheInternetIsNot() {
    try (var scenario = new Scenario()) {
      scenario.routes = domain -> List.of("mx." + domain);
      scenario.down.add("mx.dead.example");
      scenario.answer = (_, _) -> Scenario.UNWILLING;
      attempted(scenario, "anna@dead.example");
      for (int i = 0; i < 10; i++) {
        attempted(scenario, "anna@busy.example");
      }
      assertThat(scenario.queue.trouble("mx.busy.example")).isPresent();
      assertThat(log.lines()).isEmpty();
    }
  }
}
