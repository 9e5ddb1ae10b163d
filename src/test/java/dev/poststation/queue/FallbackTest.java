package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Fallback;
import dev.poststation.log.Event;
import dev.poststation.message.Outcome;
import dev.poststation.smtp.EnhancedStatus;
import dev.poststation.smtp.Reply;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What sends mail on to the next connector of its route, and what does not.
class FallbackTest {
  private static final Outcome.Deferred LOGIN =
      new Outcome.Deferred(
          Outcome.Stage.AUTH, new EnhancedStatus(4, 7, 8), "535 wrong password", null);
  private static final Outcome.Deferred GONE_AT_THE_LOGIN =
      new Outcome.Deferred(
          Outcome.Stage.AUTH, new EnhancedStatus(4, 4, 2), "lost the connection", null);
  private static final Outcome LOGIN_FIRST =
      new Outcome.Deferred(
          Outcome.Stage.MAIL,
          new EnhancedStatus(4, 7, 0),
          "530 5.7.0 log in first",
          Reply.of(530, "5.7.0", "log in first"));
  private static final Outcome BUSY_AT_THE_END =
      new Outcome.Deferred(
          Outcome.Stage.END,
          new EnhancedStatus(4, 3, 0),
          "451 4.3.0 busy",
          Reply.of(451, "4.3.0", "busy"));

  private static Scenario route(Set<Fallback> fallback) {
    var scenario = new Scenario();
    scenario.routes = _ -> List.of("first", "second");
    scenario.fallback = fallback;
    return scenario;
  }

  /// @return whether the second connector delivered it at once; else it waits
  private static boolean passedOn(Scenario scenario) {
    var id = scenario.accept("lan", "anna@example.net");
    eventually(
        "settled",
        () -> scenario.removed(id) || Set.of("deferred", "parked").contains(scenario.place(id)));
    return scenario.removed(id);
  }

  private static boolean passedOn(Fallback only, Outcome said) {
    try (var scenario = route(Set.of(only))) {
      scenario.answer = (name, _) -> name.equals("first") ? said : Scenario.OK;
      return passedOn(scenario);
    }
  }

  @ParameterizedTest
  @EnumSource(Fallback.class)
  void onlyAConnectionThatFailsIsPassedOnByConnection(Fallback only) {
    try (var scenario = route(Set.of(only))) {
      scenario.down.add("first");
      assertThat(passedOn(scenario)).isEqualTo(only == Fallback.CONNECTION);
    }
  }

  @ParameterizedTest
  @EnumSource(Fallback.class)
  void onlyALoginThatFailsIsPassedOnByAuth(Fallback only) {
    try (var scenario = route(Set.of(only))) {
      scenario.failure = LOGIN;
      scenario.down.add("first");
      assertThat(passedOn(scenario)).isEqualTo(only == Fallback.AUTH);
    }
    assertThat(passedOn(only, LOGIN_FIRST)).isEqualTo(only == Fallback.AUTH);
  }

  @ParameterizedTest
  @EnumSource(Fallback.class)
  void aHostThatIsGoneWhileWeLogInIsPassedOnByAuthAndByConnection(Fallback only) {
    try (var scenario = route(Set.of(only))) {
      scenario.failure = GONE_AT_THE_LOGIN;
      scenario.down.add("first");
      assertThat(passedOn(scenario))
          .isEqualTo(EnumSet.of(Fallback.AUTH, Fallback.CONNECTION).contains(only));
    }
  }

  @ParameterizedTest
  @EnumSource(Fallback.class)
  void aHostThatCannotKeepRequiretlsIsPassedOnByConnection(Fallback only) {
    try (var scenario = route(Set.of(only))) {
      scenario.failure = Scenario.WITHOUT_REQUIRETLS;
      scenario.down.add("first");
      var id = scenario.accept("lan", "anna@example.net");
      eventually("at its end", () -> scenario.removed(id));
      assertThat(scenario.sent.stream().anyMatch(each -> each.endsWith(" by second")))
          .isEqualTo(only == Fallback.CONNECTION);
    }
  }

  /// The first, which is down, may keep it; the second cannot.
  @Test
  void whileAConnectorBeforeCouldNotBeAskedNothingIsReturnedForWantOfRequiretls() {
    try (var scenario = route(Set.of(Fallback.CONNECTION))) {
      scenario.down.add("first");
      scenario.down.add("second");
      scenario.duringOpen =
          where ->
              scenario.failure =
                  where.name().equals("first") ? Scenario.UNREACHABLE : Scenario.WITHOUT_REQUIRETLS;
      var id = scenario.accept("lan", "anna@example.net");
      eventually("waits", () -> scenario.place(id).equals("deferred"));
      assertThat(scenario.attempts(id).getLast().text())
          .isEqualTo(
              "does not offer REQUIRETLS, which the mail demands; a host that may know better"
                  + " could not be asked now");
    }
  }

  /// The first mail set the destination aside; for the second nobody asks again.
  @ParameterizedTest
  @EnumSource(names = {"CONNECTION", "AUTH"})
  void whatSetADestinationAsideStillDecidesForTheMailAfterIt(Fallback only) {
    try (var scenario = route(Set.of(only))) {
      scenario.failure = LOGIN;
      scenario.down.add("first");
      passedOn(scenario);
      assertThat(passedOn(scenario)).isEqualTo(only == Fallback.AUTH);
      assertThat(scenario.opened.get("first")).hasValue(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Fallback.class)
  void mailThatMailIsAnsweredTo4yzIsPassedOnByMailAndByAny(Fallback only) {
    assertThat(passedOn(only, Scenario.UNWILLING))
        .isEqualTo(EnumSet.of(Fallback.MAIL_4YZ, Fallback.ANY_4YZ).contains(only));
  }

  @ParameterizedTest
  @EnumSource(Fallback.class)
  void aRecipientOrAContentThatIsPutOffIsPassedOnByAnyAlone(Fallback only) {
    assertThat(passedOn(only, Scenario.GREYLISTED)).isEqualTo(only == Fallback.ANY_4YZ);
    assertThat(passedOn(only, BUSY_AT_THE_END)).isEqualTo(only == Fallback.ANY_4YZ);
  }

  @Test
  void whatTheFirstMayHaveTakenIsNeverPassedOn() {
    for (var only : Fallback.values()) {
      assertThat(passedOn(only, Scenario.LOST)).isFalse();
    }
  }

  /// What a reused connection lost without a reply, and what the host that may have taken it says
  /// when it is asked again.
  ///
  /// @return the attempts of that mail
  private static List<Event.Attempted> lostAndAskedAgain(Consumer<Scenario> then) {
    // Not by `busy`: the mail before may be gone while its connection is still in use.
    try (var scenario = route(EnumSet.complementOf(EnumSet.of(Fallback.BUSY)))) {
      scenario.connectors = name -> Scenario.connector(name, 25, 1);
      assertThat(passedOn(scenario)).isTrue();
      scenario.unheard = () -> then.accept(scenario);
      var id = scenario.accept("lan", "bert@example.net");
      eventually("settled", () -> scenario.removed(id) || scenario.place(id).equals("deferred"));
      assertThat(scenario.sent).noneMatch(each -> each.endsWith(" by second"));
      return scenario.attempts(id);
    }
  }

  @Test
  void whatAReusedConnectionLostWithoutAReplyIsAskedOfTheSameHostAtOnce() {
    assertThat(lostAndAskedAgain(_ -> {}))
        .singleElement()
        .satisfies(
            attempt -> {
              assertThat(attempt.attempt()).isEqualTo(1);
              assertThat(attempt.dialogue()).contains("* nobody knows");
            });
  }

  @Test
  void whatAReusedConnectionLostWithoutAReplyWaitsForThatHostIfItIsDown() {
    assertThat(lostAndAskedAgain(scenario -> scenario.down.add("first")))
        .singleElement()
        .satisfies(attempt -> assertThat(attempt.text()).contains("lost connection"));
  }

  @Test
  void whatAReusedConnectionLostWithoutAReplyWaitsForThatHostIfItIsToComeLater() {
    assertThat(
            lostAndAskedAgain(
                scenario ->
                    scenario.answer =
                        (name, _) -> name.equals("first") ? Scenario.UNWILLING : Scenario.OK))
        .singleElement()
        .satisfies(attempt -> assertThat(attempt.text()).contains("lost connection"));
  }

  @Test
  void withoutAWordTheFirstIsLeftForWhatIsNotTheFaultOfTheMail() {
    try (var scenario = new Scenario()) {
      assertThat(scenario.fallback)
          .containsExactlyInAnyOrder(Fallback.CONNECTION, Fallback.AUTH, Fallback.MAIL_4YZ);
    }
  }
}
