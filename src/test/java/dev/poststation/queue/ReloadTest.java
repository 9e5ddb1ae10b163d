package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Connector;
import dev.poststation.message.QueueId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// New routes and connectors while mail is in every stage of its way.
class ReloadTest {
  private static final int NEW_PORT = 2525;
  private final CountDownLatch go = new CountDownLatch(1);

  private static Connector changed(String name, int connections) {
    return Scenario.connector(name, NEW_PORT, connections);
  }

  private static void reload(Scenario scenario) {
    scenario.queue.redirect(scenario.directions());
  }

  private static int lastPort(Scenario scenario) {
    return scenario.openings.getLast().connector().port();
  }

  @Test
  void anOpenConnectionOfTheOldSettingsCarriesNoMailAnyMore() {
    try (var scenario = new Scenario()) {
      var one = scenario.accept("lan", "anna@example.net");
      eventually("removed", () -> scenario.removed(one));
      scenario.connectors = name -> changed(name, 20);
      reload(scenario);
      var two = scenario.accept("lan", "anna@example.net");
      eventually("removed", () -> scenario.removed(two));
      assertThat(scenario.openings).hasSize(2);
      assertThat(lastPort(scenario)).isEqualTo(NEW_PORT);
    }
  }

  @Test
  void whatIsReadyGoesByTheNewRoutesAndWhatIsInFlightByTheOldOnes() {
    try (var scenario = new Scenario()) {
      scenario.routes = _ -> List.of("old");
      scenario.duringSend = () -> QueueTest.await(go);
      for (int i = 0; i < 30; i++) {
        scenario.accept("lan", "user" + i + "@example.net");
      }
      eventually("in flight", () -> scenario.concurrent.get() == 5);
      scenario.routes = _ -> List.of("new");
      reload(scenario);
      go.countDown();
      scenario.eventually("sent", () -> scenario.sent.size() == 30);
      assertThat(scenario.sent).filteredOn(line -> line.endsWith("by old")).hasSize(5);
      assertThat(scenario.sent).filteredOn(line -> line.endsWith("by new")).hasSize(25);
    }
  }

  @Test
  void aMailThatCannotBeRoutedAnewHoldsUpNoOther() {
    try (var scenario = new Scenario()) {
      scenario.routes = _ -> List.of("old");
      scenario.connectors = name -> Scenario.connector(name, 25, 1);
      scenario.duringSend = () -> QueueTest.await(go);
      scenario.accept("lan", "anna@example.net");
      eventually("in flight", () -> scenario.concurrent.get() == 1);
      var broken = scenario.accept("lan", "bert@broken.example");
      var sound = scenario.accept("lan", "carl@example.net");
      scenario.routes =
          domain -> {
            if (domain.equals("broken.example")) {
              throw new IllegalStateException("a fault of ours, as this test wants it");
            }
            return List.of("new");
          };
      reload(scenario);
      go.countDown();
      eventually("removed", () -> scenario.removed(sound));
      eventually("one left", () -> scenario.sent.size() == 2);
      eventually("out of memory", () -> scenario.queue.load().active() == 0);
      assertThat(scenario.removed(broken)).isFalse();
    }
  }

  @Test
  void anotherNumberOfConnectionsIsHeededByTheNextMail() {
    try (var scenario = new Scenario()) {
      scenario.duringSend = () -> QueueTest.await(go);
      for (int i = 0; i < 30; i++) {
        scenario.accept("lan", "user" + i + "@example.net");
      }
      eventually("in flight", () -> scenario.concurrent.get() == 5);
      scenario.connectors = name -> changed(name, 2);
      reload(scenario);
      assertThat(scenario.queue.load().destinations())
          .singleElement()
          .matches(destination -> destination.window() == 2);
      go.countDown();
      scenario.eventually("sent", () -> scenario.sent.size() == 30);
    }
  }

  @Test
  void whatWaitsForTheDnsGoesByTheNewRoutes() {
    try (var scenario = new Scenario()) {
      var asking = new CountDownLatch(1);
      scenario.routes = _ -> List.of("mx.old");
      scenario.duringResolve =
          () -> {
            asking.countDown();
            QueueTest.await(go);
          };
      var id = scenario.accept("lan", "anna@example.net");
      QueueTest.await(asking);
      scenario.routes = _ -> List.of("mx.new");
      reload(scenario);
      go.countDown();
      eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.sent).singleElement().matches(line -> line.endsWith("by mx.new"));
    }
  }

  @Test
  void anAnswerToAnOldQuestionDoesNotBringTheOldSettingsBack() {
    try (var scenario = new Scenario()) {
      var asking = new CountDownLatch(1);
      scenario.routes = _ -> List.of("mx");
      scenario.duringResolve =
          () -> {
            asking.countDown();
            QueueTest.await(go);
          };
      var one = scenario.accept("lan", "anna@example.net");
      QueueTest.await(asking);
      scenario.connectors = name -> changed(name, 20);
      reload(scenario);
      var two = scenario.accept("lan", "anna@example.net");
      go.countDown();
      eventually("removed", () -> scenario.removed(one) && scenario.removed(two));
      assertThat(scenario.openings).allMatch(to -> to.connector().port() == NEW_PORT);
    }
  }

  @Test
  void afterAReloadTheOldFallbackIsNotTaken() {
    try (var scenario = new Scenario()) {
      scenario.routes = _ -> List.of("first", "second");
      scenario.unwilling.add("first");
      var sending = new CountDownLatch(1);
      scenario.duringSend =
          () -> {
            sending.countDown();
            QueueTest.await(go);
          };
      var id = scenario.accept("lan", "anna@example.net");
      QueueTest.await(sending);
      scenario.routes = _ -> List.of("third");
      reload(scenario);
      go.countDown();
      eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.sent).singleElement().matches(line -> line.endsWith("by third"));
    }
  }

  @Test
  void whatIsParkedForADeadDestinationGoesByTheNewRoutesAtOnce() {
    try (var scenario = new Scenario()) {
      scenario.routes = _ -> List.of("old");
      scenario.down.add("old");
      List<QueueId> ids = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        ids.add(scenario.accept("lan", "user" + i + "@example.net"));
      }
      eventually("parked", () -> ids.stream().allMatch(id -> scenario.place(id).equals("parked")));
      eventually("at rest", scenario::atRest);
      scenario.routes = _ -> List.of("new");
      reload(scenario);
      eventually("removed", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.sent).hasSize(50).allMatch(line -> line.endsWith("by new"));
    }
  }
}
