package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Pool;
import dev.poststation.config.Rate;
import dev.poststation.message.QueueId;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Mail that waits for a quota, and what ends that.
class QuotaWaitTest {
  private static void quota(Scenario scenario, int mails, int recipients) {
    var pool =
        new Pool(
            3,
            mails == 0 ? List.of() : List.of(new Rate(mails, "day")),
            recipients == 0 ? List.of() : List.of(new Rate(recipients, "day")),
            0,
            Pool.Per.CONNECTOR);
    scenario.connectors = name -> Scenario.connector(name, pool);
  }

  private static Scenario scenario(int mails, int recipients) {
    var scenario = new Scenario();
    scenario.routes = _ -> List.of("provider");
    quota(scenario, mails, recipients);
    return scenario;
  }

  private static QueueId parked(Scenario scenario) {
    var id = scenario.accept("lan", "waits@example.net");
    eventually("parked", () -> scenario.place(id).equals("parked"));
    return id;
  }

  private static void isSentWithin(Scenario scenario, QueueId id, Duration time) {
    var end = scenario.time.now().plus(time);
    scenario.eventually("removed", () -> scenario.removed(id));
    assertThat(scenario.time.now()).isBefore(end);
  }

  @Test
  void aReloadWithAGreaterQuotaSendsWhatWaitsAtOnce() {
    try (var scenario = scenario(1, 0)) {
      var first = scenario.accept("lan", "anna@example.net");
      eventually("removed", () -> scenario.removed(first));
      var id = parked(scenario);
      quota(scenario, 2, 0);
      scenario.queue.redirect(scenario.directions());
      isSentWithin(scenario, id, Duration.ofSeconds(10));
      parked(scenario);
    }
  }

  @Test
  void whatIsGivenBackIsUsedWithinAMinute() {
    var go = new CountDownLatch(1);
    try (var scenario = scenario(1, 0)) {
      scenario.duringSend = () -> QueueTest.await(go);
      scenario.answer =
          (_, to) -> to.address().toString().startsWith("anna") ? Scenario.REFUSED : Scenario.OK;
      var first = scenario.accept("lan", "anna@example.net");
      eventually("in flight", () -> scenario.concurrent.get() == 1);
      var id = parked(scenario);
      go.countDown();
      eventually("refused", () -> scenario.removed(first));
      isSentWithin(scenario, id, Duration.ofMinutes(2));
    }
  }

  @Test
  void aMailWithManyRecipientsTakesWhatIsLeftAndNobodyWaitsForTheRestOfIt() {
    try (var scenario = scenario(0, 10)) {
      var to = IntStream.range(0, 8).mapToObj(i -> "user" + i + "@example.net");
      var first = scenario.accept("lan", to.toArray(String[]::new));
      eventually("removed", () -> scenario.removed(first));
      var many = IntStream.range(0, 8).mapToObj(i -> "more" + i + "@example.net");
      var id = scenario.accept("lan", many.toArray(String[]::new));
      eventually("parked", () -> scenario.place(id).equals("parked"));
      assertThat(scenario.sent).hasSize(10).doesNotHaveDuplicates();
      scenario.time.advance(Duration.ofHours(25));
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.sent).hasSize(16).doesNotHaveDuplicates();
    }
  }
}
