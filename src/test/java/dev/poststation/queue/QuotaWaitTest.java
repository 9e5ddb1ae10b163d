package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Pool;
import dev.poststation.config.Rate;
import dev.poststation.message.QueueId;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
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
    // Over one connection: so that each mail but the first goes by one that is open.
    scenario.connectors = name -> Scenario.connector(name, 1, pool);
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

  /// A mail that a reused connection lost when all of it had gone out: the host may have counted
  /// it.
  ///
  /// @param then what happens when it is lost
  private static QueueId lost(Scenario scenario, Consumer<Scenario> then) {
    var first = scenario.accept("lan", "anna@example.net");
    eventually("removed", () -> scenario.removed(first));
    var losses = new AtomicInteger();
    scenario.unheard =
        () -> {
          losses.incrementAndGet();
          then.accept(scenario);
        };
    var id = scenario.accept("lan", "bert@example.net", "bea@example.net");
    eventually("settled", () -> scenario.removed(id) || scenario.place(id).equals("deferred"));
    assertThat(losses).hasValue(1);
    scenario.unheard = null;
    return id;
  }

  private static List<Integer> left(Scenario scenario) {
    var provider = scenario.connectors.apply("provider");
    return scenario.queue.quotas().used(provider).stream().map(Quotas.Used::left).toList();
  }

  @Test
  void whatMayHaveBeenTakenAndIsSentOnceMoreIsCountedTwice() {
    try (var scenario = scenario(3, 10)) {
      var id = lost(scenario, _ -> {});
      assertThat(scenario.removed(id)).isTrue();
      assertThat(left(scenario)).containsExactly(0, 5);
      parked(scenario);
    }
  }

  @Test
  void itIsCountedOnceWhereItsHostIsDownThenOrTakesNoMail() {
    try (var scenario = scenario(3, 10)) {
      lost(scenario, it -> it.down.add("provider"));
      assertThat(left(scenario)).containsExactly(1, 7);
    }
    try (var scenario = scenario(3, 10)) {
      lost(scenario, it -> it.unwilling.add("provider"));
      assertThat(left(scenario)).containsExactly(1, 7);
    }
  }

  @Test
  void itWaitsWhereAQuotaHasNoRoomForItTwiceAndItsTraceSaysWhy() {
    for (var scenario : List.of(scenario(2, 10), scenario(5, 4))) {
      try (scenario) {
        var id = lost(scenario, _ -> {});
        assertThat(scenario.place(id)).isEqualTo("deferred");
        assertThat(scenario.sent).hasSize(1);
        var attempt = scenario.attempts(id).getFirst();
        assertThat(attempt.text()).isEqualTo("lost connection");
        assertThat(attempt.dialogue().getLast())
            .startsWith("* it may have been taken, and is not sent again now: quota");
        scenario.time.advance(Duration.ofHours(25));
        scenario.eventually("removed", () -> scenario.removed(id));
        assertThat(scenario.sent).hasSize(3);
      }
    }
  }
}
