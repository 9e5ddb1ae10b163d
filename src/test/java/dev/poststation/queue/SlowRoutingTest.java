package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Priority;
import dev.poststation.message.QueueId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// Many domains whose way takes long to find.
class SlowRoutingTest {
  private static final int OTHERS = 50;

  @Test
  void theyDoNotHoldUpMailToOthersForLong() {
    try (var scenario = new Scenario(3000, 2000)) {
      scenario.routes = _ -> List.of("mx");
      var silent = new CountDownLatch(1);
      var asked = new AtomicInteger();
      scenario.duringResolve =
          () -> {
            if (asked.incrementAndGet() <= Routing.QUESTIONS_MAX) {
              QueueTest.await(silent);
            }
          };
      List<QueueId> ids = new ArrayList<>();
      for (int i = 0; i < Routing.QUESTIONS_MAX; i++) {
        ids.add(scenario.accept("lan", "anna@slow" + i + ".example"));
      }
      eventually("asked", () -> asked.get() == Routing.QUESTIONS_MAX);
      List<QueueId> others = new ArrayList<>();
      for (int i = 0; i < OTHERS; i++) {
        others.add(scenario.accept("lan", "bert@quick" + i + ".example"));
      }
      scenario.eventually("the others are sent", () -> others.stream().allMatch(scenario::removed));
      assertThat(ids).noneMatch(scenario::removed);
      silent.countDown();
      scenario.eventually("all are sent", () -> ids.stream().allMatch(scenario::removed));
    }
  }

  /// The clock stands still: nobody is thought slow, and leaves his place for that.
  @Test
  void thoseOfANewsletterDoNotHoldUpASingleMailAtAll() {
    try (var scenario = new Scenario(3000, 2000)) {
      scenario.routes = _ -> List.of("mx");
      var silent = new CountDownLatch(1);
      scenario.resolving =
          domain -> {
            if (domain.startsWith("slow")) {
              QueueTest.await(silent);
            }
          };
      scenario.priority = Priority.BULK;
      List<QueueId> ids = new ArrayList<>();
      for (int i = 0; i < Routing.QUESTIONS_MAX + OTHERS; i++) {
        ids.add(scenario.accept("lan", "anna@slow" + i + ".example"));
      }
      var late = scenario.accept("lan", "anna@late.example");
      ids.add(late);
      // Of bulk the scheduler brings a part itself; what it has not brought yet asks for nothing.
      eventually("all are brought", () -> scenario.queue.load().active() == ids.size());
      eventually("and ask", scenario::atRest);
      scenario.priority = Priority.NORMAL;
      var single = scenario.accept("lan", "bert@quick.example");
      eventually("it is sent", () -> scenario.removed(single));
      assertThat(ids).noneMatch(scenario::removed);

      var alike = scenario.accept("lan", "bert@late.example");
      eventually("it is sent, and so is the bulk to there", () -> scenario.removed(alike));
      eventually("both", () -> scenario.removed(late));
      silent.countDown();
      eventually("all are sent", () -> ids.stream().allMatch(scenario::removed));
    }
  }
}
