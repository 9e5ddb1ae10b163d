package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.bounce.NoticeRequest.Kind;
import dev.poststation.message.QueueId;
import dev.poststation.spool.SpoolException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Mail that is parked for a destination that stays dead is warned of, and expires, in time.
class AgesTest {
  private static final Duration TWO_HOURS = Duration.ofHours(2);
  private static final Duration A_MINUTE = Duration.ofSeconds(61);

  private static Scenario scenario(Duration bounceLifetime, Duration warnAfter) {
    var scenario = new Scenario(1000, Scenario.settings(TWO_HOURS, bounceLifetime, warnAfter, 500));
    scenario.down.add("example.net");
    return scenario;
  }

  private static List<QueueId> parked(Scenario scenario, int count) {
    List<QueueId> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(scenario.accept("lan", "user" + i + "@example.net"));
    }
    eventually("parked", () -> ids.stream().allMatch(id -> scenario.place(id).equals("parked")));
    return ids;
  }

  private static void passMinutes(Scenario scenario, int minutes) {
    for (int minute = 0; minute < minutes; minute++) {
      scenario.time.advance(A_MINUTE);
      eventually("at rest", scenario::atRest);
      eventually("nothing in flight", () -> scenario.queue.load().active() == 0);
    }
  }

  @Test
  void whileNothingGrowsOldTheIndexOfADeadDestinationIsNotRead() {
    try (var scenario = scenario(TWO_HOURS, Duration.ofHours(1))) {
      parked(scenario, 3);
      passMinutes(scenario, 20);
      int before = scenario.spool.reads("parked");
      passMinutes(scenario, 30);
      assertThat(scenario.spool.reads("parked") - before)
          .as("when it was asked, and not once a minute for each age")
          .isLessThan(30);
    }
  }

  @Test
  void allParkedMailExpiresInTimeThoughNoticesLiveShorter() {
    try (var scenario = scenario(Duration.ofHours(1), Duration.ZERO)) {
      var ids = parked(scenario, 10);
      passMinutes(scenario, 115);
      assertThat(ids).noneMatch(scenario::removed);
      passMinutes(scenario, 6);
      assertThat(ids).allMatch(scenario::removed);
    }
  }

  @Test
  void afterTheClockWasSetBackParkedMailExpiresByTheTimeItArrived() {
    try (var scenario = scenario(TWO_HOURS, Duration.ZERO)) {
      scenario.time.advance(Duration.ofDays(365));
      var early = parked(scenario, 1);
      scenario.time.advance(Duration.ofDays(-365));
      var ids = parked(scenario, 3);
      assertThat(ids.getFirst()).isGreaterThan(early.getFirst());
      passMinutes(scenario, 125);
      assertThat(ids).allMatch(scenario::removed);
      assertThat(early).noneMatch(scenario::removed);
    }
  }

  @Test
  void aParkedMailIsWarnedOfOnceAlsoAfterARestart() {
    try (var scenario = scenario(TWO_HOURS, Duration.ofMinutes(30))) {
      var ids = parked(scenario, 5);
      passMinutes(scenario, 35);
      assertThat(scenario.told).hasSize(5).allMatch(told -> told.kind() == Kind.DELAYED);
      scenario.restart();
      passMinutes(scenario, 2);
      var before = ids.stream().mapToInt(id -> scenario.attempts(id).size()).sum();
      passMinutes(scenario, 3);
      assertThat(scenario.told).hasSize(5);
      // Only the one that asks whether the destination is back.
      assertThat(ids.stream().mapToInt(id -> scenario.attempts(id).size()).sum() - before)
          .isLessThanOrEqualTo(1);
    }
  }

  /// Its attempt may end with an outcome from before it was too old, and then it is parked again.
  @Test
  void aMailThatIsInMemoryJustThenIsLookedAtAgain() throws SpoolException {
    try (var scenario = scenario(TWO_HOURS, Duration.ZERO)) {
      var id = parked(scenario, 1).getFirst();
      scenario.queue.drain();
      // It would look itself.
      scenario.eventually("scheduler ended", () -> !scenario.queue.claims().running());
      scenario.time.advance(TWO_HOURS.plusMinutes(1));
      List<QueueId> looked = new ArrayList<>();
      var settings = Scenario.settings(TWO_HOURS, TWO_HOURS, Duration.ZERO, 500);
      Ages.Activation inMemory = (found, _) -> looked.add(found);
      var ages = new Ages(scenario.queue, scenario.spool, settings, inMemory);
      ages.look(List.of("example.net"), scenario.time.now());
      ages.look(List.of("example.net"), scenario.time.now());
      assertThat(looked).containsExactly(id, id);
    }
  }

  @Test
  void aMailThatIsInMemoryDoesNotHaveAllBehindItLookedAtAgain() throws SpoolException {
    try (var scenario = scenario(TWO_HOURS, Duration.ZERO)) {
      var ids = parked(scenario, 5);
      scenario.queue.drain();
      // It would look itself.
      scenario.eventually("scheduler ended", () -> !scenario.queue.claims().running());
      scenario.time.advance(TWO_HOURS.plusMinutes(1));
      List<QueueId> looked = new ArrayList<>();
      var settings = Scenario.settings(TWO_HOURS, TWO_HOURS, Duration.ZERO, 500);
      Ages.Activation activation =
          (found, still) -> {
            looked.add(found);
            if (!found.equals(ids.getFirst())) {
              try {
                var _ = still.test(scenario.spool.load(found).orElseThrow());
              } catch (SpoolException e) {
                throw new IllegalStateException(e);
              }
            }
          };
      var ages = new Ages(scenario.queue, scenario.spool, settings, activation);
      ages.look(List.of("example.net"), scenario.time.now());
      assertThat(looked).containsExactlyElementsOf(ids);
      looked.clear();
      ages.look(List.of("example.net"), scenario.time.now());
      assertThat(looked).containsExactly(ids.getFirst());
    }
  }
}
