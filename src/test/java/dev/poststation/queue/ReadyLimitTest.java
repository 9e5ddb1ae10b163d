package dev.poststation.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.QueueId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// `queue.ready-per-destination`: more mail for one destination than may wait for it in memory.
class ReadyLimitTest {
  private static final int READY = 50;

  private final AtomicInteger most = new AtomicInteger();

  /// How much is ready now, which is remembered.
  private int ready(Scenario scenario) {
    int now = scenario.queue.load().ready();
    most.accumulateAndGet(now, Math::max);
    return now;
  }

  private static long parked(Scenario scenario, List<QueueId> ids) {
    return ids.stream().filter(id -> scenario.place(id).equals("parked")).count();
  }

  @Test
  void whatIsMoreIsParkedWithAReasonAndDeliveredOnceAndOthersDoNotWait() throws Exception {
    try (var scenario = new Scenario(1000, READY)) {
      var go = new CountDownLatch(1);
      scenario.answer =
          (destination, _) -> {
            ready(scenario);
            if (destination.equals("slow.net")) {
              QueueTest.await(go);
            }
            return Scenario.OK;
          };
      List<QueueId> ids = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        if (i == 10) {
          scenario.eventually("the first window is used", () -> scenario.concurrent.get() == 5);
        }
        ids.add(scenario.accept("lan", "user" + i + "@slow.net"));
        ready(scenario);
      }
      scenario.eventually(
          "the rest is parked",
          () -> ready(scenario) == READY && parked(scenario, ids) == 500 - READY - 5);
      assertThat(scenario.place(ids.getLast())).isEqualTo("parked");
      var waits = scenario.control.entry(ids.getLast()).orElseThrow().recipients().getFirst();
      assertThat(waits.reason()).startsWith("waits for its turn: much mail is waiting");
      assertThat(waits.attempts()).isZero();
      var other = scenario.accept("lan", "anna@quick.net");
      scenario.eventually("the other one is gone", () -> scenario.removed(other));

      go.countDown();
      scenario.eventually(
          "all are gone",
          () -> {
            ready(scenario);
            return ids.stream().allMatch(scenario::removed);
          });
      assertThat(scenario.sent).hasSize(501).doesNotHaveDuplicates();
      assertThat(most).hasValue(READY);
    }
  }

  /// A host that takes one connection and refuses others gives back what was to go over them.
  @Test
  void whatARefusedConnectionGivesBackFindsTheSameBound() {
    try (var scenario = new Scenario(1000, READY)) {
      var send = new CountDownLatch(1);
      var open = new CountDownLatch(1);
      scenario.answer =
          (_, _) -> {
            QueueTest.await(send);
            return Scenario.OK;
          };
      List<QueueId> ids = new ArrayList<>();
      ids.add(scenario.accept("lan", "first@slow.net"));
      scenario.eventually("one is on its way", () -> scenario.concurrent.get() == 1);
      scenario.duringOpen = _ -> QueueTest.await(open);
      for (int i = 0; i < 100; i++) {
        if (i == 10) {
          scenario.eventually("four knock", () -> scenario.opened.get("slow.net").get() == 5);
        }
        ids.add(scenario.accept("lan", "user" + i + "@slow.net"));
      }
      scenario.eventually(
          "as many as may be are ready",
          () -> ready(scenario) == READY && parked(scenario, ids) == 100 - READY - 4);
      scenario.down.add("slow.net");
      open.countDown();
      scenario.eventually(
          "what they carried waits again", () -> ready(scenario) + parked(scenario, ids) == 100);
      assertThat(most).hasValue(READY);

      scenario.down.clear();
      send.countDown();
      scenario.eventually("all are gone", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.sent).hasSize(101).doesNotHaveDuplicates();
    }
  }

  @Test
  void whereOneMayBeReadyAllAreDeliveredInTurn() {
    try (var scenario = new Scenario(1000, 1)) {
      List<QueueId> ids = new ArrayList<>();
      var go = new CountDownLatch(1);
      scenario.duringSend = () -> QueueTest.await(go);
      for (int i = 0; i < 50; i++) {
        ids.add(scenario.accept("lan", "user" + i + "@slow.net"));
      }
      scenario.eventually("most are parked", () -> parked(scenario, ids) >= 40);
      go.countDown();
      scenario.eventually("all are gone", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.sent).hasSize(50).doesNotHaveDuplicates();
    }
  }
}
