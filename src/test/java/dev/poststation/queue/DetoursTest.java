package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.QueueId;
import dev.poststation.spool.Placement;
import dev.poststation.spool.SpoolException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// All connectors of a route have failed, and mail is parked for the last of them: it leaves by the
/// first that is back.
class DetoursTest {
  private static final Duration A_MINUTE = Duration.ofSeconds(61);

  private static Scenario down(String... via) {
    var scenario = new Scenario();
    scenario.routes =
        domain -> domain.startsWith("only.") ? List.of(via[via.length - 1]) : List.of(via);
    scenario.down.addAll(List.of(via));
    return scenario;
  }

  private static QueueId park(Scenario scenario, String recipient) {
    var id = scenario.accept("lan", recipient);
    eventually("parked", () -> scenario.place(id).equals("parked"));
    return id;
  }

  private static int asked(Scenario scenario, String destination) {
    return scenario.opened.get(destination).get();
  }

  /// Somebody else's mail finds out that it is back.
  private static void comesBack(Scenario scenario, String which) {
    scenario.down.remove(which);
    var routes = scenario.routes;
    scenario.routes =
        domain -> domain.equals("other.example") ? List.of(which) : routes.apply(domain);
    scenario.time.advance(A_MINUTE);
    var id = scenario.accept("lan", "bert@other.example");
    eventually("removed", () -> scenario.removed(id));
  }

  @Test
  void allThatIsParkedForTheLastGoesByTheFirstThatIsBack() {
    try (var scenario = down("first", "second", "third")) {
      List<QueueId> ids = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        ids.add(scenario.accept("lan", i + "@example.net"));
      }
      eventually("parked", () -> scenario.queue.load().active() == 0);
      comesBack(scenario, "second");
      eventually("removed", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.sent).hasSize(301).allMatch(line -> line.endsWith(" by second"));
    }
  }

  @Test
  void whatHasNoOtherWayStaysAndTheLastIsNotAskedForIt() {
    try (var scenario = down("first", "second")) {
      var stays = park(scenario, "anna@only.example");
      var goes = park(scenario, "anna@example.net");
      // Its wait is longer than that of the first.
      scenario.time.advance(A_MINUTE);
      eventually("asked", () -> asked(scenario, "second") == 2);
      eventually("parked", () -> scenario.queue.load().active() == 0);
      comesBack(scenario, "first");
      eventually("removed", () -> scenario.removed(goes));
      eventually("at rest", scenario::atRest);
      assertThat(scenario.place(stays)).isEqualTo("parked");
      assertThat(asked(scenario, "second")).isEqualTo(2);
      scenario.down.clear();
      scenario.eventually("removed", () -> scenario.removed(stays));
    }
  }

  @Test
  void whenItFailsAgainMailIsParkedAgainAndFollowsItTheNextTime() {
    try (var scenario = down("first", "second")) {
      var id = park(scenario, "anna@example.net");
      scenario.answer =
          (name, to) ->
              to.address().toString().startsWith("anna") && name.equals("first")
                  ? Scenario.UNWILLING
                  : Scenario.OK;
      comesBack(scenario, "first");
      eventually("tried", () -> scenario.attempts(id).size() > 3);
      scenario.answer = (_, _) -> Scenario.OK;
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.sent).contains(id + " anna@example.net by first");
    }
  }

  @Test
  void whatIsBeingParkedWhileTheFirstComesBackIsLookedForAgain() throws SpoolException {
    try (var scenario = down("first", "second")) {
      var detours = scenario.queue.claims().detours();
      var first = List.of(new Before.Place("first", scenario.time.now()));
      var second = new Placement.Parked("second");
      park(scenario, "carl@example.net");
      var parking = scenario.commit("lan", "anna@example.net").id();
      detours.note(parking, "second", first);
      assertThat(detours.left(parking, second)).as("nothing works").isFalse();
      detours.note(parking, "second", first);
      comesBack(scenario, "first");
      eventually("at rest", scenario::atRest);
      assertThat(detours.look()).as("all was looked at").isFalse();
      assertThat(detours.left(parking, second)).as("it came later").isTrue();
      assertThat(detours.left(parking, second)).as("told once").isFalse();
      detours.note(parking, "second", first);
      assertThat(detours.left(parking, null)).as("it is gone").isFalse();
    }
  }
}
