package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Line;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/// Mail of a higher priority goes first (RFC 6710).
class PriorityTest {
  /// Accepts a mail of that priority.
  private static void accept(Scenario scenario, int priority, String recipient) {
    scenario.priority = priority;
    scenario.accept("lan", recipient);
  }

  @Test
  void atItsDestinationTheHigherOneGoesFirstAndEqualOnesInTheirOrder() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.connectors = name -> Scenario.connector(name, 25, 1);
      var go = new CountDownLatch(1);
      scenario.duringSend =
          () -> {
            try {
              go.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          };
      accept(scenario, 0, "first@example.net");
      scenario.eventually("in flight", () -> scenario.mostConcurrent.get() == 1);
      accept(scenario, -4, "bulk@example.net");
      accept(scenario, 0, "normal@example.net");
      accept(scenario, 0, "normal-too@example.net");
      accept(scenario, 9, "alarm@example.net");
      accept(scenario, 4, "urgent@example.net");
      scenario.eventually("ready", () -> scenario.queue.load().ready() == 5);
      go.countDown();
      scenario.eventually("sent", () -> scenario.sent.size() == 6);

      List<String> order = new ArrayList<>();
      scenario.sent.forEach(each -> order.add(each.replaceFirst(".* (.*)@.*", "$1")));
      assertThat(order).containsExactly("first", "alarm", "urgent", "normal", "normal-too", "bulk");
    }
  }

  @Test
  void itsPriorityOutlivesARestart() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      scenario.priority = 4;
      var id = scenario.accept("lan", "urgent@example.net");
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
      scenario.restart();

      assertThat(scenario.spool.load(id).orElseThrow().mail().envelope().priority()).isEqualTo(4);
    }
  }

  /// Over one connection, with a pass for each mail.
  private static Scenario slow(int activeMails, int ready, Semaphore passes) {
    var scenario = new Scenario(activeMails, ready);
    scenario.connectors = name -> Scenario.connector(name, 25, 1);
    scenario.duringSend = passes::acquireUninterruptibly;
    return scenario;
  }

  private static void accept(Scenario scenario, int priority, String who, int count) {
    for (int i = 0; i < count; i++) {
      accept(scenario, priority, who + i + "@example.net");
    }
  }

  /// Lets so many go, one after the other.
  ///
  /// @return who they are
  private static List<String> go(Scenario scenario, Semaphore passes, int count) {
    List<String> order = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      passes.release();
      int sent = order.size() + 1;
      scenario.eventually("one more is sent", () -> scenario.sent.size() == sent);
      // Only then it is known what the one that was sent has left room for.
      scenario.eventually("the next one has the connection", passes::hasQueuedThreads);
      scenario.eventually("at rest", scenario::atRest);
      order.add(scenario.sent.getLast().replaceFirst(".* (.*)@.*", "$1"));
    }
    passes.release(1000);
    return order;
  }

  @Test
  void itGoesFirstThoughAsMuchMailWaitsThereAsMayAndThoughMuchIsUrgent() {
    var passes = new Semaphore(0);
    try (var scenario = slow(1000, 16, passes)) {
      accept(scenario, 0, "first@example.net");
      scenario.eventually("in flight", () -> scenario.concurrent.get() == 1);
      accept(scenario, 0, "normal", 59);
      scenario.eventually("full", () -> scenario.queue.waiting().parked() == 43);
      assertThat(scenario.queue.load().ready()).isEqualTo(16);
      accept(scenario, 4, "urgent", 6);
      accept(scenario, 9, "alarm@example.net");
      scenario.eventually("most wait", () -> scenario.queue.waiting().parked() == 48);
      assertThat(scenario.queue.load().ready()).as("an eighth more").isEqualTo(18);

      var order = go(scenario, passes, 9);
      // With the clock, as here, the next one may be looked for before the eighth is used up.
      assertThat(order).startsWith("first", "urgent0");
      assertThat(order.subList(2, 4)).containsExactlyInAnyOrder("urgent1", "alarm");
      assertThat(order)
          .filteredOn(who -> who.startsWith("urgent"))
          .containsExactly("urgent0", "urgent1", "urgent2", "urgent3", "urgent4", "urgent5");
      scenario.eventually("all are sent", () -> scenario.sent.size() == 67);
      assertThat(scenario.sent).doesNotHaveDuplicates();
    }
  }

  @Test
  void itGoesFirstThoughMemoryIsFullOfOtherMailAndMoreWaitsOnTheDisk() {
    var passes = new Semaphore(0);
    try (var scenario = slow(10, 500, passes)) {
      accept(scenario, 0, "normal", 60);
      scenario.eventually("full", () -> scenario.queue.waiting().incoming() == 50);
      accept(scenario, 9, "alarm@example.net");
      var order = go(scenario, passes, 3);
      // The next one may have the connection before there is room in memory.
      assertThat(order).startsWith("normal0").contains("alarm");
      assertThat(order)
          .filteredOn(who -> !who.equals("alarm"))
          .isEqualTo(List.of("normal0", "normal1"));
    }
  }

  @Test
  void itGoesFirstAfterARestart() {
    var passes = new Semaphore(0);
    try (var scenario = slow(10, 500, passes)) {
      for (int i = 0; i < 60; i++) {
        scenario.priority = i == 55 ? 9 : 0;
        scenario.commit("lan", (i == 55 ? "alarm" : "normal" + i) + "@example.net");
      }
      scenario.restart();
      assertThat(go(scenario, passes, 3)).containsExactly("alarm", "normal0", "normal1");
    }
  }

  @Test
  void itGoesFirstOfWhatWasParkedAlsoAfterARestart() {
    var passes = new Semaphore(0);
    try (var scenario = slow(1000, 16, passes)) {
      scenario.down.add("example.net");
      accept(scenario, 0, "normal", 40);
      accept(scenario, 9, "alarm@example.net");
      scenario.eventually("parked", () -> scenario.queue.waiting().parked() == 41);
      scenario.down.clear();
      scenario.restart();
      assertThat(go(scenario, passes, 2)).containsExactly("alarm", "normal0");
    }
  }

  /// It comes to its turn as bulk, and would have the place of others until then.
  @Test
  void aLargeOneTakesNoneOfTheRoomThatWhatIsUrgentHasBesides() {
    var passes = new Semaphore(0);
    try (var scenario = slow(1000, 16, passes)) {
      var line = new Line(1_000_000, List.of(), 100, 0);
      scenario.connectors = name -> Scenario.connector(name, 25, 1, line);
      accept(scenario, 0, "first@example.net");
      scenario.eventually("in flight", () -> scenario.concurrent.get() == 1);
      accept(scenario, 0, "normal", 20);
      scenario.eventually("full", () -> scenario.queue.waiting().parked() == 4);
      var small = scenario.content;
      scenario.content = new byte[101];
      accept(scenario, 4, "large", 3);
      scenario.content = small;
      scenario.eventually("they wait", () -> scenario.queue.waiting().parked() == 7);
      scenario.eventually("at rest", scenario::atRest);
      accept(scenario, 4, "alarm@example.net");

      assertThat(go(scenario, passes, 3)).containsExactly("first", "alarm", "normal0");
      scenario.eventually("all are sent", () -> scenario.sent.size() == 25);
      assertThat(scenario.sent).doesNotHaveDuplicates();
    }
  }

  /// The index of what is parked knows no sizes.
  @Test
  void largeOnesThatAreTakenForUrgentAfterARestartComeAndGoOnce() {
    var passes = new Semaphore(0);
    try (var scenario = slow(1000, 16, passes)) {
      var line = new Line(1_000_000, List.of(), 100, 0);
      scenario.connectors = name -> Scenario.connector(name, 25, 1, line);
      scenario.down.add("example.net");
      accept(scenario, 0, "normal", 5);
      scenario.content = new byte[101];
      accept(scenario, 4, "large", 14);
      scenario.eventually("parked", () -> scenario.queue.waiting().parked() == 19);
      scenario.down.clear();
      scenario.restart();
      scenario.eventually("in flight", () -> scenario.concurrent.get() == 1);
      eventually("the scheduler rests", scenario::atRest);
      passes.release(19);
      scenario.eventually("all are sent", () -> scenario.sent.size() == 19);
      assertThat(scenario.sent).doesNotHaveDuplicates();
    }
  }

  /// The scheduler does nothing else while it reads an index.
  @Test
  void whatGoesFirstOfMuchThatIsParkedIsLookedForPageByPage() {
    var passes = new Semaphore(0);
    try (var scenario = slow(5000, 16, passes)) {
      scenario.down.add("example.net");
      accept(scenario, -4, "bulk", 2100);
      accept(scenario, 0, "normal@example.net");
      accept(scenario, 4, "urgent@example.net");
      accept(scenario, 9, "alarm@example.net");
      scenario.eventually("parked", () -> scenario.queue.waiting().parked() == 2103);
      scenario.down.clear();
      scenario.restart();
      assertThat(go(scenario, passes, 4)).containsExactly("alarm", "urgent", "normal", "bulk0");
      assertThat(scenario.spool.longestLook()).isLessThanOrEqualTo(2000);
      passes.release(2000);
      scenario.eventually("all are sent", () -> scenario.sent.size() == 2103);
      assertThat(scenario.sent).doesNotHaveDuplicates();
    }
  }
}
