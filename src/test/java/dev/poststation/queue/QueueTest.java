package dev.poststation.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.bounce.NoticeRequest.Kind;
import dev.poststation.log.Event;
import dev.poststation.message.Content;
import dev.poststation.message.Lane;
import dev.poststation.message.QueueId;
import dev.poststation.route.Resolution;
import dev.poststation.spool.SpoolException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class QueueTest {
  @Test
  void aNewMailIsDeliveredAtOnceAndRemoved() {
    try (var scenario = new Scenario()) {
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.sent).containsExactly(id + " anna@example.net by example.net");
      scenario.eventually("gone", () -> scenario.place(id).equals("gone"));
      assertThat(scenario.attempts(id)).singleElement().matches(a -> a.status().equals("sent"));
    }
  }

  @Test
  void aGreylistedRecipientIsTriedAgainWhenItIsDue() {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
      scenario.answer = (_, _) -> Scenario.OK;
      scenario.time.advance(Duration.ofSeconds(59));
      assertThat(scenario.place(id)).isEqualTo("deferred");
      scenario.time.advance(Duration.ofSeconds(2));
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.attempts(id))
          .extracting(a -> a.status() + a.attempt())
          .containsExactly("deferred1", "sent2");
    }
  }

  @Test
  void recipientsOfOneDestinationGoInOneTransactionAndOthersApart() {
    try (var scenario = new Scenario()) {
      Set<String> together = ConcurrentHashMap.newKeySet();
      scenario.routes = domain -> List.of(domain.startsWith("a") ? "provider" : domain);
      scenario.answer =
          (destination, recipient) -> {
            together.add(destination + "/" + recipient.number());
            return Scenario.OK;
          };
      var id = scenario.accept("lan", "x@a.example", "y@a2.example", "z@b.example");
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(together).containsExactlyInAnyOrder("provider/0", "provider/1", "b.example/2");
      assertThat(scenario.opened.get("provider").get()).isEqualTo(1);
    }
  }

  @Test
  void aRefusedRecipientIsToldAndTheOthersAreDelivered() {
    try (var scenario = new Scenario()) {
      scenario.answer =
          (_, recipient) ->
              recipient.address().local().equals("nobody") ? Scenario.REFUSED : Scenario.OK;
      var id = scenario.accept("lan", "anna@example.net", "nobody@example.net");
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.told).singleElement().matches(told -> told.kind() == Kind.FAILED);
      assertThat(scenario.sent).hasSize(1);
    }
  }

  @Test
  void aDeadDestinationCostsOneAttemptAndParksWhatWaits() {
    try (var scenario = new Scenario()) {
      scenario.down.add("example.net");
      List<QueueId> ids = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        ids.add(scenario.accept("lan", "user" + i + "@example.net"));
      }
      scenario.eventually(
          "parked", () -> ids.stream().allMatch(id -> scenario.place(id).equals("parked")));
      assertThat(scenario.opened.get("example.net").get()).isEqualTo(1);
      scenario.down.clear();
      scenario.time.advance(Duration.ofMinutes(2));
      scenario.eventually("removed", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.sent).hasSize(50);
    }
  }

  @Test
  void whereNoHostWasReachedTheLogNamesNoneAndConnectingIsNoWaiting() {
    try (var scenario = new Scenario()) {
      scenario.down.add("example.net");
      scenario.connecting = Duration.ofSeconds(30);
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("parked", () -> scenario.place(id).equals("parked"));
      var attempt = scenario.attempts(id).getFirst();
      assertThat(attempt.relay()).isEqualTo("none");
      assertThat(attempt.delays().connection()).isEqualTo(Duration.ofSeconds(30));
      assertThat(attempt.delays().queue()).isLessThan(Duration.ofSeconds(30));
    }
  }

  @Test
  void aDestinationThatStaysDeadIsProbedByOneConnectionAtATime() {
    try (var scenario = new Scenario()) {
      scenario.down.add("example.net");
      List<QueueId> ids = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        ids.add(scenario.accept("lan", "user" + i + "@example.net"));
      }
      scenario.eventually(
          "parked", () -> ids.stream().allMatch(id -> scenario.place(id).equals("parked")));
      scenario.time.advance(Duration.ofSeconds(61));
      scenario.eventually("probed", () -> scenario.opened.get("example.net").get() == 2);
      scenario.eventually(
          "parked", () -> ids.stream().allMatch(id -> scenario.place(id).equals("parked")));
      assertThat(scenario.opened.get("example.net").get()).isEqualTo(2);
    }
  }

  @Test
  void aSecondConnectorIsTriedAtOnceWhenTheFirstCannotBeReached() {
    try (var scenario = new Scenario()) {
      scenario.routes = _ -> List.of("first", "second");
      scenario.down.add("first");
      var one = scenario.accept("lan", "anna@example.net");
      scenario.eventually("removed", () -> scenario.removed(one));
      var two = scenario.accept("lan", "anna@example.net");
      scenario.eventually("removed", () -> scenario.removed(two));
      assertThat(scenario.sent).allMatch(line -> line.endsWith("by second"));
      assertThat(scenario.opened.get("first").get()).isEqualTo(1);
      assertThat(scenario.attempts(one))
          .extracting(a -> a.status())
          .containsExactly("passed-on", "sent");
    }
  }

  @Test
  void aMailWithoutRouteWaitsWithAReason() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.routes = _ -> List.of();
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
      assertThat(scenario.control.entry(id).orElseThrow().recipients().getFirst().reason())
          .contains("no rule in routes");
      scenario.routes = _ -> List.of("provider");
      scenario.time.advance(Duration.ofMinutes(2));
      scenario.eventually("removed", () -> scenario.removed(id));
    }
  }

  @Test
  void whatTheDnsSaidStandsWhereAttemptsHaveTheirDialogue() {
    try (var scenario = new Scenario()) {
      scenario.nowhere =
          new Resolution.Nowhere(
              Scenario.UNREACHABLE, List.of("MX 10 mx1.example.net", "mx1.example.net: SERVFAIL"));
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));

      var attempt =
          scenario.events.stream()
              .filter(Event.Attempted.class::isInstance)
              .map(Event.Attempted.class::cast)
              .findFirst();
      assertThat(attempt.orElseThrow().dialogue())
          .containsExactly("* MX 10 mx1.example.net", "* mx1.example.net: SERVFAIL");
    }
  }

  @Test
  void mailWithoutANextHopIsFoundByItsConnector() {
    try (var scenario = new Scenario()) {
      scenario.routes = _ -> List.of("mx");
      scenario.nowhere = new Resolution.Nowhere(Scenario.UNREACHABLE, List.of());
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
      assertThat(scenario.attempts(id))
          .singleElement()
          .matches(attempt -> attempt.destination().equals("mx:example.net"));
    }
  }

  @Test
  void theReasonOfMailThatWaitsForADestinationIsTheSameForAll() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.down.add("example.net");
      var first = scenario.accept("lan", "anna@example.net");
      scenario.eventually("parked", () -> scenario.place(first).equals("parked"));
      var second = scenario.accept("lan", "bert@example.net");
      scenario.eventually("parked", () -> scenario.place(second).equals("parked"));

      assertThat(scenario.control.entry(second).orElseThrow().recipients().getFirst().reason())
          .isEqualTo("delivery temporarily suspended: connection refused");
    }
  }

  @Test
  void aMailExpiresAtTheEndOfItsLifetimeAndTheSenderWasWarned() {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
      passHours(scenario, id);
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.told)
          .extracting(Settling.Told::kind)
          .containsExactly(Kind.DELAYED, Kind.EXPIRED);
    }
  }

  /// Each hour there is another attempt; its end is awaited before the clock goes on.
  private static void passHours(Scenario scenario, QueueId id) {
    for (int hour = 0; hour < 5 * 24 + 2 && !scenario.removed(id); hour++) {
      int before = scenario.attempts(id).size();
      scenario.time.advance(Duration.ofHours(1));
      scenario.eventually("attempted", () -> scenario.attempts(id).size() > before);
      scenario.eventually("at rest", () -> !scenario.place(id).equals("active"));
    }
  }

  @Test
  void aParkedMailIsWarnedOfAndExpiresThoughItsDestinationStaysDead() {
    try (var scenario = new Scenario()) {
      scenario.down.add("example.net");
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("parked", () -> scenario.place(id).equals("parked"));
      passHours(scenario, id);
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.told)
          .extracting(Settling.Told::kind)
          .containsExactly(Kind.DELAYED, Kind.EXPIRED);
    }
  }

  @Test
  void moreMailThanMemoryHoldsIsDeliveredAllTheSameAndOnce() {
    try (var scenario = new Scenario(10, 5)) {
      List<QueueId> ids = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        ids.add(scenario.accept("lan", "user" + i + "@example.net"));
      }
      scenario.eventually("removed", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.sent).hasSize(500).doesNotHaveDuplicates();
    }
  }

  @Test
  void whatFindsNoRoomInMemoryDoesNotKeepItsContentThereEither() {
    try (var scenario = new Scenario(10, 5)) {
      var go = new CountDownLatch(1);
      scenario.duringSend = () -> await(go);
      for (int i = 0; i < 30; i++) {
        scenario.accept("lan", "user@example" + i + ".net");
      }
      assertThat(scenario.spool.heldContents()).isLessThanOrEqualTo(10);
      go.countDown();
      scenario.eventually("all sent", () -> scenario.sent.size() == 30);
    }
  }

  @Test
  void aRestartDeliversWhatWasLeftInEveryPlace() {
    try (var scenario = new Scenario()) {
      scenario.down.add("dead.example");
      scenario.answer =
          (destination, _) ->
              destination.equals("grey.example") ? Scenario.GREYLISTED : Scenario.OK;
      var parked = scenario.accept("lan", "anna@dead.example");
      var deferred = scenario.accept("lan", "anna@grey.example");
      scenario.eventually("parked", () -> scenario.place(parked).equals("parked"));
      scenario.eventually("deferred", () -> scenario.place(deferred).equals("deferred"));
      scenario.queue.drain();
      var incoming = scenario.accept("lan", "anna@example.net");
      scenario.down.clear();
      scenario.answer = (_, _) -> Scenario.OK;
      scenario.restart();
      scenario.eventually("incoming", () -> scenario.removed(incoming));
      scenario.time.advance(Duration.ofMinutes(2));
      scenario.eventually("parked", () -> scenario.removed(parked));
      scenario.eventually("deferred", () -> scenario.removed(deferred));
      assertThat(scenario.sent).hasSize(3);
    }
  }

  @Test
  void recipientsThatANextHopDoesNotTakeInOneGoAreSentAgainWithoutAnAttempt() {
    try (var scenario = new Scenario()) {
      Set<Integer> refusedOnce = ConcurrentHashMap.newKeySet();
      scenario.answer =
          (_, recipient) ->
              recipient.number() > 0 && refusedOnce.add(recipient.number()) ? null : Scenario.OK;
      var id = scenario.accept("lan", "a@example.net", "b@example.net", "c@example.net");
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.attempts(id)).hasSize(3).allMatch(a -> a.attempt() == 1);
    }
  }

  @Test
  void aMailThatWasNotTriedOverAFreshConnectionGetsOneOtherAtOnce() {
    try (var scenario = new Scenario()) {
      var first = new AtomicBoolean(true);
      scenario.answer = (_, _) -> first.getAndSet(false) ? null : Scenario.OK;
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.attempts(id)).singleElement().matches(a -> a.attempt() == 1);

      scenario.answer = (_, _) -> null;
      var never = scenario.accept("lan", "anna@example.net");
      scenario.eventually("deferred", () -> scenario.place(never).equals("deferred"));
    }
  }

  @Test
  void aHeldMailStaysUntilItIsReleased() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
      assertThat(scenario.act(Control.Action.HOLD, List.of(id), "look")).containsExactly(id);
      var held = scenario.control.entry(id).orElseThrow().recipients().getFirst();
      assertThat(held.reason()).isEqualTo("held by an administrator; 451 4.7.1 come back later");
      assertThat(scenario.place(id)).isEqualTo("held");
      scenario.answer = (_, _) -> Scenario.OK;
      scenario.time.advance(Duration.ofHours(10));
      assertThat(scenario.act(Control.Action.HOLD, List.of(id), "look")).isEmpty();
      assertThat(scenario.place(id)).isEqualTo("held");
      scenario.act(Control.Action.RELEASE, List.of(id), "");
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.sent).hasSize(1);
    }
  }

  @Test
  void retryDoesNotEndAHold() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
      scenario.act(Control.Action.HOLD, List.of(id), "look");
      scenario.answer = (_, _) -> Scenario.OK;

      assertThat(scenario.act(Control.Action.RETRY, List.of(id), "")).isEmpty();
      scenario.time.advance(Duration.ofHours(1));
      assertThat(scenario.place(id)).isEqualTo("held");
    }
  }

  @Test
  void retryDoesNotWaitForTheScheduleNorForTheBackOff() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.down.add("dead.example");
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var deferred = scenario.accept("lan", "anna@example.net");
      var parked = scenario.accept("lan", "anna@dead.example");
      scenario.eventually("deferred", () -> scenario.place(deferred).equals("deferred"));
      scenario.eventually("parked", () -> scenario.place(parked).equals("parked"));
      scenario.down.clear();
      scenario.answer = (_, _) -> Scenario.OK;
      scenario.act(Control.Action.RETRY, List.of(deferred, parked), "");
      scenario.eventually("removed", () -> scenario.removed(deferred) && scenario.removed(parked));
    }
  }

  @Test
  void aDeletedMailIsGoneWithoutNoticeAndABouncedOneTellsItsSender() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var one = scenario.accept("lan", "anna@example.net");
      var two = scenario.accept("lan", "anna@example.net");
      scenario.eventually("deferred", () -> scenario.place(two).equals("deferred"));
      scenario.eventually("deferred", () -> scenario.place(one).equals("deferred"));
      scenario.act(Control.Action.DELETE, List.of(one), "spam");
      assertThat(scenario.told).isEmpty();
      scenario.act(Control.Action.BOUNCE, List.of(two), "no longer wanted");
      scenario.eventually("removed", () -> scenario.removed(one) && scenario.removed(two));
      assertThat(scenario.told).singleElement().matches(told -> told.kind() == Kind.FAILED);
    }
  }

  @Test
  void whoIsBouncedByAFilterTakesNoOtherRecipientAlong() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var id = scenario.accept("lan", "anna@example.net", "bert@example.net");
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
      assertThat(scenario.actOn(Control.Action.BOUNCE, "bert@example.net")).containsExactly(id);
      scenario.eventually("told", () -> scenario.told.size() == 1);
      assertThat(scenario.told.getFirst().what().recipient().address().local()).isEqualTo("bert");
      scenario.answer = (_, _) -> Scenario.OK;
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.sent).singleElement().matches(line -> line.contains("anna@"));
      assertThat(scenario.told).hasSize(1);
      assertThat(scenario.events)
          .filteredOn(event -> event instanceof Event.Administered)
          .singleElement()
          .matches(
              event ->
                  ((Event.Administered) event)
                      .text()
                      .equals("no longer wanted; only <bert@example.net>"));
    }
  }

  @Test
  void whoIsDeletedByAFilterTakesNoOtherRecipientAlong() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var both = scenario.accept("lan", "anna@example.net", "bert@example.net");
      var alone = scenario.accept("lan", "bert@example.net");
      scenario.eventually("deferred", () -> scenario.place(both).equals("deferred"));
      scenario.eventually("deferred", () -> scenario.place(alone).equals("deferred"));
      scenario.actOn(Control.Action.DELETE, "bert@example.net");
      scenario.eventually("removed", () -> scenario.removed(alone));
      scenario.answer = (_, _) -> Scenario.OK;
      scenario.eventually("removed", () -> scenario.removed(both));
      assertThat(scenario.sent).singleElement().matches(line -> line.contains("anna@"));
      assertThat(scenario.told).isEmpty();
    }
  }

  @Test
  void whoIsBouncedWhileInFlightTakesNoOtherRecipientAlong() throws Exception {
    try (var scenario = new Scenario()) {
      var sending = new CountDownLatch(1);
      var go = new CountDownLatch(1);
      scenario.duringSend =
          () -> {
            sending.countDown();
            await(go);
          };
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var id = scenario.accept("lan", "anna@example.net", "bert@example.net");
      sending.await();
      scenario.actOn(Control.Action.BOUNCE, "bert@example.net");
      assertThat(scenario.told).isEmpty();
      go.countDown();
      scenario.eventually("told", () -> scenario.told.size() == 1);
      scenario.answer = (_, _) -> Scenario.OK;
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.sent).singleElement().matches(line -> line.contains("anna@"));
    }
  }

  @Test
  void aMailInFlightIsDeletedOnlyWhenItsAttemptHasEnded() throws Exception {
    try (var scenario = new Scenario()) {
      var sending = new CountDownLatch(1);
      var go = new CountDownLatch(1);
      scenario.duringSend =
          () -> {
            sending.countDown();
            await(go);
          };
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var id = scenario.accept("lan", "anna@example.net");
      sending.await();
      scenario.act(Control.Action.DELETE, List.of(id), "spam");
      assertThat(scenario.place(id)).isEqualTo("active");
      go.countDown();
      scenario.eventually("removed", () -> scenario.removed(id));
      scenario.eventually("gone", () -> scenario.place(id).equals("gone"));
    }
  }

  @Test
  void aSelectionFindsMailByWhatIsKnownOfIt() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var id = scenario.accept("lan", "anna@example.net");
      var other = scenario.accept("lan", "bob@example.org");
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
      scenario.eventually("deferred", () -> scenario.place(other).equals("deferred"));
      assertThat(found(scenario, null, "@example.net", null)).containsExactly(id);
      assertThat(found(scenario, "sender@EXAMPLE.com", null, null))
          .containsExactlyInAnyOrder(id, other);
      assertThat(found(scenario, null, null, "come BACK")).hasSize(2);
      assertThat(found(scenario, "<>", null, null)).isEmpty();
    }
  }

  private static List<QueueId> found(
      Scenario scenario, String sender, String recipient, String reason) throws SpoolException {
    List<QueueId> ids = new ArrayList<>();
    scenario.control.visit(
        new Selection(List.of(), sender, recipient, null, null, reason, null, null),
        entry -> ids.add(entry.id()));
    return ids;
  }

  @Test
  void changedRoutesApplyToWhatWaits() {
    try (var scenario = new Scenario()) {
      scenario.routes = _ -> List.of("old");
      scenario.down.add("old");
      List<QueueId> ids = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        ids.add(scenario.accept("lan", "user" + i + "@example.net"));
      }
      scenario.eventually(
          "parked", () -> ids.stream().allMatch(id -> scenario.place(id).equals("parked")));
      scenario.routes = _ -> List.of("new");
      scenario.queue.redirect(scenario.directions());
      scenario.eventually("removed", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.sent).hasSize(30).allMatch(line -> line.endsWith("by new"));
    }
  }

  @Test
  void aNoticeBecomesAMailOfItsOwn() {
    try (var scenario = new Scenario()) {
      scenario.makeNotices = true;
      scenario.answer =
          (_, recipient) ->
              recipient.address().local().equals("nobody") ? Scenario.REFUSED : Scenario.OK;
      var id = scenario.accept("lan", "nobody@example.net");
      scenario.eventually("removed", () -> scenario.removed(id));
      scenario.eventually("told", () -> scenario.sent.size() == 1);
      assertThat(scenario.sent.getFirst()).endsWith(" sender@example.com by example.com");
    }
  }

  @Test
  void aNoticeIsReadBackChunkByChunkLikeAnyMail() {
    try (var scenario = new Scenario()) {
      scenario.makeNotices = true;
      scenario.noticeOctets = 70_000;
      scenario.answer =
          (_, recipient) ->
              recipient.address().local().equals("nobody") ? Scenario.REFUSED : Scenario.OK;
      scenario.accept("lan", "nobody@example.net");
      scenario.eventually("told", () -> scenario.sent.size() == 1);
      assertThat(scenario.largestChunk.get()).isEqualTo(Content.CHUNK_OCTETS);
    }
  }

  @Test
  void aMailThatBecomesDurableWhileTheBacklogIsReadIsNotForgotten() {
    var admission = new Admission(1, 10, () -> {});
    admission.joined(new QueueId(101), Lane.OTHERS);
    admission.joined(new QueueId(105), Lane.OTHERS);
    var read = admission.backlog(Lane.OTHERS);
    admission.joined(
        new QueueId(103), Lane.OTHERS); // Its id is older than the last one that was listed.
    admission.read(Lane.OTHERS, read, new QueueId(105), true);
    assertThat(admission.backlog(Lane.OTHERS).after()).isEqualTo(new QueueId(102));
  }

  @Test
  void aNoticeThatTheDiskCannotTakeIsWrittenWhenItCan() {
    try (var scenario = new Scenario()) {
      scenario.makeNotices = true;
      scenario.duringSend = () -> scenario.spool.failWith(new SpoolException("no space", true));
      scenario.answer = (_, _) -> Scenario.REFUSED;
      var id = scenario.accept("lan", "nobody@example.net");
      scenario.eventually("told", () -> !scenario.told.isEmpty());
      assertThat(scenario.removed(id)).isFalse();
      scenario.duringSend = () -> {};
      scenario.spool.failWith(null);
      scenario.time.advance(Duration.ofMinutes(2));
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.told)
          .filteredOn(told -> told.what().recipient().address().local().equals("nobody"))
          .hasSize(1);
    }
  }

  @Test
  void whatCannotBeRecordedIsNotDelivered() {
    try (var scenario = new Scenario()) {
      scenario.spool.inOrder(false);
      for (int i = 0; i < 100; i++) {
        scenario.accept("lan", "anna@example.net");
      }
      scenario.eventually("a worker waits for the disk", () -> scenario.time.sleepers() > 1);
      assertThat(scenario.sent).isEmpty();
      scenario.spool.inOrder(true);
      scenario.time.advance(Duration.ofSeconds(5));
      scenario.eventually("delivered", () -> scenario.sent.size() == 100);
    }
  }

  @Test
  void noMoreConnectionsThanTheConnectorAllows() {
    try (var scenario = new Scenario(10_000, 5_000)) {
      var go = new CountDownLatch(1);
      scenario.duringSend = () -> await(go);
      for (int i = 0; i < 200; i++) {
        scenario.accept("lan", "user" + i + "@example.net");
      }
      scenario.eventually("started", () -> scenario.concurrent.get() == 5);
      go.countDown();
      scenario.eventually("all sent", () -> scenario.sent.size() == 200);
      assertThat(scenario.mostConcurrent.get()).isLessThanOrEqualTo(20);
    }
  }

  static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
