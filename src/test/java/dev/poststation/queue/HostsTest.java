package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.route.NextHop;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Destinations of several hosts, of which some greet us and then take no mail (RFC 5321 5.1).
class HostsTest {
  private static List<List<String>> tried(Scenario scenario) {
    return scenario.openings.stream()
        .map(destination -> destination.hosts().stream().map(NextHop::host).toList())
        .toList();
  }

  @Test
  void aHostThatGreetsUsAndTakesNoMailIsNotTheLastWord() {
    try (var scenario = new Scenario()) {
      scenario.hosts = _ -> List.of("a", "b", "c");
      scenario.unwilling.addAll(List.of("a", "b"));
      var id = scenario.accept("lan", "anna@example.net");
      eventually("removed", () -> scenario.removed(id));
      assertThat(tried(scenario))
          .containsExactly(List.of("a", "b", "c"), List.of("b", "c"), List.of("c"));
      assertThat(scenario.attempts(id))
          .singleElement()
          .matches(attempt -> attempt.attempt() == 1 && attempt.relay().startsWith("c["));
    }
  }

  @Test
  void whenNoHostTakesItTheMailWaitsAfterOneAttempt() {
    try (var scenario = new Scenario()) {
      scenario.hosts = _ -> List.of("a", "b");
      scenario.unwilling.addAll(List.of("a", "b"));
      var id = scenario.accept("lan", "anna@example.net");
      eventually("deferred", () -> scenario.place(id).equals("deferred"));
      assertThat(tried(scenario)).hasSize(2);
      scenario.unwilling.clear();
      scenario.time.advance(Duration.ofSeconds(61));
      eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.attempts(id))
          .extracting(attempt -> attempt.status() + attempt.attempt())
          .containsExactly("deferred1", "sent2");
    }
  }

  @Test
  void whenTheHostsLeftCannotBeReachedTheMailWaitsForItselfAndOneThatSpokeIsNamed() {
    try (var scenario = new Scenario()) {
      scenario.hosts = _ -> List.of("a", "b");
      scenario.unwilling.add("a");
      scenario.down.add("b");
      var id = scenario.accept("lan", "anna@example.net");
      eventually("deferred", () -> scenario.place(id).equals("deferred"));
      assertThat(scenario.attempts(id))
          .singleElement()
          .satisfies(
              attempt -> {
                assertThat(attempt.relay()).startsWith("a[");
                assertThat(attempt.text()).isEqualTo(Scenario.UNWILLING.text());
                assertThat(attempt.dialogue())
                    .containsExactly("C: a", "S: 421 going down", "* b refused");
              });
      scenario.down.clear();
      scenario.time.advance(Duration.ofSeconds(61));
      eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.sent).hasSize(1);
    }
  }

  /// It was reached: what one host says to one mail is no reason not to try the others.
  @Test
  void aHostThatRefusesOneSenderDoesNotSetADestinationAsideWhoseOtherHostsAreDown() {
    try (var scenario = new Scenario()) {
      scenario.hosts = _ -> List.of("a", "b");
      scenario.routes = _ -> List.of("provider");
      scenario.down.add("b");
      scenario.answer =
          (_, recipient) ->
              recipient.address().local().equals("bad") ? Scenario.UNWILLING : Scenario.OK;
      var bad = scenario.accept("lan", "bad@example.net");
      eventually("deferred", () -> scenario.place(bad).equals("deferred"));
      var good = scenario.accept("lan", "good@example.net");
      eventually("removed", () -> scenario.removed(good));
      assertThat(scenario.queue.load().destinations())
          .allMatch(destination -> destination.setAsideUntil() == null);
    }
  }

  @Test
  void theNextConnectorIsTriedWhenTheHostsLeftOfTheFirstCannotBeReached() {
    try (var scenario = new Scenario()) {
      scenario.hosts = name -> name.equals("first") ? List.of("a", "b") : List.of(name);
      scenario.routes = _ -> List.of("first", "second");
      scenario.unwilling.add("a");
      scenario.down.add("b");
      var id = scenario.accept("lan", "anna@example.net");
      eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.attempts(id))
          .extracting(attempt -> attempt.status() + " " + attempt.relay())
          .containsExactly("passed-on a[192.0.2.1]:25", "sent second[192.0.2.1]:25");
    }
  }

  /// Another host would only say the same.
  @Test
  void aRecipientThatIsPutOffIsNotOfferedToTheNextHost() {
    try (var scenario = new Scenario()) {
      scenario.hosts = _ -> List.of("a", "b");
      scenario.answer = (_, _) -> Scenario.GREYLISTED;
      var id = scenario.accept("lan", "anna@example.net");
      eventually("deferred", () -> scenario.place(id).equals("deferred"));
      assertThat(tried(scenario)).hasSize(1);
    }
  }

  @Test
  void theNextConnectorIsTriedWhenNoHostOfTheFirstTakesTheMail() {
    try (var scenario = new Scenario()) {
      scenario.routes = _ -> List.of("first", "second");
      scenario.unwilling.add("first");
      var id = scenario.accept("lan", "anna@example.net");
      eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.sent).singleElement().matches(line -> line.endsWith("by second"));
      assertThat(scenario.attempts(id))
          .extracting(attempt -> attempt.status())
          .containsExactly("passed-on", "sent");
    }
  }
}
