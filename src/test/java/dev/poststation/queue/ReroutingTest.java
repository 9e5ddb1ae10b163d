package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.QueueId;
import dev.poststation.route.Resolution;
import dev.poststation.sim.ServerLog;
import dev.poststation.spool.SpoolException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// Mail that waits for its time while its way changes. The clock stands still: what is due later
/// stays where it is.
class ReroutingTest {
  private static void reload(Scenario scenario) {
    scenario.queue.redirect(scenario.directions());
  }

  /// Until what is deferred has been looked at.
  private static void reloadAndLook(Scenario scenario) {
    int before = scenario.spool.reads("deferred");
    reload(scenario);
    eventually("looked", () -> scenario.spool.reads("deferred") > before);
    eventually("at rest", scenario::atRest);
  }

  private static void deferred(Scenario scenario, List<QueueId> ids) {
    eventually(
        "deferred", () -> ids.stream().allMatch(id -> scenario.place(id).equals("deferred")));
    eventually("at rest", scenario::atRest);
  }

  private static List<QueueEntry.Line> lines(Scenario scenario, QueueId id) {
    try {
      return scenario.control.entry(id).orElseThrow().recipients();
    } catch (SpoolException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatHadNoRouteGoesAtOnceAlsoWhenItIsMoreThanMemoryHolds() {
    try (var scenario = new Scenario(10, 5)) {
      scenario.routes = _ -> List.of();
      List<QueueId> ids = new ArrayList<>();
      for (int i = 0; i < 600; i++) {
        ids.add(scenario.accept("lan", "user" + i + "@example.net"));
      }
      deferred(scenario, ids);
      scenario.routes = _ -> List.of("provider");
      reload(scenario);
      // With the clock: while memory is full the scheduler looks again a second later.
      scenario.eventually("removed", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.sent).hasSize(600).doesNotHaveDuplicates();
      assertThat(ids).allMatch(id -> scenario.attempts(id).size() == 2);
    }
  }

  @Test
  void soDoesWhatHadNoRouteBeforeARestart() {
    try (var scenario = new Scenario()) {
      scenario.routes = _ -> List.of();
      var id = scenario.accept("lan", "anna@example.net");
      deferred(scenario, List.of(id));
      scenario.routes = _ -> List.of("provider");
      scenario.restart();
      eventually("removed", () -> scenario.removed(id));
    }
  }

  @Test
  void onlyThoseGoAtOnceWhoseConnectorIsNotInTheirRouteAnyMore() {
    try (var scenario = new Scenario()) {
      scenario.answer =
          (destination, _) -> destination.equals("new") ? Scenario.OK : Scenario.GREYLISTED;
      scenario.routes = domain -> List.of(domain.equals("a.example") ? "old" : "kept");
      var id = scenario.accept("lan", "anna@a.example", "bert@b.example");
      deferred(scenario, List.of(id));
      scenario.routes = domain -> List.of(domain.equals("a.example") ? "new" : "kept");
      reload(scenario);
      eventually("sent", () -> scenario.sent.size() == 1);
      deferred(scenario, List.of(id));
      assertThat(scenario.sent.getFirst()).endsWith("anna@a.example by new");
      assertThat(scenario.attempts(id)).hasSize(3);
    }
  }

  @Test
  void whoWaitsForDestinationsThatWereSetAsideBeforeGoesElsewhereToo() {
    try (var scenario = new Scenario()) {
      scenario.down.addAll(List.of("one.example", "two.example"));
      var one = scenario.accept("lan", "carl@one.example");
      var two = scenario.accept("lan", "dora@two.example");
      eventually("set aside", () -> scenario.place(one).equals("parked"));
      eventually("set aside", () -> scenario.place(two).equals("parked"));
      var id = scenario.accept("lan", "anna@one.example", "bert@two.example");
      deferred(scenario, List.of(id));
      scenario.routes = _ -> List.of("provider");
      reload(scenario);
      eventually("removed", () -> scenario.removed(id));
    }
  }

  @Test
  void whoWaitsForADomainByTheSameConnectorKeepsWaiting() {
    try (var scenario = new Scenario()) {
      scenario.nowhere = new Resolution.Nowhere(Scenario.UNREACHABLE, List.of());
      var id = scenario.accept("lan", "anna@example.net");
      deferred(scenario, List.of(id));
      assertThat(lines(scenario, id).getFirst().destination()).startsWith("example.net");
      reloadAndLook(scenario);
      assertThat(scenario.attempts(id)).hasSize(1);
    }
  }

  @Test
  void whoHasNoRouteAnyMoreIsSaidToHaveNone() {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var id = scenario.accept("lan", "anna@example.net");
      deferred(scenario, List.of(id));
      scenario.routes = _ -> List.of();
      reload(scenario);
      eventually(
          "said", () -> lines(scenario, id).getFirst().reason().startsWith("no rule in routes"));
    }
  }

  @Test
  void aRecipientWithoutRouteDoesNotWaitForAnotherThatIsInFlight() {
    try (var scenario = new Scenario()) {
      var go = new CountDownLatch(1);
      scenario.routes = domain -> domain.equals("a.example") ? List.of() : List.of("slow");
      scenario.answer =
          (destination, _) -> {
            if (destination.equals("slow")) {
              QueueTest.await(go);
            }
            return Scenario.OK;
          };
      var id = scenario.accept("lan", "anna@a.example", "bert@b.example");
      eventually("tried", () -> scenario.attempts(id).size() == 1);
      eventually("in flight", () -> scenario.concurrent.get() == 1);
      scenario.routes = domain -> List.of(domain.equals("a.example") ? "new" : "slow");
      reload(scenario);
      eventually("sent", () -> scenario.sent.size() == 1);
      assertThat(scenario.place(id)).isEqualTo("active");
      go.countDown();
      eventually("removed", () -> scenario.removed(id));
    }
  }

  @Test
  void whatIsHeldStaysHeld() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.routes = _ -> List.of();
      var id = scenario.accept("lan", "anna@example.net");
      deferred(scenario, List.of(id));
      scenario.act(Control.Action.HOLD, List.of(id), "look");
      scenario.routes = _ -> List.of("provider");
      reloadAndLook(scenario);
      assertThat(scenario.place(id)).isEqualTo("held");
    }
  }

  @Test
  void theFirstAnswerByTheNewWayIsFollowedByTheFirstWait() {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      scenario.routes = _ -> List.of("old");
      var id = scenario.accept("lan", "anna@example.net");
      deferred(scenario, List.of(id));
      scenario.time.advance(Duration.ofMinutes(1));
      eventually("attempted", () -> scenario.attempts(id).size() == 2);
      deferred(scenario, List.of(id));
      scenario.routes = _ -> List.of("new");
      reload(scenario);
      eventually("attempted", () -> scenario.attempts(id).size() == 3);
      deferred(scenario, List.of(id));
      assertThat(lines(scenario, id).getFirst().next())
          .isEqualTo(scenario.time.now().plus(Duration.ofMinutes(1)));
    }
  }

  /// A fault of ours is like a rule that nobody can decide, and holds up no other mail.
  @Test
  void whatCannotBeRoutedByAFaultOfOursIsDeferredAndToldOfOnce() {
    var log = ServerLog.of(RouteFinding.class);
    try (var scenario = new Scenario()) {
      scenario.routes =
          domain -> {
            if (domain.equals("broken.example")) {
              throw new IllegalStateException("a fault of ours, as this test wants it");
            }
            return List.of("provider");
          };
      var broken = scenario.accept("lan", "anna@broken.example", "bert@example.net");
      deferred(scenario, List.of(broken));
      assertThat(scenario.sent).singleElement().asString().contains("bert@example.net");
      var line = lines(scenario, broken).getFirst();
      assertThat(line.reason())
          .isEqualTo("no route yet: internal error of this relay; see its server log");
      assertThat(line.attempts()).isEqualTo(1);
      assertThat(line.next()).isAfter(scenario.time.now().plusSeconds(30));
      reloadAndLook(scenario);
      scenario.time.advance(Duration.between(scenario.time.now(), line.next()));
      eventually("tried again", () -> lines(scenario, broken).getFirst().attempts() == 2);
      deferred(scenario, List.of(broken));
      assertThat(log.end()).hasSize(2); // A reload may have mended it.
      scenario.restart();
      deferred(scenario, List.of(broken));
      scenario.routes = _ -> List.of("provider");
      reload(scenario);
      eventually("removed", () -> scenario.removed(broken));
    }
  }
}
