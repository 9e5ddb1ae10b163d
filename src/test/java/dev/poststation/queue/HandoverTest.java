package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.log.Event;
import dev.poststation.message.QueueId;
import dev.poststation.spool.SpoolException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// An administrator does something about a mail that is durable, and that the queue does not have
/// yet (docs/adr/0005-announced-mail.md). It ends once all the same.
class HandoverTest {
  private final CountDownLatch go = new CountDownLatch(1);

  /// The order is given before the mail is handed over; its first attempt fails, after that.
  private QueueId ordered(Scenario scenario, Control.Action action) throws InterruptedException {
    var first = scenario.accept("lan", "first@example.net");
    eventually("the backlog of the start was read", () -> scenario.removed(first));
    scenario.answer = (_, _) -> Scenario.GREYLISTED;
    scenario.duringSend = () -> QueueTest.await(go);
    scenario.sent.clear();
    var mail = scenario.commit("lan", "anna@example.net");
    List<QueueId> done = new CopyOnWriteArrayList<>();
    var administrator =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    done.addAll(scenario.act(action, List.of(mail.id()), "spam"));
                  } catch (InterruptedException | SpoolException e) {
                    throw new IllegalStateException(e);
                  }
                });
    eventually("ordered", () -> scenario.atRest() && atRest(administrator));
    scenario.handOver(mail);
    administrator.join();
    assertThat(done).containsExactly(mail.id());
    go.countDown();
    eventually("nothing in memory", () -> scenario.queue.load().active() == 0);
    return mail.id();
  }

  private static boolean atRest(Thread thread) {
    return thread.getState() == Thread.State.WAITING
        || thread.getState() == Thread.State.TERMINATED;
  }

  private static Map<QueueId, Integer> removals(Scenario scenario) {
    Map<QueueId, Integer> removals = new HashMap<>();
    for (var event : scenario.events) {
      if (event instanceof Event.Removed removed) {
        removals.merge(removed.id(), 1, Integer::sum);
      }
    }
    return removals;
  }

  private static void assertEnded(Scenario scenario, QueueId id) {
    assertThat(scenario.sent).isEmpty();
    assertThat(scenario.place(id)).isEqualTo("gone");
    assertThat(removals(scenario)).containsEntry(id, 1);
    assertThat(scenario.events)
        .filteredOn(event -> event instanceof Event.Attempted || event instanceof Event.Removed)
        .last()
        .matches(event -> event instanceof Event.Removed removed && removed.id().equals(id));
  }

  @Test
  void whatIsDeletedWhileItIsHandedOverEndsOnce() throws Exception {
    try (var scenario = new Scenario()) {
      var id = ordered(scenario, Control.Action.DELETE);
      assertEnded(scenario, id);
      assertThat(scenario.told).isEmpty();
    }
  }

  @Test
  void whatIsBouncedWhileItIsHandedOverEndsOnce() throws Exception {
    try (var scenario = new Scenario()) {
      var id = ordered(scenario, Control.Action.BOUNCE);
      assertEnded(scenario, id);
      assertThat(scenario.told).hasSize(1);
    }
  }

  @Test
  void whatIsHeldWhileItIsHandedOverIsHeld() throws Exception {
    try (var scenario = new Scenario()) {
      var id = ordered(scenario, Control.Action.HOLD);
      assertThat(scenario.sent).isEmpty();
      assertThat(scenario.place(id)).isEqualTo("held");
    }
  }

  /// A notice is handed over by the queue to itself, when it is durable.
  @Test
  void aNoticeThatIsDeletedWhileItIsHandedOverEndsOnce() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.makeNotices = true;
      scenario.answer =
          (_, recipient) ->
              recipient.address().local().equals("nobody") ? Scenario.REFUSED : Scenario.OK;
      var syncing = new CountDownLatch(1);
      var synced = new CountDownLatch(1);
      scenario.spool.onSync(
          () -> {
            syncing.countDown();
            QueueTest.await(synced);
          });
      var about = scenario.accept("lan", "nobody@example.net");
      syncing.await();
      var administrator = Thread.ofVirtual().start(() -> deleteAll(scenario));
      eventually("ordered", () -> scenario.atRest() && atRest(administrator));
      synced.countDown();
      administrator.join();
      eventually("both have ended", () -> removals(scenario).size() == 2);
      eventually("nothing in memory", () -> scenario.queue.load().active() == 0);
      assertThat(removals(scenario).values()).containsOnly(1);
      assertThat(scenario.place(about)).isEqualTo("gone");
    }
  }

  @Test
  void ofAllMailThatComesInWhileEverythingIsDeletedEachEndsOnce() throws Exception {
    try (var scenario = new Scenario(10_000, 5_000)) {
      List<Thread> clients = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        String recipient = "user" + i + "@example.net";
        clients.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      for (int mail = 0; mail < 40; mail++) {
                        scenario.accept("lan", recipient);
                      }
                    }));
      }
      while (clients.stream().anyMatch(Thread::isAlive)) {
        deleteAll(scenario);
      }
      eventually("all have ended", () -> removals(scenario).size() == 2000);
      assertThat(removals(scenario).values()).containsOnly(1);
    }
  }

  private static void deleteAll(Scenario scenario) {
    List<Control.Meant> meant = new ArrayList<>();
    try {
      scenario.control.visit(
          Selection.ALL,
          entry -> {
            meant.add(Control.Meant.whole(entry.id()));
            return meant.size() < 50;
          });
      scenario.control.act(Control.Action.DELETE, meant, "flood");
    } catch (SpoolException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
