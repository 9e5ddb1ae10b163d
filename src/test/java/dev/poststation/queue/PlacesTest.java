package dev.poststation.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.QueueId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// How many mails wait in each place is known without looking.
class PlacesTest {
  private static List<QueueId> oneInEachPlace(Scenario scenario) throws Exception {
    scenario.down.add("dead.example");
    scenario.answer = (_, _) -> Scenario.GREYLISTED;
    var ids = new ArrayList<QueueId>();
    ids.add(scenario.accept("lan", "anna@dead.example"));
    ids.add(scenario.accept("lan", "anna@grey.example"));
    ids.add(scenario.accept("lan", "bert@grey.example"));
    ids.add(scenario.accept("lan", "carl@grey.example"));
    scenario.eventually("parked", () -> scenario.place(ids.get(0)).equals("parked"));
    for (var id : ids.subList(1, 4)) {
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
    }
    scenario.act(Control.Action.HOLD, List.of(ids.get(3)), "look");
    return ids;
  }

  @Test
  void mailIsCountedWhereItWaits() throws Exception {
    try (var scenario = new Scenario()) {
      var ids = oneInEachPlace(scenario);
      // The spool shows a mail in its place a moment before it is counted there.
      scenario.eventually(
          "counted", () -> scenario.queue.waiting().equals(new Queue.Waiting(0, 2, 1, 1, 0)));
      scenario.act(Control.Action.DELETE, ids, "spam");
      assertThat(scenario.queue.waiting()).isEqualTo(new Queue.Waiting(0, 0, 0, 0, 0));
    }
  }

  @Test
  void aRestartCountsWhatIsLeftAndNewMailOnce() throws Exception {
    try (var scenario = new Scenario()) {
      oneInEachPlace(scenario);
      scenario.restart();
      var fresh = scenario.accept("lan", "dora@grey.example");
      scenario.eventually("deferred", () -> scenario.place(fresh).equals("deferred"));
      scenario.eventually(
          "counted", () -> scenario.queue.waiting().equals(new Queue.Waiting(0, 3, 1, 1, 0)));
    }
  }

  @Test
  void newMailThatFindsNoRoomInMemoryWaitsInIncoming() {
    try (var scenario = new Scenario(1, 5)) {
      var go = new CountDownLatch(1);
      scenario.duringSend = () -> QueueTest.await(go);
      for (int i = 0; i < 5; i++) {
        scenario.accept("lan", "user" + i + "@example.net");
      }
      scenario.eventually("one in memory", () -> scenario.queue.waiting().incoming() == 4);
      go.countDown();
      scenario.eventually("all sent", () -> scenario.sent.size() == 5);
      scenario.eventually("none waits", () -> scenario.queue.waiting().incoming() == 0);
    }
  }
}
