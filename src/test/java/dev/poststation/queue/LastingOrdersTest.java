package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.bounce.NoticeRequest.Kind;
import dev.poststation.message.QueueId;
import dev.poststation.spool.SpoolException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// What an administrator was told to be done about a mail in memory is so after a power cut, too.
class LastingOrdersTest {
  private static final String ANNA = "anna@example.net";
  private static final String BERT = "bert@slow.example";
  private final CountDownLatch sending = new CountDownLatch(1);
  private final CountDownLatch go = new CountDownLatch(1);

  /// Anna was greylisted, and waits in memory; Bert is in flight, and stays so.
  private QueueId inMemory(Scenario scenario) throws InterruptedException {
    scenario.answer =
        (destination, _) -> {
          if (destination.equals("slow.example")) {
            sending.countDown();
            QueueTest.await(go);
          }
          return Scenario.GREYLISTED;
        };
    var id = scenario.accept("lan", ANNA, BERT);
    sending.await();
    eventually("anna waits", () -> scenario.attempts(id).size() == 1);
    return id;
  }

  private static void powerCut(Scenario scenario) {
    scenario.answer = (_, _) -> Scenario.OK;
    scenario.powerCut();
    scenario.time.advance(Duration.ofMinutes(10));
  }

  private static List<String> toldOf(Scenario scenario) {
    return scenario.told.stream()
        .map(told -> told.what().recipient().address().toString())
        .toList();
  }

  @Test
  void whoWasDeletedWhileSheWaitedIsNotSentTheMail() throws Exception {
    try (var scenario = new Scenario()) {
      var id = inMemory(scenario);
      assertThat(scenario.actOn(Control.Action.DELETE, ANNA)).containsExactly(id);
      powerCut(scenario);
      eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.sent).singleElement().matches(line -> line.contains(BERT));
      go.countDown();
    }
  }

  @Test
  void whoWasDeletedWhileHeWasInFlightIsNotSentTheMailAgain() throws Exception {
    try (var scenario = new Scenario()) {
      var id = inMemory(scenario);
      assertThat(scenario.act(Control.Action.DELETE, List.of(id), "spam")).containsExactly(id);
      powerCut(scenario);
      eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.sent).isEmpty();
      assertThat(scenario.told).isEmpty();
      go.countDown();
    }
  }

  @Test
  void whatWasHeldWhileItWasInFlightIsHeld() throws Exception {
    try (var scenario = new Scenario()) {
      var id = inMemory(scenario);
      assertThat(scenario.act(Control.Action.HOLD, List.of(id), "look")).containsExactly(id);
      powerCut(scenario);
      eventually("at rest", scenario::atRest);
      assertThat(scenario.place(id)).isEqualTo("held");
      assertThat(scenario.sent).isEmpty();
      go.countDown();
    }
  }

  @Test
  void whatWasReleasedInMemoryIsNotHeldAnyMore() throws Exception {
    try (var scenario = new Scenario()) {
      var id = inMemory(scenario);
      scenario.act(Control.Action.HOLD, List.of(id), "look");
      assertThat(scenario.act(Control.Action.RELEASE, List.of(id), "")).containsExactly(id);
      eventually("anna was tried again", () -> scenario.attempts(id).size() == 2);
      powerCut(scenario);
      eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.sent).hasSize(2);
      go.countDown();
    }
  }

  @Test
  void whoWasBouncedWhileHeWasInFlightIsReturnedAndNotSentTheMail() throws Exception {
    try (var scenario = new Scenario()) {
      var id = inMemory(scenario);
      assertThat(scenario.actOn(Control.Action.BOUNCE, BERT)).containsExactly(id);
      assertThat(scenario.told).isEmpty();
      assertThat(scenario.control.entry(id).orElseThrow().recipients().getLast())
          .matches(
              line ->
                  line.phase().equals("waiting")
                      && line.next() == null
                      && line.reason().equals("is being returned to the sender: no longer wanted"));
      powerCut(scenario);
      eventually("removed", () -> scenario.removed(id));
      assertThat(toldOf(scenario)).containsExactly(BERT);
      assertThat(scenario.told).allMatch(told -> told.kind() == Kind.FAILED);
      assertThat(scenario.sent).singleElement().matches(line -> line.contains(ANNA));
      go.countDown();
    }
  }

  @Test
  void whatIsReturnedWhileItIsHeldIsReturnedAfterTheStartAndTheRestStaysHeld() throws Exception {
    try (var scenario = new Scenario()) {
      var id = inMemory(scenario);
      assertThat(scenario.act(Control.Action.HOLD, List.of(id), "")).containsExactly(id);
      assertThat(scenario.actOn(Control.Action.BOUNCE, BERT)).containsExactly(id);
      powerCut(scenario);
      eventually("returned", () -> toldOf(scenario).equals(List.of(BERT)));
      eventually("at rest", scenario::atRest);
      assertThat(scenario.place(id)).isEqualTo("held");
      assertThat(scenario.sent).isEmpty();
      go.countDown();
    }
  }

  /// It was parked, and in flight to see whether its destination is back.
  @Test
  void whatIsReturnedDoesNotWaitForTheDestinationThatItWasParkedFor() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.down.add("slow.example");
      var id = scenario.accept("lan", BERT);
      eventually("parked", () -> scenario.place(id).equals("parked"));
      eventually("at rest", scenario::atRest);
      scenario.duringSend =
          () -> {
            sending.countDown();
            QueueTest.await(go);
          };
      scenario.down.clear();
      scenario.time.advance(Duration.ofMinutes(2));
      sending.await();
      scenario.act(Control.Action.BOUNCE, List.of(id), "closed");
      scenario.down.add("slow.example");
      scenario.powerCut();
      eventually("removed", () -> scenario.removed(id));
      assertThat(toldOf(scenario)).containsExactly(BERT);
      assertThat(scenario.opened.get("slow.example")).hasValue(2);
      go.countDown();
    }
  }

  @Test
  void whatIsDeliveredThoughItWasDeletedInFlightIsSaidToBeSent() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.duringSend =
          () -> {
            sending.countDown();
            QueueTest.await(go);
          };
      var id = scenario.accept("lan", BERT);
      sending.await();
      scenario.act(Control.Action.DELETE, List.of(id), "spam");
      go.countDown();
      eventually("gone", () -> scenario.place(id).equals("gone"));
      assertThat(scenario.attempts(id))
          .singleElement()
          .matches(attempt -> attempt.status().equals("sent"));
      assertThat(scenario.removed(id)).isTrue();
    }
  }

  @Test
  void whileTheDiskFailsNothingIsSaidToBeDone() throws Exception {
    try (var scenario = new Scenario()) {
      var id = inMemory(scenario);
      scenario.spool.failWith(new SpoolException("no such device", false));
      assertThatThrownBy(() -> scenario.act(Control.Action.HOLD, List.of(id), "look"))
          .isInstanceOf(SpoolException.class)
          .hasMessageContaining("not on the disk yet")
          .hasMessageContaining("no such device");
      scenario.spool.failWith(null);
      go.countDown();
      eventually("held", () -> scenario.place(id).equals("held"));
    }
  }
}
