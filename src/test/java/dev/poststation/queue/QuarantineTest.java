package dev.poststation.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Envelope;
import dev.poststation.message.QueueId;
import dev.poststation.message.RecipientState;
import dev.poststation.sim.Eventually;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.DsnNotify;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/// Mail in quarantine while time passes.
class QuarantineTest {
  private static final Duration KEEP = Duration.ofDays(30);

  private static QueueId keep(Scenario scenario, String... recipients) throws Exception {
    var committed = scenario.commit("lan", recipients);
    var place = new Placement.Quarantined(scenario.time.now().plus(KEEP));
    List<Settlement.Change> changes = new ArrayList<>();
    for (int i = 0; i < recipients.length; i++) {
      var fresh = committed.mail().states().get(i);
      changes.add(
          new Settlement.Change(
              i,
              fresh.now(
                  RecipientState.Phase.WAITING,
                  fresh.due(),
                  RecipientState.QUARANTINED + "scan: it is bad: very")));
    }
    scenario.spool.settle(
        new Settlement(committed.mail(), Placement.INCOMING, place, changes, List.of(), List.of()));
    scenario.queue.held(committed.id(), place);
    return committed.id();
  }

  @Test
  void itGoesWithoutAWordWhenItsTimeIsOverAndNotBefore() throws Exception {
    try (var scenario = new Scenario()) {
      var id = keep(scenario, "anna@example.net", "bob@example.net");
      scenario.time.advance(KEEP.minusHours(1));
      scenario.eventually("at rest", scenario::atRest);
      var kept = scenario.queue.quarantine().find(id).orElseThrow();
      assertThat(kept.service()).isEqualTo("scan");
      assertThat(kept.reason()).isEqualTo("it is bad: very");
      assertThat(scenario.queue.waiting().quarantined()).isEqualTo(1);

      scenario.time.advance(Duration.ofHours(2));
      scenario.eventually("gone", () -> scenario.removed(id));
      assertThat(scenario.told).isEmpty();
      assertThat(scenario.attempts(id)).isEmpty();
      assertThat(scenario.queue.waiting().quarantined()).isZero();
    }
  }

  private static boolean isThere(Scenario scenario, QueueId id) throws Exception {
    scenario.time.advance(Duration.ofMinutes(2));
    scenario.eventually("at rest", scenario::atRest);
    return scenario.queue.quarantine().find(id).isPresent();
  }

  @Test
  void aClockThatJumpsAheadEndsNothingForADay() throws Exception {
    try (var scenario = new Scenario()) {
      var id = keep(scenario, "anna@example.net");
      scenario.time.advance(Duration.ofHours(2));
      assertThat(isThere(scenario, id)).isTrue();
      scenario.time.setBack(Duration.ofDays(-40));
      assertThat(isThere(scenario, id)).isTrue();
      scenario.time.setBack(Duration.ofDays(40)); // Somebody has noticed.
      scenario.time.advance(Duration.ofDays(2));
      assertThat(isThere(scenario, id)).isTrue();

      scenario.time.setBack(Duration.ofDays(-40));
      assertThat(isThere(scenario, id)).isTrue();
      scenario.time.advance(Duration.ofHours(23));
      assertThat(isThere(scenario, id)).isTrue();
      scenario.time.advance(Duration.ofHours(1));
      scenario.eventually("gone", () -> scenario.removed(id));
    }
  }

  @Test
  void nothingEndsInTheFirstHourAfterAStartWhenTheClockMayBeWrong() throws Exception {
    try (var scenario = new Scenario()) {
      var id = keep(scenario, "anna@example.net");
      scenario.time.setBack(Duration.ofDays(-40));
      scenario.restart();
      assertThat(isThere(scenario, id)).isTrue();
      scenario.time.advance(Duration.ofHours(1));
      scenario.eventually("gone", () -> scenario.removed(id));
    }
  }

  @Test
  void theTimeInQuarantineIsNoPartOfItsAge() throws Exception {
    try (var scenario = new Scenario()) {
      var id = keep(scenario, "anna@example.net");
      scenario.time.advance(Duration.ofDays(20));
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      assertThat(scenario.queue.quarantine().release(id, Set.of(), "anna", "")).contains(id);
      scenario.eventually(
          "deferred", () -> scenario.attempts(id).stream().anyMatch(it -> it.attempt() == 2));
      scenario.answer = (_, _) -> Scenario.OK;
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.attempts(id).getLast().status()).isEqualTo("sent");
    }
  }

  private static void isNobodysBusiness(Settling.Told told) {
    assertThat(told.what().recipient().notifyOn()).containsExactly(DsnNotify.NEVER);
  }

  @Test
  void aCopyForSomebodyElseThatFailsIsNothingThatItsSenderIsToldOf() throws Exception {
    try (var scenario = new Scenario()) {
      var id = keep(scenario, "anna@example.net");
      scenario.answer = (_, _) -> Scenario.REFUSED;
      var to = new Address("admin", "example.com");
      var copy = scenario.queue.quarantine().send(id, to, "root", "").orElseThrow();
      scenario.eventually("removed", () -> scenario.removed(copy));
      assertThat(scenario.attempts(copy).getLast().status()).isEqualTo("bounced");
      assertThat(scenario.told).hasSize(1).allSatisfy(QuarantineTest::isNobodysBusiness);
      assertThat(scenario.queue.quarantine().find(id)).isPresent();
    }
  }

  @Test
  void twoMayReleaseItToDifferentRecipientsAtOnce() throws Exception {
    try (var scenario = new Scenario()) {
      var id = keep(scenario, "anna@example.net", "bob@example.net", "eve@example.net");
      var quarantine = scenario.queue.quarantine();
      var second = new AtomicReference<>(Optional.<QueueId>empty());
      var threads = new ArrayList<Thread>();
      scenario.spool.onSettle(
          settled -> {
            if (settled.mail().id().equals(id) && threads.isEmpty()) {
              threads.add(
                  Thread.ofVirtual().start(() -> second.set(released(quarantine, id, Set.of(1)))));
              Eventually.eventually(
                  "waits for the first",
                  () -> threads.getFirst().getState() == Thread.State.WAITING);
            }
          });
      assertThat(quarantine.release(id, Set.of(0), "anna", "")).isPresent();
      threads.getFirst().join();
      assertThat(second.get()).isPresent();
      assertThat(quarantine.find(id).orElseThrow().waiting()).containsExactly(2);
      scenario.eventually("both have it", () -> scenario.sent.size() == 2);
    }
  }

  private static Optional<QueueId> released(Quarantine quarantine, QueueId id, Set<Integer> whom) {
    try {
      return quarantine.release(id, whom, "bob", "");
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatItsSenderWantsBackByNowIsNotReleasedButGoesToSomebodyElse() throws Exception {
    try (var scenario = new Scenario()) {
      var by = scenario.time.now().plus(Duration.ofHours(1));
      scenario.deadline = new Envelope.Deadline(by, true, false);
      var id = keep(scenario, "anna@example.net", "bob@example.net");
      scenario.time.advance(Duration.ofHours(2));
      var quarantine = scenario.queue.quarantine();
      assertThat(quarantine.release(id, Set.of(), "anna", "")).isEmpty();
      assertThat(quarantine.release(id, Set.of(0), "anna", "")).isEmpty();
      var to = new Address("admin", "example.com");
      var copy = quarantine.send(id, to, "root", "").orElseThrow();
      scenario.eventually("removed", () -> scenario.removed(copy));
      assertThat(scenario.attempts(copy).getLast().status()).isEqualTo("sent");
      assertThat(scenario.told).hasSize(1).allSatisfy(QuarantineTest::isNobodysBusiness);
      assertThat(quarantine.find(id)).isPresent();
    }
  }

  @Test
  void aCopyIsDeliveredToItsRecipientAndTheMailGoesWhenNobodyIsLeft() throws Exception {
    try (var scenario = new Scenario()) {
      var id = keep(scenario, "anna@example.net", "bob@example.net");
      var quarantine = scenario.queue.quarantine();
      var copy = quarantine.release(id, Set.of(1), "bob", "").orElseThrow();
      scenario.eventually("removed", () -> scenario.removed(copy));
      assertThat(scenario.attempts(copy))
          .extracting(it -> it.to().toString())
          .containsExactly("bob@example.net");
      assertThat(quarantine.release(id, Set.of(1), "bob", "")).isEmpty();

      assertThat(quarantine.release(id, Set.of(0), "anna", "")).contains(id);
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.attempts(id))
          .extracting(it -> it.to().toString())
          .containsExactly("anna@example.net");
    }
  }
}
