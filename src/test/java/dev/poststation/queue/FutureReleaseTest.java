package dev.poststation.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.bounce.NoticeRequest.Kind;
import dev.poststation.message.Envelope;
import dev.poststation.message.QueueId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Mail that its client wants to be sent later (RFC 4865).
class FutureReleaseTest {
  private static final Duration WEEK = Duration.ofDays(7);

  private static Instant later(Scenario scenario, Duration by) {
    var at = scenario.time.now().plus(by);
    scenario.release = new Envelope.Release(at, "for;" + by.toSeconds());
    return at;
  }

  private static QueueId asleep(Scenario scenario, String... recipients) {
    var id = scenario.accept("lan", recipients);
    scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
    return id;
  }

  private static QueueEntry entry(Scenario scenario, QueueId id) throws Exception {
    return scenario.control.entry(id).orElseThrow();
  }

  private static List<String> attempts(Scenario scenario, QueueId id) {
    return scenario.attempts(id).stream()
        .map(each -> each.attempt() + " " + each.status())
        .toList();
  }

  @Test
  void aMailIsNotSentBeforeItsTimeThoughTheRelayRestarts() throws Exception {
    try (var scenario = new Scenario()) {
      var at = later(scenario, WEEK);
      var id = asleep(scenario, "anna@example.net", "bert@example.org");
      scenario.time.advance(WEEK.minusMinutes(2));
      scenario.restart();
      scenario.queue.redirect(scenario.directions());
      scenario.eventually("at rest", scenario::atRest);

      assertThat(scenario.attempts(id)).isEmpty();
      assertThat(scenario.told).isEmpty();
      var line = entry(scenario, id).recipients().getFirst();
      assertThat(line.next()).isEqualTo(at);
      assertThat(line.reason()).startsWith("waits for its time: not before ");

      scenario.time.advance(Duration.ofMinutes(3));
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(attempts(scenario, id)).containsExactly("1 sent", "1 sent");
    }
  }

  @Test
  void itsAgeCountsFromItsTime() throws Exception {
    try (var scenario = new Scenario()) {
      later(scenario, WEEK);
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var id = asleep(scenario, "anna@example.net");
      scenario.time.advance(WEEK);
      scenario.eventually("tried", () -> !scenario.attempts(id).isEmpty());
      scenario.time.advance(Duration.ofHours(3));
      scenario.eventually("at rest", scenario::atRest);
      assertThat(scenario.told).isEmpty();
      assertThat(attempts(scenario, id)).doesNotContain("2 expired");

      scenario.time.advance(Duration.ofHours(2));
      scenario.eventually("warned", () -> !scenario.told.isEmpty());
      assertThat(scenario.told).extracting(Settling.Told::kind).containsExactly(Kind.DELAYED);
      scenario.time.advance(Duration.ofDays(5));
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(attempts(scenario, id).getLast()).endsWith(" expired");
    }
  }

  @Test
  void oneThatIsParkedHidesNoOlderOneBehindIt() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.down.add("example.net");
      later(scenario, Duration.ofHours(5));
      var first = asleep(scenario, "anna@example.net");
      scenario.release = null;
      var second = scenario.accept("lan", "bert@example.net");
      scenario.eventually("parked", () -> scenario.place(second).equals("parked"));
      scenario.time.advance(Duration.ofHours(6));
      scenario.eventually("warned", () -> scenario.told.size() == 1);
      scenario.time.advance(Duration.ofHours(4));
      scenario.eventually("both warned", () -> scenario.told.size() == 2);

      assertThat(scenario.told.getFirst().what().recipient().address().local()).isEqualTo("bert");
      assertThat(scenario.place(first)).isNotEqualTo("gone");
    }
  }

  /// There is so much other mail that this one hardly ever asks whether the destination is back.
  @Test
  void oneWhoseDestinationIsKnownToBeDeadIsWarnedOfInTime() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.down.add("example.net");
      later(scenario, Duration.ofHours(5));
      var first = asleep(scenario, "anna@example.net");
      scenario.release = null;
      for (int i = 0; i < 100; i++) {
        var other = scenario.accept("lan", "bert@example.net");
        scenario.eventually("parked", () -> scenario.place(other).equals("parked"));
      }
      scenario.time.advance(Duration.ofMinutes(4 * 60 + 10));
      scenario.eventually("the others warned", () -> scenario.told.size() >= 100);
      scenario.time.advance(Duration.ofMinutes(55));
      scenario.eventually("parked", () -> scenario.place(first).equals("parked"));
      scenario.eventually("at rest", scenario::atRest);
      assertThat(scenario.told).hasSize(100);
      scenario.time.advance(Duration.ofMinutes(4 * 60 + 10));
      scenario.eventually("warned", () -> scenario.told.size() == 101);
      assertThat(scenario.told.getLast().what().recipient().address().local()).isEqualTo("anna");
    }
  }

  @Test
  void onlyAReleaseSendsItEarlyAndNoRetryDoes() throws Exception {
    try (var scenario = new Scenario()) {
      later(scenario, WEEK);
      var id = asleep(scenario, "anna@example.net");
      assertThat(scenario.control.wouldAct(Control.Action.RETRY, entry(scenario, id))).isFalse();
      assertThat(scenario.act(Control.Action.RETRY, List.of(id), "")).isEmpty();
      scenario.eventually("at rest", scenario::atRest);
      assertThat(scenario.attempts(id)).isEmpty();

      assertThat(scenario.control.wouldAct(Control.Action.RELEASE, entry(scenario, id))).isTrue();
      assertThat(scenario.act(Control.Action.RELEASE, List.of(id), "")).containsExactly(id);
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(attempts(scenario, id)).containsExactly("1 sent");
    }
  }

  @Test
  void oneThatWasHeldAndIsReleasedStillWaitsForItsTime() throws Exception {
    try (var scenario = new Scenario()) {
      later(scenario, WEEK);
      var id = asleep(scenario, "anna@example.net");
      scenario.act(Control.Action.HOLD, List.of(id), "");
      scenario.act(Control.Action.RELEASE, List.of(id), "");
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
      scenario.eventually("at rest", scenario::atRest);
      assertThat(scenario.attempts(id)).isEmpty();

      scenario.time.advance(WEEK);
      scenario.eventually("removed", () -> scenario.removed(id));
    }
  }

  @Test
  void aClockThatIsSetBackSendsNothingEarly() throws Exception {
    try (var scenario = new Scenario()) {
      var at = scenario.time.now().plus(WEEK);
      scenario.release = new Envelope.Release(at, "until;" + at);
      var id = asleep(scenario, "anna@example.net");
      scenario.time.setBack(Duration.ofDays(1));
      scenario.restart();
      scenario.eventually("at rest", scenario::atRest);

      assertThat(scenario.attempts(id)).isEmpty();
      assertThat(entry(scenario, id).recipients().getFirst().next()).isEqualTo(at);
    }
  }
}
