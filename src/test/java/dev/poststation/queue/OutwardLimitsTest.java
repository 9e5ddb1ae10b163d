package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.QueueId;
import dev.poststation.spool.SpoolException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What mail to many destinations, dead or alive, can take: `limits.connections` and
/// `limits.destinations`.
class OutwardLimitsTest {
  @Test
  void thereAreNeverMoreConnectionsThanTheLimit() {
    try (var scenario = Scenario.bounded(3, 100)) {
      var go = new CountDownLatch(1);
      scenario.duringSend = () -> QueueTest.await(go);
      List<QueueId> ids = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        ids.add(scenario.accept("lan", "anna@example" + i % 20 + ".net"));
      }
      eventually("three are at work", () -> scenario.concurrent.get() == 3);
      go.countDown();
      eventually("all are gone", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.mostConcurrent).hasValue(3);
      assertThat(scenario.sent).hasSize(60).doesNotHaveDuplicates();
    }
  }

  @Test
  void aBusyDestinationGivesWayToOthers() {
    try (var scenario = Scenario.bounded(1, 100)) {
      var go = new CountDownLatch(1);
      scenario.duringSend = () -> QueueTest.await(go);
      for (int i = 0; i < 400; i++) {
        scenario.accept("lan", "anna@busy.net");
      }
      var other = scenario.accept("lan", "bert@rare.net");
      eventually("all are ready", () -> scenario.queue.load().active() == 401);
      go.countDown();
      eventually("the other mail is gone", () -> scenario.removed(other));
      eventually("all are gone", () -> scenario.sent.size() == 401);
      int place = 0;
      while (!scenario.sent.get(place).contains("bert@rare.net")) {
        place++;
      }
      assertThat(place).isLessThanOrEqualTo(101);
    }
  }

  @Test
  void aConnectionThatRestsIsGivenUpWhenOthersWait() {
    try (var scenario = Scenario.bounded(1, 100)) {
      for (int i = 0; i < 50; i++) {
        var id = scenario.accept("lan", "anna@example" + i + ".net");
        scenario.eventually("gone", () -> scenario.removed(id));
      }
      assertThat(scenario.sent).hasSize(50);
    }
  }

  @Test
  void mailForMoreDeadDestinationsThanAreRememberedWaitsForItself() throws SpoolException {
    try (var scenario = Scenario.bounded(10, 2)) {
      List<QueueId> ids = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        scenario.down.add("dead" + i + ".net");
        ids.add(scenario.accept("lan", "anna@dead" + i + ".net"));
        var id = ids.getLast();
        eventually("it waits", () -> List.of("parked", "deferred").contains(scenario.place(id)));
      }
      assertThat(ids.stream().map(scenario::place))
          .containsExactly("parked", "parked", "deferred", "deferred", "deferred");
      for (var id : ids) {
        var line = scenario.control.entry(id).orElseThrow().recipients().getFirst();
        assertThat(line.reason()).isEqualTo("connection refused");
        assertThat(line.next()).isAfter(scenario.time.now());
      }
      assertThat(scenario.queue.load().destinations())
          .filteredOn(view -> view.setAsideUntil() != null)
          .hasSize(2);

      scenario.down.clear();
      scenario.eventually("all are gone", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.sent).hasSize(5).doesNotHaveDuplicates();
    }
  }

  @Test
  void whenOneIsBackThereIsRoomToRememberAnother() {
    try (var scenario = Scenario.bounded(10, 1)) {
      scenario.down.add("one.net");
      var first = scenario.accept("lan", "anna@one.net");
      eventually("it is parked", () -> scenario.place(first).equals("parked"));
      scenario.down.remove("one.net");
      scenario.time.advance(Duration.ofSeconds(61));
      eventually("it is gone", () -> scenario.removed(first));
      scenario.down.add("two.net");
      var second = scenario.accept("lan", "anna@two.net");
      eventually("it is parked", () -> scenario.place(second).equals("parked"));
    }
  }

  @Test
  void whoHasNoConnectionComesBeforeWhoWantsAnotherOne() {
    var turnstile = new Turnstile(1);
    var gate = turnstile.gate("next", Integer.MAX_VALUE);
    List<String> asked = new ArrayList<>();
    var rich = waiter("rich", asked);
    var poor = waiter("poor", asked);
    var place = in(turnstile.enter(gate, rich, 0, false));
    assertThat(turnstile.enter(gate, rich, 1, false)).isNull();
    assertThat(turnstile.waits(place)).isEqualTo(Turnstile.Wait.OTHERS);
    assertThat(turnstile.enter(gate, poor, 0, false)).isNull();
    turnstile.leave(place);
    turnstile.leave(in(called));
    assertThat(asked).containsExactly("poor", "rich");
  }

  private Turnstile.@Nullable Place called;

  private static Turnstile.Place in(Turnstile.@Nullable Place place) {
    assertThat(place).isNotNull();
    return place;
  }

  private Turnstile.Waiter waiter(String name, List<String> asked) {
    return place -> {
      called = place;
      return asked.add(name);
    };
  }

  @Test
  void whoHasOtherMailComesBeforeWhoHasBulkOnlyAlsoIfItCameLater() {
    var turnstile = new Turnstile(1);
    var gate = turnstile.gate("next", Integer.MAX_VALUE);
    List<String> asked = new ArrayList<>();
    var first = in(turnstile.enter(gate, waiter("first", asked), 0, true));
    var mixed = waiter("mixed", asked);
    assertThat(turnstile.enter(gate, waiter("news", asked), 0, true)).isNull();
    assertThat(turnstile.enter(gate, mixed, 0, true)).isNull();
    assertThat(turnstile.waits(first)).isEqualTo(Turnstile.Wait.BULK_WITHOUT);
    assertThat(turnstile.enter(gate, waiter("single", asked), 3, false)).isNull();
    assertThat(turnstile.enter(gate, mixed, 0, false)).isNull();
    assertThat(turnstile.waits(first)).isEqualTo(Turnstile.Wait.WITHOUT);
    turnstile.leave(first);
    turnstile.leave(in(called));
    turnstile.leave(in(called));
    turnstile.leave(in(called));
    assertThat(asked).containsExactly("mixed", "single", "news");
    assertThat(turnstile.inside()).isZero();
  }

  @Test
  void whoStandsInLineForBulkHasNoMoreToSpareForOtherMailThanAnybody() {
    var turnstile = new Turnstile(100);
    var gate = turnstile.gate("next", 2);
    List<String> asked = new ArrayList<>();
    var news = waiter("news", asked);
    in(turnstile.enter(gate, news, 0, true));
    assertThat(turnstile.enter(gate, news, 1, true)).isNull();
    in(turnstile.enter(gate, waiter("idle", asked), 0, false)).rests(true);
    assertThat(turnstile.spare(gate, news, 0, false)).isEqualTo(1);
    assertThat(turnstile.enter(gate, waiter("first", asked), 0, false)).isNull();
    assertThat(turnstile.spare(gate, news, 0, false)).isZero();
  }

  @Test
  void bulkLeavesATenthAndOneAtLeastWhereThereIsMoreThanOne() {
    assertThat(IntStream.of(1, 2, 3, 10, 25, 1000).map(Turnstile::mostBulk))
        .containsExactly(1, 1, 2, 9, 23, 900);
  }

  /// However many wait in line for one connection: no stack grows with them.
  @Test
  void aLongLineIsPassedThrough() {
    var turnstile = new Turnstile(1);
    var gate = turnstile.gate("next", Integer.MAX_VALUE);
    Turnstile.Waiter first = _ -> true;
    var place = in(turnstile.enter(gate, first, 0, false));
    List<Integer> asked = new ArrayList<>();
    List<Turnstile.Waiter> line = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      int number = i;
      line.add(
          let -> {
            called = let;
            asked.add(number);
            return number == 99_999;
          });
      turnstile.enter(gate, line.getLast(), 0, false);
    }
    assertThat(turnstile.waits(place)).isEqualTo(Turnstile.Wait.WITHOUT);
    turnstile.leave(place);
    assertThat(asked).hasSize(100_000).isSorted();
    assertThat(turnstile.inside()).isEqualTo(1);
    assertThat(turnstile.waits(in(called))).isEqualTo(Turnstile.Wait.NOBODY);
    turnstile.leave(in(called));
    assertThat(turnstile.inside()).isZero();
  }
}
