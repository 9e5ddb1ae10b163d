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
