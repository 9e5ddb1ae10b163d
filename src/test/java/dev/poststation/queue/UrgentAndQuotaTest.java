package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Line;
import dev.poststation.config.Pool;
import dev.poststation.config.Rate;
import dev.poststation.message.Priority;
import dev.poststation.message.QueueId;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Who goes first where a quota is scarce.
class UrgentAndQuotaTest {
  private static Scenario quota(int mails, String unit) {
    var scenario = new Scenario();
    scenario.routes = _ -> List.of("provider");
    var pool = new Pool(3, List.of(new Rate(mails, unit)), List.of(), 0, Pool.Per.CONNECTOR);
    scenario.connectors = name -> Scenario.connector(name, pool);
    return scenario;
  }

  private static QueueId accept(Scenario scenario, int priority, String who) {
    scenario.priority = priority;
    return scenario.accept("lan", who + "@example.net");
  }

  private static void accept(Scenario scenario, int priority, String who, int count) {
    for (int i = 0; i < count; i++) {
      accept(scenario, priority, who + i);
    }
  }

  private static void parked(Scenario scenario, int count) {
    eventually("parked", () -> scenario.queue.waiting().parked() == count);
  }

  @Test
  void bulkLeavesATenthOfAQuotaToOtherMail() {
    try (var scenario = quota(20, "day")) {
      accept(scenario, Priority.BULK, "reader", 30);
      eventually("all but a tenth is sent", () -> scenario.sent.size() == 18);
      parked(scenario, 12);
      var id = accept(scenario, Priority.NORMAL, "anna");
      eventually("sent", () -> scenario.removed(id));
      scenario.time.advance(Duration.ofHours(25));
      scenario.eventually("sent", () -> scenario.sent.size() == 31);
      assertThat(scenario.sent).doesNotHaveDuplicates();
    }
  }

  @Test
  void aLargeMailIsNoBulkToAQuotaAndWaitsForItInPeace() {
    try (var scenario = new Scenario()) {
      scenario.routes = _ -> List.of("provider");
      var pool = new Pool(3, List.of(new Rate(20, "day")), List.of(), 0, Pool.Per.CONNECTOR);
      var line = new Line(1_000_000, List.of(), 100, 0);
      scenario.connectors = name -> Scenario.connector(name, 25, 20, pool, line);
      accept(scenario, Priority.BULK, "reader", 19);
      parked(scenario, 1);
      scenario.content = new byte[101];
      var urgent = accept(scenario, Priority.URGENT, "anna");
      eventually("sent", () -> scenario.removed(urgent));
      var normal = accept(scenario, Priority.NORMAL, "bert");
      eventually("sent", () -> scenario.removed(normal));
      var late = accept(scenario, Priority.URGENT, "carl");
      parked(scenario, 2);
      eventually("the scheduler rests", scenario::atRest);
      assertThat(scenario.attempts(late)).hasSize(1);
      scenario.time.advance(Duration.ofHours(25));
      scenario.eventually("sent", () -> scenario.sent.size() == 22);
      assertThat(scenario.sent).doesNotHaveDuplicates();
    }
  }

  @Test
  void whatBulkLeavesIsTheReasonThatItWaitsFor() {
    try (var scenario = quota(20, "day")) {
      accept(scenario, Priority.BULK, "reader", 19);
      parked(scenario, 1);
      assertThat(scenario.events.toString())
          .contains("quota 20/day of connector provider is used up but for a tenth");
    }
  }

  @Test
  void anUrgentMailDoesNotWaitBehindTheBacklogOfTheQuota() {
    try (var scenario = quota(2, "hour")) {
      accept(scenario, Priority.NORMAL, "user", 12);
      parked(scenario, 10);
      var id = accept(scenario, Priority.URGENT, "anna");
      parked(scenario, 11);
      scenario.time.advance(Duration.ofMinutes(61));
      scenario.eventually("sent", () -> scenario.removed(id));
      assertThat(scenario.sent.size()).isLessThanOrEqualTo(4);
    }
  }

  @Test
  void singleMailDoesNotWaitBehindParkedBulk() {
    try (var scenario = quota(2, "hour")) {
      accept(scenario, Priority.BULK, "reader", 12);
      parked(scenario, 10);
      var id = accept(scenario, Priority.NORMAL, "anna");
      parked(scenario, 11);
      scenario.time.advance(Duration.ofMinutes(61));
      scenario.eventually("sent", () -> scenario.removed(id));
      assertThat(scenario.sent.size()).isLessThanOrEqualTo(4);
    }
  }
}
