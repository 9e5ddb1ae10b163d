package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.log.Event;
import dev.poststation.message.QueueId;
import dev.poststation.route.Resolution;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Settlement;
import dev.poststation.spool.Spool;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the scheduler does when the spool cannot be read, at the right time, and at the end. Where
/// the clock is moved by hand, nothing else may bring a mail on its way.
class SchedulerTest {
  private static final Duration AFTER_ERROR = Duration.ofSeconds(5);
  private static final Duration A_MINUTE = Duration.ofSeconds(61);

  /// One mail each in `incoming`, `deferred` and `parked`, nothing of which has been claimed.
  private static List<QueueId> oneInEachPlace(Scenario scenario) {
    scenario.down.add("dead.example");
    scenario.answer =
        (destination, _) -> destination.equals("grey.example") ? Scenario.GREYLISTED : Scenario.OK;
    var parked = scenario.accept("lan", "anna@dead.example");
    var deferred = scenario.accept("lan", "anna@grey.example");
    scenario.eventually("parked", () -> scenario.place(parked).equals("parked"));
    scenario.eventually("deferred", () -> scenario.place(deferred).equals("deferred"));
    scenario.queue.drain();
    var incoming = scenario.accept("lan", "anna@example.net");
    scenario.down.clear();
    scenario.answer = (_, _) -> Scenario.OK;
    scenario.time.advance(A_MINUTE);
    return List.of(parked, deferred, incoming);
  }

  @ParameterizedTest
  @ValueSource(strings = {"load", "incoming", "deferred", "parked", "parkedDestinations"})
  void whatCannotBeReadAtTheStartIsClaimedLaterAndOnce(String read) {
    try (var scenario = new Scenario()) {
      var ids = oneInEachPlace(scenario);
      scenario.restart(read);
      eventually("failed", () -> scenario.spool.reads(read) > 0);
      eventually("at rest", scenario::atRest);
      scenario.spool.failReads();
      scenario.time.advance(AFTER_ERROR);
      eventually("at rest", scenario::atRest);
      scenario.time.advance(A_MINUTE);
      eventually("removed", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.sent).hasSize(3).doesNotHaveDuplicates();
    }
  }

  /// The minute's tidying up would find it, too; that is too late.
  @Test
  void aDueMailThatCannotBeListedIsClaimedSecondsLater() {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      eventually("started", () -> scenario.spool.reads("parkedDestinations") == 2);
      scenario.time.advance(Duration.ofSeconds(10));
      var id = scenario.accept("lan", "anna@example.net");
      eventually("deferred", () -> scenario.place(id).equals("deferred"));
      scenario.time.advance(Duration.ofSeconds(51));
      eventually("tidied", () -> scenario.spool.reads("parkedDestinations") == 3);
      eventually("at rest", scenario::atRest);
      scenario.answer = (_, _) -> Scenario.OK;
      scenario.spool.failReads("deferred");
      int before = scenario.spool.reads("deferred");
      scenario.time.advance(Duration.ofSeconds(10));
      eventually("failed", () -> scenario.spool.reads("deferred") > before);
      eventually("at rest", scenario::atRest);
      scenario.spool.failReads();
      scenario.time.advance(AFTER_ERROR);
      eventually("removed", () -> scenario.removed(id));
    }
  }

  @Test
  void aNoticeAboutOneRecipientDoesNotMakeAnotherMissItsTime() {
    try (var scenario = new Scenario()) {
      var go = new CountDownLatch(1);
      scenario.makeNotices = true;
      scenario.answer =
          (destination, recipient) ->
              switch (recipient.address().local()) {
                case "nobody" -> Scenario.REFUSED;
                case "grey" -> Scenario.GREYLISTED;
                case "slow" -> {
                  QueueTest.await(go);
                  yield Scenario.OK;
                }
                default -> Scenario.OK;
              };
      var id = scenario.accept("lan", "grey@a.example", "nobody@a.example", "slow@b.example");
      eventually("told", () -> !scenario.told.isEmpty());
      eventually("attempted", () -> scenario.attempts(id).size() == 2);
      scenario.time.advance(A_MINUTE);
      eventually("attempted again", () -> scenario.attempts(id).size() == 3);
      assertThat(scenario.place(id)).isEqualTo("active");
      go.countDown();
    }
  }

  @Test
  void drainingEndsWhatIsInFlightAndLeavesTheRestWhereItIs() throws Exception {
    try (var scenario = new Scenario()) {
      var go = new CountDownLatch(1);
      scenario.duringSend = () -> QueueTest.await(go);
      List<QueueId> ids = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        ids.add(scenario.accept("lan", "user" + i + "@example.net"));
      }
      scenario.eventually("in flight", () -> scenario.concurrent.get() == 5);
      scenario.queue.drain();
      var drained = new AtomicBoolean();
      var waiter = Thread.ofVirtual().start(() -> drained.set(scenario.awaitDrained()));
      scenario.eventually("scheduler ended", () -> !scenario.queue.claims().running());
      assertThat(scenario.queue.awaitDrained(Duration.ZERO)).isFalse();
      assertThat(drained).isFalse();
      go.countDown();
      scenario.eventually("drained", drained::get);
      waiter.join();
      assertThat(scenario.sent).hasSize(5);
      assertThat(scenario.spool.incoming(QueueId.FIRST, 100)).hasSize(25);
      scenario.restart();
      scenario.eventually("removed", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.sent).hasSize(30).doesNotHaveDuplicates();
    }
  }

  @Test
  void drainingWaitsForTheScheduler() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var id = scenario.accept("lan", "anna@example.net");
      eventually("deferred", () -> scenario.place(id).equals("deferred"));
      var inRound = new CountDownLatch(1);
      var go = new CountDownLatch(1);
      scenario.duringResolve =
          () -> {
            inRound.countDown();
            QueueTest.await(go);
          };
      scenario.time.advance(A_MINUTE);
      inRound.await();
      // With the clock: the worker is tired of waiting, since when it may, and leaves.
      scenario.eventually("no connection", () -> scenario.queue.ready().stopped());
      scenario.queue.drain();
      assertThat(scenario.queue.awaitDrained(Duration.ZERO)).isFalse();
      go.countDown();
      eventually("ended", () -> !scenario.queue.claims().running());
      assertThat(scenario.queue.awaitDrained(Duration.ZERO)).isTrue();
    }
  }

  @Test
  void aMailWhoseContentIsDamagedIsSetAsideAfterOneAttempt() {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var id = scenario.accept("lan", "anna@example.net");
      eventually("deferred", () -> scenario.place(id).equals("deferred"));
      scenario.spool.damageContent(id);
      scenario.time.advance(A_MINUTE);
      eventually("attempted", () -> scenario.attempts(id).size() == 2);
      assertThat(scenario.attempts(id).getLast().status()).isEqualTo("deferred");
      for (int hour = 0; hour < 6 * 24; hour++) {
        scenario.time.advance(Duration.ofHours(1));
        eventually("at rest", scenario::atRest);
      }
      assertThat(scenario.attempts(id)).hasSize(2);
      assertThat(scenario.place(id)).isEqualTo("gone");
      assertThat(scenario.told).isEmpty();
    }
  }

  @Test
  void aRetryAttemptsTheMailThatItNamesAndThenLeavesItAlone() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.down.add("example.net");
      List<QueueId> ids = parked(scenario, 3);
      var before = ids.stream().map(id -> scenario.attempts(id).size()).toList();
      var resolved = new AtomicInteger();
      scenario.duringResolve =
          () -> {
            // The attempt of the first one ends while the others are being claimed.
            if (resolved.incrementAndGet() == 2) {
              eventually("attempted", () -> scenario.queue.load().active() == 1);
            }
          };
      scenario.act(Control.Action.RETRY, List.of(ids.get(1)), "");
      eventually("at rest", scenario::atRest);
      eventually("parked", () -> scenario.queue.load().active() == 0);
      assertThat(scenario.attempts(ids.get(1)).subList(before.get(1), before.get(1) + 1))
          .extracting(Event.Attempted::text)
          .containsExactly("connection refused");
      for (int i = 0; i < ids.size(); i++) {
        assertThat(scenario.attempts(ids.get(i)).size() - before.get(i)).isLessThanOrEqualTo(1);
      }
    }
  }

  /// What is listed may have been in flight then, and have gone somewhere else since.
  @Test
  void aParkedMailThatIsHeldMeanwhileIsNotSent() {
    try (var scenario = new Scenario()) {
      scenario.down.add("example.net");
      List<QueueId> ids = parked(scenario, 2);
      var go = new CountDownLatch(1);
      scenario.answer =
          (_, recipient) -> {
            if (recipient.address().local().equals("user1")) {
              QueueTest.await(go);
              return Scenario.GREYLISTED;
            }
            return Scenario.OK;
          };
      scenario.time.advance(A_MINUTE); // The first one asks whether the destination is back.
      eventually("asked", () -> scenario.opened.get("example.net").get() == 2);
      eventually("parked", () -> scenario.queue.load().active() == 0);
      eventually("at rest", scenario::atRest);
      var held = ids.get(1);
      scenario.duringResolve =
          () -> {
            var active = scenario.queue.active(held);
            if (active != null && scenario.opened.get("example.net").get() == 3) {
              eventually("in flight", () -> scenario.concurrent.get() == 1);
              active.hold(true);
              go.countDown();
              eventually("held", () -> scenario.queue.active(held) == null);
            }
          };
      scenario.down.clear();
      scenario.time.advance(Duration.ofMinutes(5)); // The second one asks, then both are listed.
      eventually("removed", () -> scenario.removed(ids.getFirst()));
      eventually("at rest", scenario::atRest);
      assertThat(scenario.place(held)).isEqualTo("held");
      assertThat(scenario.attempts(held)).hasSizeLessThanOrEqualTo(3);
      assertThat(scenario.queue.load().active()).isZero();
    }
  }

  @Test
  void aRetryOfOneMailLeavesTheOthersParkedUntilTheDestinationIsBack() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.down.add("example.net");
      List<QueueId> ids = parked(scenario, 5);
      int before = attempts(scenario, ids);
      scenario.act(Control.Action.RETRY, List.of(ids.get(1)), "");
      eventually("attempted", () -> scenario.opened.get("example.net").get() == 2);
      eventually("at rest", scenario::atRest);
      eventually("parked", () -> scenario.queue.load().active() == 0);
      assertThat(attempts(scenario, ids) - before).isEqualTo(1);
      scenario.down.clear();
      scenario.act(Control.Action.RETRY, List.of(ids.get(1)), "");
      eventually("removed", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.events)
          .filteredOn(event -> event instanceof Event.DestinationChanged)
          .last()
          .matches(event -> ((Event.DestinationChanged) event).until() == null);
    }
  }

  /// As when the owner of a domain whose hosts are dead names others.
  @Test
  void whenTheProbeOfADeadDestinationGoesElsewhereAllThatIsParkedForItFollows() {
    try (var scenario = new Scenario()) {
      scenario.routes = _ -> List.of("old");
      scenario.down.add("old");
      List<QueueId> ids = parked(scenario, 50);
      scenario.routes = _ -> List.of("new");
      scenario.time.advance(A_MINUTE);
      eventually("removed", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.sent).hasSize(50).allMatch(line -> line.endsWith("by new"));
    }
  }

  @Test
  void whenAFirstChoiceIsBackAllThatIsParkedForTheSecondFollowsTheProbe() {
    try (var scenario = new Scenario()) {
      scenario.routes = _ -> List.of("first", "second");
      scenario.down.addAll(List.of("first", "second"));
      List<QueueId> ids = parked(scenario, 20);
      scenario.down.remove("first");
      scenario.time.advance(A_MINUTE);
      // With the clock: one that asks the second while the first comes back is found a minute
      // later.
      scenario.eventually("removed", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.sent).hasSize(20).allMatch(line -> line.endsWith("by first"));
    }
  }

  /// The name server is gone for a moment: that tells nothing about the destination.
  @Test
  void aProbeThatFindsNoNextHopDoesNotMakeADeadDestinationAlive() {
    try (var scenario = new Scenario()) {
      scenario.routes = _ -> List.of("mx");
      scenario.down.add("mx");
      List<QueueId> ids = parked(scenario, 1);
      scenario.nowhere = new Resolution.Nowhere(Scenario.UNREACHABLE, List.of());
      scenario.time.advance(A_MINUTE);
      eventually("deferred", () -> scenario.place(ids.getFirst()).equals("deferred"));
      assertThat(scenario.queue.load().destinations())
          .singleElement()
          .matches(destination -> destination.reason().equals("connection refused"));
    }
  }

  @Test
  void aProbeOfADeadFallbackLeavesTheOthersParked() {
    try (var scenario = new Scenario()) {
      scenario.routes = _ -> List.of("first", "second");
      scenario.down.addAll(List.of("first", "second"));
      List<QueueId> ids = parked(scenario, 20);
      int before = deferrals(scenario, ids);
      scenario.time.advance(A_MINUTE);
      eventually("attempted", () -> scenario.opened.get("second").get() == 2);
      eventually("at rest", scenario::atRest);
      eventually("parked", () -> scenario.queue.load().active() == 0);
      // While the probe is on its way from the first choice to the second, another may be claimed.
      assertThat(deferrals(scenario, ids) - before).isBetween(1, 3);
    }
  }

  @Test
  void parkedMailThatFoundTheMemoryFullIsClaimedSecondsAfterThereIsRoom() {
    try (var scenario = new Scenario(4, 100)) {
      var seconds = Duration.ofSeconds(10);
      eventually("started", () -> scenario.spool.reads("parkedDestinations") == 2);
      scenario.time.advance(seconds);
      scenario.down.add("example.net");
      List<QueueId> ids = parked(scenario, 3);
      var go = new CountDownLatch(1);
      scenario.duringSend = () -> QueueTest.await(go);
      scenario.time.advance(A_MINUTE.minus(seconds));
      eventually("tidied", () -> scenario.spool.reads("parkedDestinations") == 3);
      eventually("at rest", scenario::atRest);
      for (int i = 0; i < 4; i++) {
        scenario.accept("lan", "user" + i + "@slow.example");
      }
      eventually("in flight", () -> scenario.concurrent.get() == 4);
      scenario.down.clear();
      scenario.time.advance(seconds); // It could be asked now, but there is no room for it.
      eventually("at rest", scenario::atRest);
      go.countDown();
      eventually("sent", () -> scenario.sent.size() == 4);
      eventually("no mail in memory", () -> scenario.queue.load().active() == 0);
      assertThat(ids).noneMatch(scenario::removed);
      scenario.time.advance(Duration.ofSeconds(2));
      eventually("removed", () -> ids.stream().allMatch(scenario::removed));
    }
  }

  @Test
  void aDestinationThatIsSetAsideIsNotAskedUntilThatEnds() {
    var parked = new ParkedCursors();
    var now = Instant.parse("2026-11-24T04:15:00Z");
    parked.add(List.of("a", "b", "c"));
    parked.served("b");
    assertThat(parked.inTurn().keySet()).containsExactly("c", "a", "b");

    parked.sleep("a", now.plusSeconds(60));
    parked.sleep("c", now.plusSeconds(30));
    assertThat(parked.inTurn().keySet()).containsExactly("b");
    assertThat(parked.awake().keySet()).containsExactly("b");
    assertThat(parked.firstToWake()).isEqualTo(now.plusSeconds(30));
    parked.joined("a", new QueueId(7), 0);
    parked.add(List.of("a", "b", "c"));
    assertThat(parked.inTurn().keySet()).containsExactly("b");

    parked.wakeDue(now.plusSeconds(30));
    assertThat(parked.awake().keySet()).containsExactly("b", "c");
    parked.sleep("a", now.plusSeconds(90)); // It is known for how long by now.
    parked.wakeDue(now.plusSeconds(60));
    assertThat(parked.awake().keySet()).containsExactly("b", "c");
    parked.wake("a");
    assertThat(parked.awake().keySet()).containsExactly("a", "b", "c");
    assertThat(parked.firstToWake()).isNull();
    parked.sleep("a", now.plusSeconds(60));
    parked.wakeAll();
    assertThat(parked.inTurn().keySet()).containsExactly("c", "a", "b");
  }

  @Test
  void aTimerIsNotTakenBackByOneWhoSawNothingDueBefore() throws Exception {
    try (var scenario = new Scenario()) {
      var committed = scenario.commit("lan", "anna@example.net");
      var timing = new ActiveMail.Timing(0, 0);
      var mail = new ActiveMail(committed.mail(), committed.content(), Placement.INCOMING, timing);
      mail.jobStarted();
      var anna = mail.takeDue(scenario.time.now());
      var timers = new Timers();
      Thread late = Thread.ofPlatform().unstarted(() -> timers.set(mail));
      var due = scenario.time.now().plus(A_MINUTE);
      synchronized (timers) {
        late.start(); // Nothing of the mail is due as long as it is in flight.
        eventually("kept waiting", () -> late.getState() == Thread.State.BLOCKED);
        mail.apply(List.of(new Settlement.Change(0, mail.state(0).dueAt(due))));
        mail.jobEnded(anna);
        timers.set(mail);
      }
      late.join();
      assertThat(mail.timer()).isEqualTo(new Spool.Due(due, mail.id()));
    }
  }

  private static int attempts(Scenario scenario, List<QueueId> ids) {
    return ids.stream().mapToInt(id -> scenario.attempts(id).size()).sum();
  }

  private static int deferrals(Scenario scenario, List<QueueId> ids) {
    return (int)
        ids.stream()
            .flatMap(id -> scenario.attempts(id).stream())
            .filter(attempt -> attempt.status().equals("deferred"))
            .count();
  }

  private static List<QueueId> parked(Scenario scenario, int count) {
    List<QueueId> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(scenario.accept("lan", "user" + i + "@example.net"));
    }
    eventually("parked", () -> ids.stream().allMatch(id -> scenario.place(id).equals("parked")));
    eventually("at rest", scenario::atRest);
    return ids;
  }

  /// A wall clock that was a month ahead, as after a start with an empty battery.
  @Test
  void whatAClockPutOffThatIsSetBackWaitsNoLongerThanTheLongestRetry() {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var waits = scenario.accept("lan", "anna@example.net");
      scenario.eventually("deferred", () -> scenario.place(waits).equals("deferred"));
      scenario.answer = (_, _) -> Scenario.OK;
      scenario.time.setBack(Duration.ofDays(30));
      scenario.eventually("delivered", () -> scenario.removed(waits));
      var attempts = scenario.attempts(waits);
      assertThat(Duration.between(attempts.getLast().when(), attempts.getFirst().when()))
          .isGreaterThan(Duration.ofDays(29));
    }
  }

  /// After the round has looked at the clocks, and before it reckons how long it may sleep.
  @Test
  void whatAClockPutOffThatIsSetBackWhileTheSchedulerWorksWaitsNoLongerEither() {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var first = scenario.accept("lan", "anna@example.net");
      eventually("deferred", () -> scenario.place(first).equals("deferred"));
      eventually("at rest", scenario::atRest);
      scenario.time.advance(Duration.ofSeconds(59));
      var second = scenario.accept("lan", "bert@example.net");
      eventually("deferred", () -> scenario.place(second).equals("deferred"));
      eventually("at rest", scenario::atRest);
      scenario.answer = (_, _) -> Scenario.OK;
      var setBack = new AtomicBoolean();
      scenario.duringResolve =
          () -> {
            if (!setBack.getAndSet(true)) {
              scenario.time.setBack(Duration.ofDays(30));
            }
          };
      scenario.time.advance(Duration.ofSeconds(1));
      eventually("set back, and delivered", () -> scenario.removed(first));
      eventually("at rest", scenario::atRest);
      scenario.time.advance(A_MINUTE);
      eventually("delivered", () -> scenario.removed(second));
    }
  }

  /// It waits for two destinations that were set aside, and was tried at none.
  @Test
  void whatAClockPutOffUntriedThatIsSetBackWaitsNoLongerEither() {
    try (var scenario = new Scenario()) {
      scenario.down.addAll(List.of("one.example", "two.example"));
      var mail = scenario.commit("lan", "anna@one.example", "bert@two.example");
      scenario.time.setBack(Duration.ofHours(-3)); // It is ahead now.
      var one = scenario.accept("lan", "carl@one.example");
      var two = scenario.accept("lan", "dora@two.example");
      eventually("set aside", () -> scenario.place(one).equals("parked"));
      eventually("set aside", () -> scenario.place(two).equals("parked"));
      scenario.handOver(mail);
      eventually("deferred", () -> scenario.place(mail.id()).equals("deferred"));
      eventually("at rest", scenario::atRest);
      scenario.down.clear();
      scenario.time.setBack(Duration.ofHours(3));
      scenario.time.advance(A_MINUTE);
      eventually("the others are delivered", () -> scenario.removed(one) && scenario.removed(two));
      eventually("at rest", scenario::atRest);
      scenario.time.advance(A_MINUTE);
      eventually("delivered", () -> scenario.removed(mail.id()));
    }
  }

  /// The disk did not take it before.
  @Test
  void whatBecomesDurableWhenTheClockHasBeenSetBackIsTriedAtOnce() {
    try (var scenario = new Scenario()) {
      var committed = scenario.commit("lan", "anna@example.net");
      eventually("at rest", scenario::atRest);
      scenario.time.setBack(Duration.ofDays(30));
      int before = scenario.spool.reads("parkedDestinations");
      scenario.time.advance(A_MINUTE);
      eventually("noticed", () -> scenario.spool.reads("parkedDestinations") > before);
      eventually("at rest", scenario::atRest);
      scenario.handOver(committed);
      eventually("delivered", () -> scenario.removed(committed.id()));
    }
  }

  @Test
  void whatAClockPutOffBeforeTheStartIsTriedAfterIt() {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var deferred = scenario.accept("lan", "anna@example.net");
      scenario.eventually("deferred", () -> scenario.place(deferred).equals("deferred"));
      scenario.queue.drain();
      var incoming = scenario.accept("lan", "bert@example.net");
      scenario.answer = (_, _) -> Scenario.OK;
      scenario.time.setBack(Duration.ofDays(30));
      scenario.restart();
      scenario.eventually(
          "delivered", () -> scenario.removed(deferred) && scenario.removed(incoming));
    }
  }
}
