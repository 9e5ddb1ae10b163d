package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.QueueId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// More is due than memory holds: `limits.active-mails` and `limits.active-recipients`.
class FullMemoryTest {
  private static final int WIDTH = 10;

  private static String[] recipients() {
    return IntStream.range(0, WIDTH)
        .mapToObj(i -> "user" + i + "@a.example")
        .toArray(String[]::new);
  }

  private static int inMemory(Scenario scenario) {
    return scenario.queue.actives().stream()
        .mapToInt(mail -> mail.mail().recipients().size())
        .sum();
  }

  private static List<QueueId> deferred(Scenario scenario, int mails, String... recipients) {
    scenario.answer = (_, _) -> Scenario.GREYLISTED;
    List<QueueId> ids = new ArrayList<>();
    for (int i = 0; i < mails; i++) {
      var id = scenario.accept("lan", recipients);
      eventually("deferred", () -> scenario.place(id).equals("deferred"));
      ids.add(id);
    }
    scenario.answer = (_, _) -> Scenario.OK;
    return ids;
  }

  @Test
  void mailsWithManyRecipientsThatAreDueTogetherAreNotInMemoryTogether() {
    try (var scenario = new Scenario()) {
      scenario.activeRecipients = 100;
      scenario.restart();
      var ids = deferred(scenario, 50, recipients());
      var go = new CountDownLatch(1);
      scenario.duringSend = () -> QueueTest.await(go);
      scenario.time.advance(Duration.ofMinutes(2));
      eventually("full", () -> inMemory(scenario) >= 100);
      eventually("at rest", scenario::atRest);
      assertThat(inMemory(scenario)).isLessThan(100 + WIDTH);
      go.countDown();
      scenario.eventually("sent", () -> ids.stream().allMatch(scenario::removed));
    }
  }

  @Test
  void newMailsWithManyRecipientsAreReadUpInOrderWithinTheLimit() {
    try (var scenario = new Scenario()) {
      scenario.activeRecipients = 100;
      scenario.restart();
      var go = new CountDownLatch(1);
      scenario.duringSend = () -> QueueTest.await(go);
      List<QueueId> ids = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        ids.add(scenario.accept("lan", recipients()));
      }
      eventually("at rest", scenario::atRest);
      assertThat(inMemory(scenario)).isBetween(100 - WIDTH, 100 + WIDTH);
      go.countDown();
      scenario.eventually("sent", () -> ids.stream().allMatch(scenario::removed));
    }
  }

  @Test
  void newMailDoesNotWaitUntilAllOldMailWasTriedAgain() {
    try (var scenario = new Scenario(10, 500)) {
      scenario.routes = domain -> List.of(domain.equals("slow.example") ? "mx" : "provider");
      deferred(scenario, 60, "anna@slow.example");
      var answers = new Semaphore(0);
      scenario.duringResolve = answers::acquireUninterruptibly;
      scenario.time.advance(Duration.ofMinutes(2));
      scenario.eventually("full of old mail", () -> scenario.queue.load().active() == 10);
      List<QueueId> fresh = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        fresh.add(scenario.accept("lan", "bert" + i + "@example.net"));
      }
      int old = 0;
      while (!fresh.stream().allMatch(scenario::removed)) {
        assertThat(old).as("old mails that were tried again").isLessThan(25);
        old++;
        int before = scenario.sent.size();
        answers.release();
        scenario.eventually("one was tried again", () -> scenario.sent.size() > before);
        scenario.time.advance(Duration.ofSeconds(1));
        eventually("at rest", scenario::atRest);
      }
      answers.release(1000);
    }
  }

  @Test
  void aDestinationDoesNotWaitUntilMuchMailForAnotherOneIsGone() {
    try (var scenario = new Scenario(3000, 2000)) {
      scenario.down.addAll(List.of("a.example", "b.example"));
      List<QueueId> ids = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        ids.add(scenario.accept("lan", "user" + i + "@a.example"));
      }
      ids.add(scenario.accept("lan", "anna@b.example"));
      eventually("parked", () -> ids.stream().allMatch(id -> scenario.place(id).equals("parked")));
      scenario.down.clear();
      var go = new CountDownLatch(1);
      scenario.answer =
          (destination, _) -> {
            if (destination.equals("a.example")) {
              QueueTest.await(go);
            }
            return Scenario.OK;
          };
      scenario.queue.redirect(scenario.directions());
      eventually("the other one is sent", () -> scenario.removed(ids.getLast()));
      go.countDown();
      scenario.eventually("sent", () -> ids.stream().allMatch(scenario::removed));
    }
  }
}
