package dev.poststation.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
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
}
