package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Hours;
import dev.poststation.config.Line;
import dev.poststation.config.Pool;
import dev.poststation.config.Rate;
import dev.poststation.message.QueueId;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Mail that was passed on to a connector that sends nothing for long goes by the one before it,
/// when that works again.
class BackToTheFirstTest {
  private static final Duration A_QUARTER = Duration.ofMinutes(17);

  /// The second connector sends in twelve hours only.
  private static Scenario night() {
    var scenario = new Scenario();
    scenario.routes = _ -> List.of("first", "night");
    var begin = scenario.time.now().plus(Duration.ofHours(12)).atZone(ZoneId.systemDefault());
    var local = begin.toLocalTime();
    var hours = new Hours(EnumSet.allOf(DayOfWeek.class), local, local.plusHours(4), "night");
    var line = new Line(0, List.of(hours), 0, 0);
    scenario.connectors =
        name ->
            name.equals("night") ? Scenario.connector(name, 25, 1, line) : Scenario.connector(name);
    return scenario;
  }

  /// The second connector takes one mail in a day.
  private static Scenario scarce() {
    var scenario = new Scenario();
    scenario.routes = _ -> List.of("first", "scarce");
    var pool = new Pool(3, List.of(new Rate(1, "day")), List.of(), 0, Pool.Per.CONNECTOR);
    scenario.connectors =
        name -> name.equals("scarce") ? Scenario.connector(name, pool) : Scenario.connector(name);
    return scenario;
  }

  private static QueueId accept(Scenario scenario) {
    return scenario.accept("lan", "anna@example.net");
  }

  private static void waits(Scenario scenario, QueueId id) {
    eventually("waits", () -> List.of("parked", "deferred").contains(scenario.place(id)));
  }

  private static void goesByTheFirst(Scenario scenario, QueueId id, Duration within) {
    Instant begin = scenario.time.now();
    scenario.eventually("removed", () -> scenario.removed(id));
    assertThat(scenario.sent).contains(id + " anna@example.net by first");
    assertThat(Duration.between(begin, scenario.time.now())).isLessThan(within);
  }

  private static void passes(Scenario scenario, Duration time) {
    Instant end = scenario.time.now().plus(time);
    while (scenario.time.now().isBefore(end)) {
      scenario.time.advance(Duration.ofMinutes(5));
      eventually("at rest", scenario::atRest);
    }
  }

  @Test
  void mailThatWouldWaitForTheNightGoesByTheFirstWhenThatIsBack() {
    try (var scenario = night()) {
      scenario.down.add("first");
      var id = accept(scenario);
      waits(scenario, id);
      scenario.down.clear();
      goesByTheFirst(scenario, id, Duration.ofMinutes(2));
    }
  }

  @Test
  void soDoesMailThatTheFirstPutOff() {
    try (var scenario = night()) {
      scenario.answer = (name, _) -> Scenario.UNWILLING;
      var id = accept(scenario);
      waits(scenario, id);
      scenario.answer = (name, _) -> Scenario.OK;
      goesByTheFirst(scenario, id, Duration.ofMinutes(2));
    }
  }

  @Test
  void whenTheNightComesBeforeTheFirstIsBackItGoesByNight() {
    try (var scenario = night()) {
      scenario.down.add("first");
      var id = accept(scenario);
      waits(scenario, id);
      passes(scenario, Duration.ofHours(12));
      passes(scenario, A_QUARTER);
      assertThat(scenario.sent).containsExactly(id + " anna@example.net by night");
    }
  }

  @Test
  void mailThatWouldWaitForAQuotaGoesByTheFirstWhenThatIsBack() {
    try (var scenario = scarce()) {
      scenario.down.add("first");
      var one = accept(scenario);
      eventually("sent by the second", () -> scenario.removed(one));
      var id = accept(scenario);
      waits(scenario, id);
      scenario.down.clear();
      goesByTheFirst(scenario, id, Duration.ofMinutes(2));
    }
  }

  @Test
  void whenTheQuotaHasRoomBeforeTheFirstIsBackItIsUsed() {
    try (var scenario = scarce()) {
      scenario.down.add("first");
      var one = accept(scenario);
      eventually("sent by the second", () -> scenario.removed(one));
      var id = accept(scenario);
      waits(scenario, id);
      passes(scenario, Duration.ofHours(24).plusMinutes(12));
      passes(scenario, A_QUARTER);
      assertThat(scenario.sent).contains(id + " anna@example.net by scarce");
    }
  }

  @Test
  void whileBothSendNothingTheFirstIsAskedByOneMailOnly() {
    try (var scenario = scarce()) {
      scenario.down.add("first");
      var one = accept(scenario);
      eventually("sent by the second", () -> scenario.removed(one));
      List<QueueId> ids = List.of(accept(scenario), accept(scenario), accept(scenario));
      ids.forEach(id -> waits(scenario, id));
      int before = scenario.opened.get("first").get();
      passes(scenario, Duration.ofHours(2));
      int asked = scenario.opened.get("first").get() - before;
      assertThat(asked).isBetween(4, 12);
      long lines = ids.stream().mapToLong(id -> scenario.attempts(id).size()).sum();
      assertThat(lines).isLessThanOrEqualTo(3 * 2 + 2L * asked);
    }
  }
}
