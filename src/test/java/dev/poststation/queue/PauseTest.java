package dev.poststation.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.bounce.NoticeRequest.Kind;
import dev.poststation.message.QueueId;
import dev.poststation.spool.SpoolException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A pause, in which this relay lacks what is its own to have, stops the clock of a mail: the time
/// is no part of its age.
class PauseTest {
  private static final Duration LIFETIME = Duration.ofDays(5);
  private static final Duration PAUSE = Duration.ofDays(6);

  /// A mail for a destination that is in a pause.
  private static QueueId waiting(Scenario scenario) {
    scenario.down.add("example.net");
    scenario.failure = Scenario.PAUSED;
    var id = scenario.accept("lan", "anna@example.net");
    scenario.eventually("parked", () -> scenario.place(id).equals("parked"));
    return id;
  }

  /// In small steps: who was not ready at one of them is late by no more than that.
  private static void pass(Scenario scenario, Duration span) {
    var step = Duration.ofMinutes(20);
    for (var left = span; left.isPositive(); left = left.minus(step)) {
      scenario.time.advance(left.compareTo(step) < 0 ? left : step);
      scenario.eventually(
          "at rest, and none in flight",
          () -> scenario.atRest() && scenario.queue.load().active() == 0 && scenario.atRest());
    }
  }

  private static void over(Scenario scenario) {
    scenario.down.clear();
    scenario.queue.resume("example.net");
  }

  private static boolean expired(Scenario scenario) {
    return scenario.told.stream().anyMatch(told -> told.kind() == Kind.EXPIRED);
  }

  @Test
  void aMailThatIsDeferredAfterALongPauseHasItsWholeLifetimeStill() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var id = waiting(scenario);
      pass(scenario, PAUSE);
      over(scenario);
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
      pass(scenario, LIFETIME.minusHours(2));
      assertThat(scenario.removed(id)).isFalse();
      pass(scenario, Duration.ofHours(4));
      assertThat(scenario.removed(id)).isTrue();
      assertThat(expired(scenario)).isTrue();
    }
  }

  @Test
  void aRestartForgetsNotHowLongThePauseWas() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var id = waiting(scenario);
      pass(scenario, PAUSE);
      scenario.restart();
      pass(scenario, Duration.ofHours(1));
      over(scenario);
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
      scenario.restart();
      pass(scenario, LIFETIME.minusHours(3));
      assertThat(scenario.removed(id)).isFalse();
      pass(scenario, Duration.ofHours(5));
      assertThat(scenario.removed(id)).isTrue();
    }
  }

  @Test
  void theTimeBeforeThePauseIsPartOfItsAge() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var id = scenario.accept("lan", "anna@example.net");
      pass(scenario, Duration.ofDays(3));
      scenario.down.add("example.net");
      scenario.failure = Scenario.PAUSED;
      pass(scenario, PAUSE);
      assertThat(scenario.removed(id)).isFalse();
      over(scenario);
      pass(scenario, Duration.ofHours(45));
      assertThat(scenario.removed(id)).isFalse();
      pass(scenario, Duration.ofHours(6));
      assertThat(scenario.removed(id)).isTrue();
    }
  }

  @Test
  void theSenderIsWarnedInThePauseThatItLastsWithoutAnEndInSight() throws Exception {
    try (var scenario = new Scenario()) {
      waiting(scenario);
      pass(scenario, Duration.ofHours(6));
      assertThat(scenario.told).extracting(Settling.Told::kind).containsExactly(Kind.DELAYED);
      assertThat(scenario.ends).singleElement().matches(end -> end.isEmpty());
    }
  }

  @Test
  void whoWaitsForAHostThatIsDeadAfterThePauseIsGivenUpInTime() throws Exception {
    try (var scenario = new Scenario()) {
      var first = waiting(scenario);
      var second = scenario.accept("lan", "bert@example.net");
      pass(scenario, PAUSE);
      scenario.failure = Scenario.UNREACHABLE;
      pass(scenario, LIFETIME.minusHours(2));
      assertThat(List.of(first, second)).noneMatch(scenario::removed);
      pass(scenario, Duration.ofHours(4));
      assertThat(List.of(first, second)).allMatch(scenario::removed);
      assertThat(scenario.told.stream().filter(told -> told.kind() == Kind.EXPIRED)).hasSize(2);
    }
  }

  @Test
  void aRefusalForGoodAfterThePauseEndsItAtOnce() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.REFUSED;
      var id = waiting(scenario);
      pass(scenario, PAUSE);
      over(scenario);
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.told).extracting(Settling.Told::kind).endsWith(Kind.FAILED);
    }
  }

  /// It is not looked at in vain while the pause lasts.
  @Test
  void whoWaitsStillWhenNobodyPausesAnyMoreIsLookedAtForHisAge() throws Exception {
    try (var scenario = new Scenario()) {
      var id = waiting(scenario);
      scenario.queue.drain();
      // It would forget the destination in those days.
      scenario.eventually("scheduler ended", () -> !scenario.queue.claims().running());
      scenario.time.advance(PAUSE);
      var settings = Scenario.settings(LIFETIME, LIFETIME, Duration.ZERO, 500);
      List<Boolean> wanted = new ArrayList<>();
      Ages.Activation activation =
          (found, still) -> {
            try {
              wanted.add(still.test(scenario.spool.load(found).orElseThrow()));
            } catch (SpoolException e) {
              throw new AssertionError(e);
            }
          };
      var ages = new Ages(scenario.queue, scenario.spool, settings, activation);
      ages.look(List.of("example.net"), scenario.time.now());
      assertThat(wanted).containsExactly(false);
      scenario.queue.ready().forgetFailures("example.net");
      ages.look(List.of("example.net"), scenario.time.now());
      assertThat(wanted).containsExactly(false, true);
      assertThat(scenario.removed(id)).isFalse();
    }
  }
}
