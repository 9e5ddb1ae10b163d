package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.bounce.NoticeRequest.Kind;
import dev.poststation.config.Hours;
import dev.poststation.config.Line;
import dev.poststation.log.Event;
import dev.poststation.message.Envelope;
import dev.poststation.message.Outcome;
import dev.poststation.message.QueueId;
import dev.poststation.smtp.Reply;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// Mail that is to be delivered by a time (RFC 2852).
class DeliverByTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration TEN_MINUTES = Duration.ofMinutes(10);

  private static Instant by(Scenario scenario, Duration time, boolean returns) {
    var at = scenario.time.now().plus(time);
    scenario.deadline = new Envelope.Deadline(at, returns, false);
    return at;
  }

  private static Event.Attempted last(Scenario scenario, QueueId id) {
    return scenario.attempts(id).getLast();
  }

  private static List<Kind> told(Scenario scenario) {
    return scenario.told.stream().map(Settling.Told::kind).toList();
  }

  private static String status(Scenario scenario, int notice) {
    return scenario.told.get(notice).what().outcome().status().toString();
  }

  private static void advanceTo(Scenario scenario, Instant time) {
    scenario.time.advance(Duration.between(scenario.time.now(), time));
  }

  private static void returned(Scenario scenario, QueueId id) {
    scenario.eventually("removed", () -> scenario.removed(id));
    assertThat(last(scenario, id).status()).isEqualTo("expired");
    assertThat(last(scenario, id).dsn().toString()).isEqualTo("5.4.7");
    assertThat(last(scenario, id).text()).startsWith("delivery time expired: it was to be ");
    assertThat(told(scenario)).containsExactly(Kind.EXPIRED);
    assertThat(status(scenario, 0)).isEqualTo("5.4.7");
    assertThat(scenario.sent).isEmpty();
  }

  @Test
  void aMailThatIsDeferredGoesBackAtItsTimeAndNotSooner() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var at = by(scenario, TEN_MINUTES, true);
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("tried", () -> !scenario.attempts(id).isEmpty());
      advanceTo(scenario, at.minusSeconds(1));
      eventually("at rest", scenario::atRest);
      assertThat(scenario.removed(id)).isFalse();

      scenario.time.advance(Duration.ofSeconds(1));
      returned(scenario, id);
      assertThat(last(scenario, id).when()).isBetween(at, at.plusSeconds(1));
      assertThat(last(scenario, id).text()).endsWith("451 4.7.1 come back later");
    }
  }

  @Test
  void aMailWhoseDestinationIsDeadGoesBackAtItsTimeAlsoAfterARestart() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.down.add("example.net");
      var at = by(scenario, Duration.ofMinutes(90), true);
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
      scenario.time.advance(HOUR);
      scenario.restart();
      scenario.eventually("at rest", scenario::atRest);
      assertThat(scenario.removed(id)).isFalse();

      advanceTo(scenario, at);
      returned(scenario, id);
      assertThat(last(scenario, id).when()).isBetween(at, at.plusSeconds(1));
    }
  }

  @Test
  void aMailWhoseTimeRanOutWhileTheRelayWasDownIsNotDelivered() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      by(scenario, Duration.ofSeconds(50), true);
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
      scenario.queue.drain();
      scenario.answer = (_, _) -> Scenario.OK;
      scenario.time.advance(HOUR);
      scenario.restart();
      returned(scenario, id);
    }
  }

  @Test
  void aPauseOfTheConnectorDoesNotStopItsTime() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.down.add("example.net");
      scenario.failure = Scenario.PAUSED;
      var at = by(scenario, HOUR, true);
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
      advanceTo(scenario, at);
      returned(scenario, id);
    }
  }

  @Test
  void theHoursOfAConnectorDoNotPutItsTimeOff() throws Exception {
    try (var scenario = new Scenario()) {
      var start = scenario.time.now().plus(Duration.ofHours(5));
      scenario.connectors = name -> Scenario.connector(name, 25, 20, opening(start));
      var at = by(scenario, HOUR, true);
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
      advanceTo(scenario, at);
      returned(scenario, id);
    }
  }

  /// Else it would be taken for mail that a wrong clock has put off, and come again at once,
  /// without end.
  @Test
  void aTimeThatIsFurtherAwayThanAnyWaitIsWaitedForWithoutAnotherTry() throws Exception {
    for (boolean returns : List.of(true, false)) {
      try (var scenario = new Scenario()) {
        var start = scenario.time.now().plus(Duration.ofHours(5));
        scenario.connectors = name -> Scenario.connector(name, 25, 20, opening(start));
        var at = by(scenario, Duration.ofHours(3), returns);
        var id = scenario.accept("lan", "anna@example.net");
        eventually("deferred", () -> scenario.place(id).equals("deferred"));
        eventually("at rest", scenario::atRest);
        scenario.restart();
        eventually("at rest", scenario::atRest);
        scenario.time.advance(HOUR);
        eventually("at rest", scenario::atRest);
        assertThat(scenario.attempts(id)).hasSize(1);
        advanceTo(scenario, at);
        if (returns) {
          returned(scenario, id);
        } else {
          eventually("told", () -> told(scenario).equals(List.of(Kind.DELAYED)));
          advanceTo(scenario, start);
          scenario.eventually("sent", () -> scenario.removed(id));
        }
      }
    }
  }

  private static Line opening(Instant start) {
    var local = start.atZone(ZoneId.systemDefault()).toLocalTime();
    var hours = new Hours(EnumSet.allOf(DayOfWeek.class), local, local.plusHours(4), "night");
    return new Line(0, List.of(hours), 0, 0);
  }

  @Test
  void aHoldKeepsItButOnceReleasedTooLateItGoesBack() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      by(scenario, TEN_MINUTES, true);
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
      scenario.act(Control.Action.HOLD, List.of(id), "");
      scenario.answer = (_, _) -> Scenario.OK;
      scenario.time.advance(HOUR);
      scenario.eventually("at rest", scenario::atRest);
      assertThat(scenario.told).isEmpty();

      scenario.act(Control.Action.RELEASE, List.of(id), "");
      returned(scenario, id);
    }
  }

  @Test
  void whatIsReadyButWaitsForAConnectionIsTakenBackAtItsTime() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.connectors = name -> Scenario.connector(name, 25, 1);
      var done = new CountDownLatch(1);
      var busy = new CountDownLatch(1);
      scenario.duringSend =
          () -> {
            busy.countDown();
            await(done);
          };
      var other = scenario.accept("lan", "bert@example.net");
      await(busy);
      var at = by(scenario, TEN_MINUTES, true);
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("ready", () -> scenario.queue.load().ready() == 1);
      advanceTo(scenario, at);
      returned(scenario, id);
      done.countDown();
      scenario.eventually("removed", () -> scenario.removed(other));
    }
  }

  @Test
  void whatIsBeingRoutedAtItsTimeDoesNotWaitForAConnectionThen() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.connectors = name -> Scenario.connector(name, 25, 1);
      var done = new CountDownLatch(1);
      var busy = new CountDownLatch(1);
      scenario.duringSend =
          () -> {
            busy.countDown();
            await(done);
          };
      var other = scenario.accept("lan", "bert@example.net");
      await(busy);
      var resolving = new CountDownLatch(1);
      var resolved = new CountDownLatch(1);
      scenario.asking = true;
      scenario.duringResolve =
          () -> {
            resolving.countDown();
            await(resolved);
          };
      var at = by(scenario, TEN_MINUTES, true);
      var id = scenario.accept("lan", "anna@example.net");
      await(resolving);
      advanceTo(scenario, at);
      scenario.eventually("its time was noticed", scenario::atRest);
      resolved.countDown();
      returned(scenario, id);
      done.countDown();
      scenario.eventually("removed", () -> scenario.removed(other));
    }
  }

  @Test
  void whatIsConnectingAtItsTimeDoesNotWaitForAnotherConnectionThen() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.connectors = name -> Scenario.connector(name, 25, 2);
      var done = new CountDownLatch(1);
      var busy = new CountDownLatch(1);
      scenario.duringSend =
          () -> {
            busy.countDown();
            await(done);
          };
      var other = scenario.accept("lan", "bert@example.net");
      await(busy);
      var opening = new CountDownLatch(1);
      var opened = new CountDownLatch(1);
      scenario.duringOpen =
          _ -> {
            opening.countDown();
            await(opened);
          };
      var at = by(scenario, TEN_MINUTES, true);
      var id = scenario.accept("lan", "anna@example.net");
      await(opening);
      scenario.down.add("example.net");
      advanceTo(scenario, at);
      scenario.eventually("its time was noticed", scenario::atRest);
      opened.countDown();
      returned(scenario, id);
      done.countDown();
      scenario.eventually("removed", () -> scenario.removed(other));
    }
  }

  @Test
  void theSenderIsToldOfTheOthersThoughOneThatIsToBeReturnedComesBackAtThatTime() throws Exception {
    try (var scenario = new Scenario()) {
      var busy = new CountDownLatch(1);
      var done = new CountDownLatch(1);
      scenario.answer =
          (_, to) -> {
            if (to.address().local().equals("anna")) {
              busy.countDown();
              await(done);
            }
            return Scenario.GREYLISTED;
          };
      var at = by(scenario, TEN_MINUTES, false);
      var id = scenario.accept("lan", "anna@example.net", "bert@example.org");
      await(busy);
      scenario.eventually("deferred", () -> !scenario.attempts(id).isEmpty());
      scenario.actOn(Control.Action.BOUNCE, "anna@example.net");
      var hindered = new CountDownLatch(1);
      scenario.queue.claims().order(() -> await(hindered));
      advanceTo(scenario, at);
      done.countDown();
      scenario.eventually("returned", () -> told(scenario).contains(Kind.FAILED));
      hindered.countDown();
      scenario.eventually("told", () -> told(scenario).contains(Kind.DELAYED));
      scenario.answer = (_, _) -> Scenario.OK;
      scenario.time.advance(HOUR);
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(told(scenario).stream().filter(Kind.DELAYED::equals)).hasSize(1);
    }
  }

  @Test
  void whoIsDeliveredBeforeTheNoticeIsComposedIsNotSaidToBeLate() throws Exception {
    try (var scenario = new Scenario()) {
      var busy = new CountDownLatch(1);
      var done = new CountDownLatch(1);
      scenario.duringSend =
          () -> {
            busy.countDown();
            await(done);
          };
      var at = by(scenario, TEN_MINUTES, false);
      var id = scenario.accept("lan", "anna@example.net");
      await(busy);
      var mail = Objects.requireNonNull(scenario.queue.active(id));
      var hindered = new CountDownLatch(1);
      scenario.queue.claims().order(() -> await(hindered));
      advanceTo(scenario, at);
      var late = scenario.queue.settling().late(mail);
      assertThat(late).hasSize(1);
      done.countDown();
      scenario.eventually("delivered", () -> mail.done());
      scenario.queue.settling().warn(mail, late);
      hindered.countDown();
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(told(scenario)).containsExactly(Kind.RELAYED); // Whether, the rules decide.
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void whatIsInFlightAtItsTimeAndIsTakenIsDelivered() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.duringSend = () -> scenario.time.advance(HOUR);
      by(scenario, TEN_MINUTES, true);
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(last(scenario, id).status()).isEqualTo("sent");
    }
  }

  @Test
  void whoAsksForItIsToldAtTheTimeAndTheMailGoesOn() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var at = by(scenario, TEN_MINUTES, false);
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("tried", () -> !scenario.attempts(id).isEmpty());
      advanceTo(scenario, at.minusSeconds(1));
      eventually("at rest", scenario::atRest);
      assertThat(scenario.told).isEmpty();

      scenario.time.advance(Duration.ofSeconds(1));
      scenario.eventually("told", () -> !scenario.told.isEmpty());
      scenario.eventually("at rest", scenario::atRest);
      assertThat(told(scenario)).containsExactly(Kind.DELAYED);
      assertThat(status(scenario, 0)).isEqualTo("4.4.7");
      int tried = scenario.attempts(id).size();
      scenario.time.advance(Duration.ofHours(6)); // And no warning of `warn-after` besides.
      eventually("tried again", () -> scenario.attempts(id).size() > tried);
      eventually("deferred", () -> scenario.queue.load().active() == 0);
      scenario.answer = (_, _) -> Scenario.OK;
      scenario.time.advance(Duration.ofHours(2));
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(last(scenario, id).status()).isEqualTo("sent");
      assertThat(told(scenario)).doesNotContain(Kind.EXPIRED, Kind.FAILED);
      assertThat(told(scenario).stream().filter(Kind.DELAYED::equals)).hasSize(1);
    }
  }

  @Test
  void whoAsksForItIsToldAtTheTimeThoughTheDestinationIsDead() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.down.add("example.net");
      var at = by(scenario, TEN_MINUTES, false);
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
      advanceTo(scenario, at);
      scenario.eventually("told", () -> told(scenario).equals(List.of(Kind.DELAYED)));
      scenario.eventually("parked", () -> scenario.place(id).equals("parked"));
      scenario.restart();
      scenario.time.advance(HOUR);
      scenario.eventually("at rest", scenario::atRest);
      assertThat(told(scenario)).containsExactly(Kind.DELAYED);
    }
  }

  @Test
  void whoAsksForItIsToldAtTheTimeThoughTheMailWaitsForAConnection() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.connectors = name -> Scenario.connector(name, 25, 1);
      var done = new CountDownLatch(1);
      var busy = new CountDownLatch(1);
      scenario.duringSend =
          () -> {
            busy.countDown();
            await(done);
          };
      scenario.accept("lan", "bert@example.net");
      await(busy);
      var at = by(scenario, TEN_MINUTES, false);
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("ready", () -> scenario.queue.load().ready() == 1);
      advanceTo(scenario, at);
      scenario.eventually("told", () -> told(scenario).equals(List.of(Kind.DELAYED)));
      done.countDown();
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(last(scenario, id).status()).isEqualTo("sent");
      assertThat(told(scenario)).startsWith(Kind.DELAYED).doesNotContain(Kind.EXPIRED);
    }
  }

  @Test
  void whoseTimeWasOverWhenItCameIsWarnedOfAsAnyOther() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      by(scenario, Duration.ofSeconds(-5), false);
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("tried", () -> !scenario.attempts(id).isEmpty());
      scenario.time.advance(Duration.ofHours(3));
      scenario.eventually("at rest", scenario::atRest);
      assertThat(scenario.told).isEmpty();
      scenario.time.advance(Duration.ofHours(2));
      scenario.eventually("warned", () -> told(scenario).equals(List.of(Kind.DELAYED)));
      assertThat(status(scenario, 0)).isEqualTo("4.7.1");
    }
  }

  @Test
  void onlyThoseWhoAreNotDeliveredGoBack() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.answer =
          (_, to) -> to.address().local().equals("anna") ? Scenario.OK : Scenario.GREYLISTED;
      var at = by(scenario, TEN_MINUTES, true);
      var id = scenario.accept("lan", "anna@example.net", "bert@example.net");
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
      advanceTo(scenario, at);
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.sent).hasSize(1);
      assertThat(told(scenario).stream().filter(Kind.EXPIRED::equals)).hasSize(1);
    }
  }

  @Test
  void oneThatIsHeldForItsTimeGoesBackWhenThereIsTooLittleLeftAfterIt() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.down.add("example.net");
      var release = scenario.time.now().plus(HOUR);
      scenario.release = new Envelope.Release(release, "for;3600");
      var at = by(scenario, HOUR.plusMinutes(5), true);
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
      advanceTo(scenario, at.minusSeconds(1));
      eventually("at rest", scenario::atRest);
      assertThat(scenario.removed(id)).isFalse();
      advanceTo(scenario, at);
      returned(scenario, id);
    }
  }

  @Test
  void theSenderIsToldWhenItIsHandedOnToOneThatDoesNotMindTheTime() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.answer =
          (_, _) -> new Outcome.Delivered(Reply.of(250, "2.0.0", "Ok"), "R1", true, false);
      by(scenario, HOUR, false);
      var id = scenario.accept("lan", "anna@example.net");
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(told(scenario)).containsExactly(Kind.RELAYED); // Whether, the rules decide.
    }
  }
}
