package dev.poststation.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Priority;
import dev.poststation.message.QueueId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// Newsletters and single mails for one destination.
class BulkTest {
  private static final String NEXT = "example.net";

  private static List<QueueId> newsletter(Scenario scenario, int mails) {
    scenario.priority = Priority.BULK;
    List<QueueId> ids = new ArrayList<>();
    for (int i = 0; i < mails; i++) {
      ids.add(scenario.accept("news", "reader" + i + "@" + NEXT));
    }
    scenario.priority = Priority.NORMAL;
    return ids;
  }

  private static void readersWaitFor(CountDownLatch go, Scenario scenario) {
    scenario.answer =
        (_, recipient) -> {
          if (recipient.address().local().startsWith("reader")) {
            QueueTest.await(go);
          }
          return Scenario.OK;
        };
  }

  @Test
  void aSingleMailFindsAConnectionThoughANewsletterHasAllThatItMayHave() {
    try (var scenario = new Scenario()) {
      var go = new CountDownLatch(1);
      readersWaitFor(go, scenario);
      var ids = newsletter(scenario, 200);
      scenario.eventually("all but one connection", () -> scenario.concurrent.get() == 4);
      for (int i = 0; i < 10; i++) {
        var single = scenario.accept("news", "anna@" + NEXT);
        scenario.eventually("it is gone", () -> scenario.removed(single));
      }
      assertThat(ids).noneMatch(scenario::removed);

      go.countDown();
      scenario.eventually("all are gone", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.sent).hasSize(210).doesNotHaveDuplicates();
    }
  }

  @Test
  void aNewsletterAloneGetsAllConnectionsButOne() {
    try (var scenario = new Scenario()) {
      var loaded = new CountDownLatch(1);
      var full = new CountDownLatch(1);
      var passed = new AtomicInteger();
      scenario.duringSend = () -> QueueTest.await(passed.incrementAndGet() <= 200 ? loaded : full);
      var ids = newsletter(scenario, 250);
      loaded.countDown();
      scenario.eventually("all but one", () -> scenario.concurrent.get() == 19);
      full.countDown();
      scenario.eventually("all are gone", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.mostConcurrent).hasValue(19);
      assertThat(scenario.sent).hasSize(250).doesNotHaveDuplicates();
    }
  }

  @Test
  void overTheOneConnectionThatMayBeItGoesInTheOrderOfPriority() {
    try (var scenario = new Scenario()) {
      scenario.connectors = name -> Scenario.connector(name, 25, 1);
      var go = new CountDownLatch(1);
      readersWaitFor(go, scenario);
      newsletter(scenario, 3);
      scenario.eventually("the first is on its way", () -> scenario.concurrent.get() == 1);
      for (int priority : List.of(Priority.LOWEST, 0, Priority.URGENT, Priority.HIGHEST, -1, 1)) {
        scenario.priority = priority;
        scenario.accept("lan", "p" + priority + "@" + NEXT);
      }
      go.countDown();
      scenario.eventually("all are gone", () -> scenario.sent.size() == 9);
      assertThat(scenario.sent.stream().map(line -> line.split("[ @]")[1]))
          .containsExactly("reader0", "p9", "p4", "p1", "p0", "p-1", "reader1", "reader2", "p-9");
      assertThat(scenario.mostConcurrent).hasValue(1);
    }
  }

  @Test
  void aNewsletterLeavesRoomInMemoryForWhatComesLater() {
    try (var scenario = new Scenario(1000, 50)) {
      var go = new CountDownLatch(1);
      readersWaitFor(go, scenario);
      var ids = newsletter(scenario, 300);
      scenario.eventually(
          "the rest is parked",
          () ->
              scenario.concurrent.get() == 4
                  && ids.stream().filter(id -> scenario.place(id).equals("parked")).count() == 271);
      assertThat(scenario.queue.load().ready()).isEqualTo(25);
      var single = scenario.accept("lan", "anna@" + NEXT);
      scenario.eventually("it is gone", () -> scenario.removed(single));

      go.countDown();
      scenario.eventually("all are gone", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.sent).hasSize(301).doesNotHaveDuplicates();
    }
  }

  /// Bulk to so many destinations that memory, and not the room of one of them, is the limit.
  private static List<QueueId> stored(Scenario scenario, int mails) {
    scenario.priority = Priority.BULK;
    List<QueueId> ids = new ArrayList<>();
    for (int i = 0; i < mails; i++) {
      ids.add(scenario.commit("news", "reader" + i + "@d" + i % 50 + ".example").id());
    }
    scenario.priority = Priority.NORMAL;
    return ids;
  }

  @Test
  void afterARestartASingleMailDoesNotWaitForTheNewsletterBeforeIt() {
    try (var scenario = new Scenario(100, 500)) {
      var ids = stored(scenario, 300);
      var old = scenario.commit("news", "anna@" + NEXT).id();
      var go = new CountDownLatch(1);
      readersWaitFor(go, scenario);
      scenario.restart();
      scenario.eventually("it is gone", () -> scenario.removed(old));
      scenario.eventually("half is bulk", () -> scenario.queue.load().active() == 50);
      var fresh = scenario.accept("news", "bert@" + NEXT);
      scenario.eventually("it is gone", () -> scenario.removed(fresh));
      assertThat(ids).noneMatch(scenario::removed);

      go.countDown();
      scenario.eventually("all are gone", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.sent).hasSize(302).doesNotHaveDuplicates();
    }
  }

  @Test
  void aSingleMailThatFoundNoRoomIsReadUpBeforeBulkThatCameEarlier() {
    try (var scenario = new Scenario(100, 500)) {
      var go = new CountDownLatch(1);
      var others = new Semaphore(0);
      scenario.answer =
          (_, recipient) -> {
            String local = recipient.address().local();
            if (local.startsWith("reader")) {
              QueueTest.await(go);
            } else if (local.startsWith("slow")) {
              others.acquireUninterruptibly();
            }
            return Scenario.OK;
          };
      scenario.priority = Priority.BULK;
      List<QueueId> ids = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        ids.add(scenario.accept("news", "reader" + i + "@d" + i % 50 + ".example"));
      }
      scenario.priority = Priority.NORMAL;
      scenario.eventually("half is bulk", () -> scenario.queue.load().active() == 50);
      for (int i = 0; i < 50; i++) {
        ids.add(scenario.accept("lan", "slow" + i + "@s" + i + ".example"));
      }
      var single = scenario.accept("lan", "anna@" + NEXT);
      scenario.eventually("full", () -> scenario.queue.load().active() == 100);
      others.release();
      scenario.eventually("it is gone", () -> scenario.removed(single));
      for (int i = 0; i < 10; i++) {
        var fresh = scenario.accept("news", "bert@" + NEXT);
        scenario.eventually("it is gone", () -> scenario.removed(fresh));
      }
      assertThat(ids.subList(0, 300)).noneMatch(scenario::removed);

      go.countDown();
      others.release(50);
      scenario.eventually("all are gone", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.sent).hasSize(361).doesNotHaveDuplicates();
    }
  }

  @Test
  void aNewsletterThatIsDueAgainLeavesRoomToOtherMailThatIsDueAndThatIsNew() {
    try (var scenario = new Scenario(100, 500)) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      scenario.priority = Priority.BULK;
      List<QueueId> ids = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        var id = scenario.accept("news", "reader" + i + "@d" + i % 50 + ".example");
        scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
        ids.add(id);
      }
      scenario.priority = Priority.NORMAL;
      var old = scenario.accept("news", "anna@" + NEXT);
      scenario.eventually("deferred", () -> scenario.place(old).equals("deferred"));
      var go = new CountDownLatch(1);
      readersWaitFor(go, scenario);
      scenario.time.advance(Duration.ofMinutes(2));
      scenario.eventually("it is gone", () -> scenario.removed(old));
      scenario.eventually("half is bulk", () -> scenario.queue.load().active() == 50);
      var fresh = scenario.accept("news", "bert@" + NEXT);
      scenario.eventually("it is gone", () -> scenario.removed(fresh));
      assertThat(ids).noneMatch(scenario::removed);

      go.countDown();
      scenario.eventually("all are gone", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.sent).hasSize(302).doesNotHaveDuplicates();
    }
  }

  @Test
  void afterARestartASingleMailThatIsParkedGoesBeforeTheNewsletter() {
    try (var scenario = new Scenario(1000, 50)) {
      scenario.down.add(NEXT);
      var ids = newsletter(scenario, 100);
      var single = scenario.accept("lan", "anna@" + NEXT);
      ids.addAll(newsletter(scenario, 100));
      scenario.eventually(
          "parked",
          () ->
              scenario.place(single).equals("parked")
                  && ids.stream().allMatch(id -> scenario.place(id).equals("parked")));
      scenario.down.clear();
      var go = new CountDownLatch(1);
      readersWaitFor(go, scenario);
      scenario.restart();
      scenario.eventually("it is gone", () -> scenario.removed(single));
      assertThat(ids).noneMatch(scenario::removed);

      go.countDown();
      scenario.eventually("all are gone", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.sent).hasSize(201).doesNotHaveDuplicates();
    }
  }
}
