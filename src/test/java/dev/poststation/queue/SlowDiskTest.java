package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.QueueId;
import dev.poststation.spool.SpoolException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// A sync takes very long: who waits for it is not the scheduler, and mail that is due is sent.
class SlowDiskTest {
  private static final Duration TWO_HOURS = Duration.ofHours(2);
  private static final Duration A_MINUTE = Duration.ofSeconds(61);
  private final AtomicInteger syncing = new AtomicInteger();
  private final CountDownLatch go = new CountDownLatch(1);

  private void slow(Scenario scenario) {
    scenario.makeNotices = true;
    scenario.spool.onSync(
        () -> {
          syncing.incrementAndGet();
          QueueTest.await(go);
        });
  }

  private static QueueId deferred(Scenario scenario) {
    scenario.answer = (_, _) -> Scenario.GREYLISTED;
    var id = scenario.accept("lan", "anna@example.net");
    eventually("deferred", () -> scenario.place(id).equals("deferred"));
    scenario.answer = (_, _) -> Scenario.OK;
    return id;
  }

  @Test
  void mailThatIsDueIsSentWhileOthersAreReturnedByHand() throws Exception {
    try (var scenario = new Scenario()) {
      List<QueueId> spam = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        spam.add(deferred(scenario));
      }
      var due = deferred(scenario);
      slow(scenario);
      var administrator =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      scenario.act(Control.Action.BOUNCE, spam, "spam");
                    } catch (InterruptedException | SpoolException e) {
                      throw new IllegalStateException(e);
                    }
                  });
      // The order itself, and each notice: they wait for one and the same sync.
      eventually("all wait for the disk", () -> syncing.get() == 1 + spam.size());
      scenario.time.advance(A_MINUTE);
      eventually("sent", () -> scenario.removed(due));
      assertThat(spam).noneMatch(scenario::removed);
      assertThat(administrator.isAlive()).isTrue();
      go.countDown();
      administrator.join();
      assertThat(spam).allMatch(scenario::removed);
    }
  }

  @Test
  void mailThatIsDueIsSentWhileOthersExpire() {
    try (var scenario =
        new Scenario(1000, Scenario.settings(TWO_HOURS, TWO_HOURS, Duration.ZERO, 500))) {
      scenario.down.add("dead.example");
      List<QueueId> old = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        old.add(scenario.accept("lan", "user" + i + "@dead.example"));
      }
      eventually("parked", () -> old.stream().allMatch(id -> scenario.place(id).equals("parked")));
      eventually("at rest", scenario::atRest);
      scenario.time.advance(TWO_HOURS.minusSeconds(10));
      eventually("at rest", scenario::atRest);
      eventually("parked", () -> old.stream().allMatch(id -> scenario.place(id).equals("parked")));
      var due = deferred(scenario);
      slow(scenario);
      scenario.time.advance(A_MINUTE);
      eventually("all wait for the disk", () -> syncing.get() == old.size());
      eventually("sent", () -> scenario.removed(due));
      assertThat(old).noneMatch(scenario::removed);
      go.countDown();
      eventually("expired", () -> old.stream().allMatch(scenario::removed));
    }
  }

  @Test
  void theRelayEndsWhenNobodyWaitsForTheDiskAnyMore() throws Exception {
    try (var scenario = new Scenario()) {
      var spam = deferred(scenario);
      slow(scenario);
      var administrator =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      scenario.act(Control.Action.BOUNCE, List.of(spam), "spam");
                    } catch (InterruptedException | SpoolException e) {
                      throw new IllegalStateException(e);
                    }
                  });
      eventually("waits for the disk", () -> syncing.get() == 2);
      scenario.queue.drain();
      eventually("scheduler ended", () -> !scenario.queue.claims().running());
      assertThat(scenario.queue.awaitDrained(Duration.ZERO)).isFalse();
      go.countDown();
      administrator.join();
      eventually("nothing waits", () -> scenario.queue.asides().idle());
      assertThat(scenario.queue.awaitDrained(Duration.ZERO)).isTrue();
      assertThat(scenario.removed(spam)).isTrue();
    }
  }
}
