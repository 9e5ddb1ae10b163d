package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.conditions.UndecidedException;
import dev.poststation.config.Hours;
import dev.poststation.config.Line;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/// Mail for whose route somebody has to be asked.
class AskingTest {
  /// What a router throws when a directory has to be asked.
  private static UndecidedException open() {
    return UndecidedException.open("directory staff");
  }

  @Test
  void mailForWhichNobodyIsAskedDoesNotWaitForThatOfWhichSomebodyIs() {
    var answered = new CountDownLatch(1);
    try (var scenario = new Scenario()) {
      scenario.undecided =
          (recipient, ask) -> {
            if (recipient.domain().equals("asked.example")) {
              if (!ask) {
                throw open();
              }
              await(answered);
            }
          };
      var both = scenario.accept("lan", "anna@asked.example", "bert@known.example");
      var other = scenario.accept("lan", "carl@known.example");
      eventually("sent", () -> scenario.sent.size() == 2);
      assertThat(scenario.sent).noneMatch(line -> line.contains("anna"));
      assertThat(scenario.removed(both)).isFalse();
      answered.countDown();
      eventually("removed", () -> scenario.removed(both) && scenario.removed(other));
      assertThat(scenario.sent).hasSize(3);
    }
  }

  @Test
  void moreMailThanMayAskAtOnceIsAskedForInTheEnd() {
    var answered = new CountDownLatch(1);
    try (var scenario = new Scenario()) {
      scenario.undecided =
          (_, ask) -> {
            if (!ask) {
              throw open();
            }
            await(answered);
          };
      for (int i = 0; i < 120; i++) {
        scenario.accept("lan", i + "@asked.example");
      }
      answered.countDown();
      eventually("sent", () -> scenario.sent.size() == 120);
      eventually("at rest", scenario::atRest);
      assertThat(scenario.sent).doesNotHaveDuplicates();
    }
  }

  @Test
  void whileNobodyAnswersMailWaitsWithTheReasonAndGoesOnceSomebodyDoes() {
    var silent = new AtomicBoolean(true);
    try (var scenario = new Scenario()) {
      scenario.undecided =
          (_, ask) -> {
            if (!ask) {
              throw open();
            }
            if (silent.get()) {
              throw new UndecidedException("the directory cannot be asked: ldap.test:389: down");
            }
          };
      var id = scenario.accept("lan", "anna@asked.example");
      eventually("deferred", () -> scenario.place(id).equals("deferred"));
      assertThat(scenario.attempts(id).getFirst().text())
          .isEqualTo("no route yet: the directory cannot be asked: ldap.test:389: down");
      assertThat(scenario.sent).isEmpty();
      silent.set(false);
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.sent).hasSize(1);
    }
  }

  @Test
  void aReloadDoesNotAskForAllMailThatWaits() {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var id = scenario.accept("lan", "anna@a.example");
      eventually("deferred", () -> scenario.place(id).equals("deferred"));
      eventually("at rest", scenario::atRest);
      var asked = new AtomicBoolean();
      scenario.undecided =
          (_, ask) -> {
            if (!ask) {
              throw open();
            }
            asked.set(true);
          };
      int before = scenario.spool.reads("deferred");
      scenario.queue.redirect(scenario.directions());
      eventually("looked", () -> scenario.spool.reads("deferred") > before);
      eventually("at rest", scenario::atRest);
      assertThat(asked.get()).isFalse();
      assertThat(scenario.attempts(id)).hasSize(1);
      assertThat(scenario.place(id)).isEqualTo("deferred");
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /// A directory whose answers are not remembered (`remember = "0 s"`) has to be asked always. What
  /// waits for hours that are further away than any wait is not for that taken for mail that a
  /// wrong clock has put off: it would come again at once, without end.
  @Test
  void mailWaitsForHoursAlsoWhereSomebodyHasToBeAskedForItsRoute() {
    try (var scenario = new Scenario()) {
      var start = scenario.time.now().plus(Duration.ofHours(5));
      var local = start.atZone(ZoneId.systemDefault()).toLocalTime();
      var hours = new Hours(EnumSet.allOf(DayOfWeek.class), local, local.plusHours(4), "night");
      var line = new Line(0, List.of(hours), 0, 0);
      scenario.connectors = name -> Scenario.connector(name, 25, 20, line);
      scenario.undecided =
          (_, ask) -> {
            if (!ask) {
              throw open();
            }
          };
      var id = scenario.accept("lan", "anna@asked.example");
      eventually("deferred", () -> scenario.place(id).equals("deferred"));
      eventually("at rest", scenario::atRest);
      assertThat(scenario.attempts(id)).hasSize(1);
      scenario.time.advance(Duration.between(scenario.time.now(), start));
      eventually("sent", () -> scenario.removed(id));
      assertThat(scenario.sent).hasSize(1);
    }
  }
}
