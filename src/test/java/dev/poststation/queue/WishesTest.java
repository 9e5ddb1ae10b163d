package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.QueueId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// An administrator wants something for a mail, and then something else, or for some of its
/// recipients only.
class WishesTest {
  private static final String ANNA = "anna@example.net";
  private static final String BERT = "bert@example.net";
  private final CountDownLatch sending = new CountDownLatch(1);
  private final CountDownLatch go = new CountDownLatch(1);

  private static QueueId deferred(Scenario scenario) {
    scenario.answer = (_, _) -> Scenario.GREYLISTED;
    var id = scenario.accept("lan", ANNA, BERT);
    eventually("deferred", () -> scenario.place(id).equals("deferred"));
    scenario.answer = (_, _) -> Scenario.OK;
    return id;
  }

  /// To both, and its attempt will fail for the time being.
  private QueueId inFlight(Scenario scenario) throws InterruptedException {
    scenario.answer = (_, _) -> Scenario.GREYLISTED;
    scenario.duringSend =
        () -> {
          sending.countDown();
          QueueTest.await(go);
        };
    var id = scenario.accept("lan", ANNA, BERT);
    sending.await();
    return id;
  }

  private static List<String> toldOf(Scenario scenario) {
    return scenario.told.stream()
        .map(told -> told.what().recipient().address().toString())
        .toList();
  }

  @Test
  void whoIsDeletedOrBouncedOfAHeldMailDoesNotReleaseTheRest() throws Exception {
    for (var action : List.of(Control.Action.DELETE, Control.Action.BOUNCE)) {
      try (var scenario = new Scenario()) {
        var id = deferred(scenario);
        scenario.act(Control.Action.HOLD, List.of(id), "look");
        scenario.actOn(action, BERT);
        eventually("held", () -> scenario.place(id).equals("held"));
        scenario.time.advance(Duration.ofHours(1));
        eventually("at rest", scenario::atRest);
        assertThat(scenario.place(id)).isEqualTo("held");
        assertThat(scenario.sent).isEmpty();
        scenario.act(Control.Action.RELEASE, List.of(id), "");
        eventually("removed", () -> scenario.removed(id));
        assertThat(scenario.sent).singleElement().matches(line -> line.contains(ANNA));
      }
    }
  }

  @Test
  void aHoldOutlivesThatSomeAreDeleted() throws Exception {
    try (var scenario = new Scenario()) {
      var id = inFlight(scenario);
      scenario.act(Control.Action.HOLD, List.of(id), "look");
      scenario.actOn(Control.Action.DELETE, BERT);
      go.countDown();
      eventually("held", () -> scenario.place(id).equals("held"));
      var phases = scenario.control.entry(id).orElseThrow().recipients();
      assertThat(phases).extracting(QueueEntry.Line::phase).containsExactly("waiting", "deleted");
    }
  }

  @Test
  void whoIsBouncedLaterTakesNothingBack() throws Exception {
    try (var scenario = new Scenario()) {
      var id = inFlight(scenario);
      scenario.actOn(Control.Action.BOUNCE, ANNA);
      scenario.actOn(Control.Action.BOUNCE, BERT);
      go.countDown();
      eventually("removed", () -> scenario.removed(id));
      assertThat(toldOf(scenario)).containsExactlyInAnyOrder(ANNA, BERT);
    }
  }

  @Test
  void aDeletedMailStaysDeletedWhenSomeAreDeletedOnceMore() throws Exception {
    try (var scenario = new Scenario()) {
      var id = inFlight(scenario);
      scenario.act(Control.Action.DELETE, List.of(id), "spam");
      scenario.actOn(Control.Action.DELETE, ANNA);
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      go.countDown();
      eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.sent).isEmpty();
    }
  }

  @Test
  void aRetryOfAMailThatIsToBeHeldDoesNothingAndSaysSo() throws Exception {
    try (var scenario = new Scenario()) {
      var id = inFlight(scenario);
      scenario.act(Control.Action.HOLD, List.of(id), "look");
      assertThat(scenario.act(Control.Action.RETRY, List.of(id), "")).isEmpty();
      assertThat(scenario.act(Control.Action.HOLD, List.of(id), "look")).isEmpty();
      go.countDown();
      eventually("held", () -> scenario.place(id).equals("held"));
      assertThat(scenario.act(Control.Action.RETRY, List.of(id), "")).isEmpty();
    }
  }

  /// Each mail can be explained, and in the order in which it happened.
  @Test
  void theTraceOfAMailThatIsDeletedInFlightSaysWhoDeletedIt() throws Exception {
    try (var scenario = new Scenario()) {
      var id = inFlight(scenario);
      scenario.act(Control.Action.DELETE, List.of(id), "spam");
      go.countDown();
      eventually("gone", () -> scenario.place(id).equals("gone"));
      var trace =
          scenario.spool.trace(id).stream()
              .map(entry -> new String(entry, StandardCharsets.UTF_8))
              .filter(entry -> !entry.startsWith("Attempted"))
              .toList();
      assertThat(trace).hasSize(2);
      assertThat(trace.getFirst()).startsWith("Administered").contains("spam");
      assertThat(trace.getLast()).startsWith("Removed");
    }
  }

  /// It takes its time: the disk has to have it.
  @Test
  void whoIsBeingBouncedIsNotSentAMail() throws Exception {
    try (var scenario = new Scenario()) {
      var id = deferred(scenario);
      scenario.time.advance(Duration.ofSeconds(10));
      scenario.duringNotices =
          () -> {
            scenario.time.advance(Duration.ofMinutes(5));
            scenario.queue.dispatch(Objects.requireNonNull(scenario.queue.active(id)));
          };
      scenario.actOn(Control.Action.BOUNCE, BERT);
      eventually("removed", () -> scenario.removed(id));
      assertThat(toldOf(scenario)).containsExactly(BERT);
      assertThat(scenario.sent).singleElement().matches(line -> line.contains(ANNA));
    }
  }

  @Test
  void theSchedulerRestsWhileAMailThatIsToBeHeldIsInFlight() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.answer =
          (destination, _) -> {
            if (destination.equals("slow.example")) {
              sending.countDown();
              QueueTest.await(go);
            }
            return Scenario.GREYLISTED;
          };
      var id = scenario.accept("lan", "anna@slow.example", BERT);
      sending.await();
      eventually("attempted", () -> scenario.attempts(id).size() == 1);
      scenario.act(Control.Action.HOLD, List.of(id), "look");
      scenario.time.advance(Duration.ofSeconds(61));
      eventually("at rest", scenario::atRest);
      assertThat(scenario.place(id)).isEqualTo("active");
      scenario.act(Control.Action.RELEASE, List.of(id), "");
      eventually("attempted again", () -> scenario.attempts(id).size() == 2);
      go.countDown();
    }
  }
}
