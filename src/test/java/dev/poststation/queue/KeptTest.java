package dev.poststation.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.QueueId;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Connectors of type hold and discard: they keep what comes to them.
class KeptTest {
  private static final Duration TOO_LONG = Duration.ofDays(30);

  private static List<String> attempts(Scenario scenario, QueueId id) {
    return scenario.attempts(id).stream()
        .map(each -> each.to().local() + " " + each.attempt() + " " + each.status())
        .toList();
  }

  private static QueueEntry entry(Scenario scenario, QueueId id) throws Exception {
    return scenario.control.entry(id).orElseThrow();
  }

  private static QueueId held(Scenario scenario, String... recipients) {
    var id = scenario.accept("lan", recipients);
    scenario.eventually("held", () -> scenario.place(id).equals("held"));
    return id;
  }

  @Test
  void aMailForAConnectorThatHoldsWaitsWithoutEndAndSaysWhy() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.routes = _ -> List.of("hold", "next");
      var id = held(scenario, "anna@example.net", "bert@example.org");
      scenario.time.advance(TOO_LONG);
      scenario.restart();
      scenario.eventually("at rest", scenario::atRest);

      assertThat(scenario.place(id)).isEqualTo("held");
      assertThat(scenario.told).isEmpty();
      assertThat(attempts(scenario, id)).containsExactly("anna 0 held", "bert 0 held");
      var line = entry(scenario, id).recipients().getFirst();
      assertThat(line.phase()).isEqualTo("waiting");
      assertThat(line.next()).isNull();
      assertThat(line.destination()).isEqualTo("hold");
      assertThat(line.reason()).isEqualTo("held: connector hold (default) holds");
    }
  }

  @Test
  void aReleasedMailGoesByTheConnectorAfterItThoughThatDefersIt() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.routes = _ -> List.of("hold", "next");
      var id = held(scenario, "anna@example.net");
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      scenario.time.advance(TOO_LONG);
      assertThat(scenario.control.wouldAct(Control.Action.RELEASE, entry(scenario, id))).isTrue();
      assertThat(scenario.act(Control.Action.RELEASE, List.of(id), "")).containsExactly(id);
      scenario.eventually("tried", () -> attempts(scenario, id).size() >= 2);

      assertThat(attempts(scenario, id)).startsWith("anna 0 held", "anna 1 expired");
    }
  }

  @Test
  void aReleasedMailIsNotHeldAgainAtItsNextAttempt() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.routes = _ -> List.of("hold", "next");
      var id = held(scenario, "anna@example.net");
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      scenario.act(Control.Action.RELEASE, List.of(id), "");
      // What is released is deferred, too, until it is tried.
      scenario.eventually("tried", () -> attempts(scenario, id).size() == 2);
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
      scenario.restart();
      scenario.answer = (_, _) -> Scenario.OK;
      scenario.eventually("removed", () -> scenario.removed(id));

      assertThat(attempts(scenario, id))
          .containsExactly("anna 0 held", "anna 1 deferred", "anna 2 sent");
    }
  }

  @Test
  void aReleasedMailGoesByAnotherRouteThatWasWrittenMeanwhile() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.routes = _ -> List.of("hold");
      var id = held(scenario, "anna@example.net");
      scenario.act(Control.Action.RELEASE, List.of(id), "");
      scenario.eventually("held again", () -> attempts(scenario, id).size() == 2);
      scenario.eventually("held", () -> scenario.place(id).equals("held"));
      scenario.routes = _ -> List.of("next");
      scenario.queue.redirect(scenario.directions());
      scenario.eventually("at rest", scenario::atRest);
      assertThat(scenario.place(id)).isEqualTo("held");
      scenario.act(Control.Action.RELEASE, List.of(id), "");
      scenario.eventually("removed", () -> scenario.removed(id));

      assertThat(scenario.sent).containsExactly(id + " anna@example.net by next");
    }
  }

  @Test
  void theOtherRecipientsOfAMailGoOnWhileOneIsHeld() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.routes = domain -> List.of(domain.equals("held.example") ? "hold" : "next");
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var id = scenario.accept("lan", "anna@held.example", "bert@example.net");
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
      assertThat(scenario.act(Control.Action.HOLD, List.of(id), "")).containsExactly(id);
      assertThat(scenario.act(Control.Action.RELEASE, List.of(id), "")).containsExactly(id);
      scenario.eventually("held again", () -> attempts(scenario, id).contains("bert 2 deferred"));
      scenario.answer = (_, _) -> Scenario.OK;
      scenario.eventually("held", () -> scenario.place(id).equals("held"));
      assertThat(attempts(scenario, id)).endsWith("bert 3 sent");

      scenario.routes = _ -> List.of("next");
      scenario.queue.redirect(scenario.directions());
      scenario.act(Control.Action.RELEASE, List.of(id), "");
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(attempts(scenario, id)).endsWith("anna 1 sent");
    }
  }

  @Test
  void oneThatIsHeldIsReleasedThoughItsMailWaitsForAnother() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.routes =
          domain -> domain.equals("held.example") ? List.of("hold", "next") : List.of("next");
      scenario.answer =
          (_, to) -> to.address().local().equals("bert") ? Scenario.GREYLISTED : Scenario.OK;
      var id = scenario.accept("lan", "anna@held.example", "bert@example.net");
      scenario.eventually("deferred", () -> scenario.place(id).equals("deferred"));
      assertThat(scenario.control.wouldAct(Control.Action.RELEASE, entry(scenario, id))).isTrue();
      scenario.act(Control.Action.RELEASE, List.of(id), "");
      scenario.eventually("sent", () -> attempts(scenario, id).contains("anna 1 sent"));

      assertThat(entry(scenario, id).recipients().getLast().phase()).isEqualTo("waiting");
    }
  }

  @Test
  void whatIsHeldCanBeReturnedOrDeleted() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.routes = _ -> List.of("hold");
      var returned = held(scenario, "anna@example.net");
      var deleted = held(scenario, "bert@example.net");
      scenario.act(Control.Action.BOUNCE, List.of(returned), "not for us");
      scenario.act(Control.Action.DELETE, List.of(deleted), "");
      scenario.eventually("removed", () -> scenario.removed(returned) && scenario.removed(deleted));

      assertThat(attempts(scenario, returned)).containsExactly("anna 0 held", "anna 0 bounced");
      assertThat(scenario.told).hasSize(1);
    }
  }

  @Test
  void whatOthersCannotTakeNowIsHeldWhereTheRouteSaysSo() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.routes = _ -> List.of("next", "hold");
      scenario.down.add("next");
      var id = held(scenario, "anna@example.net");

      assertThat(attempts(scenario, id)).containsExactly("anna 0 passed-on", "anna 0 held");
    }
  }

  @Test
  void aMailForAConnectorThatDiscardsIsGoneAndTheLogSaysSo() throws Exception {
    try (var scenario = new Scenario()) {
      scenario.routes = _ -> List.of("discard");
      var id = scenario.accept("lan", "anna@example.net", "bert@example.org");
      scenario.eventually("removed", () -> scenario.removed(id));

      assertThat(attempts(scenario, id)).containsExactly("anna 0 discarded", "bert 0 discarded");
      assertThat(scenario.attempts(id).getFirst().text())
          .isEqualTo("by connector discard (default)");
      assertThat(scenario.attempts(id).getFirst().destination()).isEqualTo("discard");
      assertThat(scenario.told).isEmpty();
      assertThat(scenario.sent).isEmpty();
    }
  }
}
