package dev.poststation.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Connector;
import dev.poststation.config.TlsTerms;
import dev.poststation.message.QueueId;
import dev.poststation.route.Assurance;
import dev.poststation.sim.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// How many connections a destination gets, and for how many mails.
class ConnectionsTest {
  private static final String NEXT = "example.net";

  private static List<QueueId> burst(Scenario scenario, int mails) {
    List<QueueId> ids = new ArrayList<>();
    for (int i = 0; i < mails; i++) {
      ids.add(scenario.accept("lan", "user" + i + "@" + NEXT));
    }
    return ids;
  }

  private static int window(Scenario scenario) {
    return scenario.queue.load().destinations().getFirst().window();
  }

  @Test
  void mailsThatComeOneAfterTheOtherShareConnections() {
    try (var scenario = new Scenario()) {
      for (int i = 0; i < 50; i++) {
        var id = scenario.accept("lan", "anna@" + NEXT);
        // Without the clock: a connection is kept for a while only.
        Eventually.eventually("removed", () -> scenario.removed(id));
      }
      // Some come before the worker of the last one rests: at most as many as the window allows.
      assertThat(scenario.opened.get(NEXT).get()).isLessThanOrEqualTo(5);
    }
  }

  @Test
  void aConnectionThatRestsForTooLongIsClosed() {
    try (var scenario = new Scenario()) {
      var id = scenario.accept("lan", "anna@" + NEXT);
      Eventually.eventually("removed", () -> scenario.removed(id));
      assertThat(scenario.opened.get(NEXT)).hasValue(1);
      scenario.eventually(
          "closed",
          () ->
              scenario.queue.load().destinations().stream().allMatch(at -> at.connections() == 0));
    }
  }

  private static void send(Scenario scenario) {
    var id = scenario.accept("lan", "anna@" + NEXT);
    Eventually.eventually("removed", () -> scenario.removed(id));
  }

  @Test
  void aConnectionThatWasOpenedUnderWeakerTermsCarriesNoMailUnderStrongerOnes() {
    try (var scenario = new Scenario()) {
      scenario.connectors = name -> Scenario.connector(name, 25, 1);
      send(scenario);
      send(scenario);
      assertThat(scenario.opened.get(NEXT)).hasValue(1);
      scenario.assurance = new Assurance(true, Connector.Tls.VERIFY, "a policy", List.of());
      send(scenario);
      assertThat(scenario.opened.get(NEXT)).as("another one, under these terms").hasValue(2);
      scenario.assurance = new Assurance(true, Connector.Tls.VERIFY, "fetched anew", List.of());
      send(scenario);
      assertThat(scenario.opened.get(NEXT)).as("the same is demanded").hasValue(2);
    }
  }

  /// TLSA records that appear while it is never idle count from then on.
  @Test
  void aConnectionWhoseTermsAreAskedOfTheDnsIsGivenUpAfterTenMinutes() {
    var asking = TlsTerms.of(Connector.Tls.DANE, "tls");
    for (var terms : List.of(TlsTerms.of(Connector.Tls.VERIFY, "tls"), asking)) {
      try (var scenario = new Scenario()) {
        scenario.connectors = name -> Scenario.connector(name, 25, 1).under(terms);
        scenario.duringSend = () -> scenario.time.advance(Duration.ofMinutes(6));
        send(scenario);
        send(scenario);
        assertThat(scenario.openings).hasSize(1);
        send(scenario);
        assertThat(scenario.openings).hasSize(terms.equals(asking) ? 2 : 1);
      }
    }
  }

  @Test
  void aConnectionToAHostThatIsNoneOfTheDestinationAnyMoreCarriesNothing() {
    try (var scenario = new Scenario()) {
      scenario.connectors = name -> Scenario.connector(name, 25, 1);
      scenario.hosts = _ -> List.of("old");
      send(scenario);
      scenario.hosts = _ -> List.of("new");
      send(scenario);
      assertThat(scenario.openings)
          .extracting(where -> where.hosts().getFirst().host())
          .containsExactly("old", "new");
    }
  }

  /// It may have taken the mail: somebody who has it twice finds the reason there.
  @Test
  void aConnectionThatIsGoneWhenItIsUsedAgainCostsNoAttemptAndIsInTheTrace() {
    try (var scenario = new Scenario()) {
      scenario.gone = true;
      List<QueueId> ids = new ArrayList<>();
      // More than connections: one at least is used again.
      for (int i = 0; i < 10; i++) {
        var id = scenario.accept("lan", "anna@" + NEXT);
        Eventually.eventually("removed", () -> scenario.removed(id));
        ids.add(id);
      }
      assertThat(ids)
          .allSatisfy(
              id ->
                  assertThat(scenario.attempts(id))
                      .singleElement()
                      .matches(attempt -> attempt.attempt() == 1));
      assertThat(ids)
          .anySatisfy(
              id ->
                  assertThat(scenario.attempts(id).getFirst().dialogue()).contains("* it is gone"));
    }
  }

  /// The burst is in memory already: nothing new comes that could ask for connections.
  @Test
  void whileMailWaitsEachRoundOfSuccessesOpensAConnectionMoreUpToTheLimit() {
    try (var scenario = new Scenario()) {
      var loaded = new CountDownLatch(1);
      var full = new CountDownLatch(1);
      var passed = new AtomicInteger();
      scenario.duringSend = () -> QueueTest.await(passed.incrementAndGet() <= 200 ? loaded : full);
      burst(scenario, 300);
      loaded.countDown();
      scenario.eventually("as many as the connector allows", () -> scenario.concurrent.get() == 20);
      full.countDown();
      scenario.eventually("all sent", () -> scenario.sent.size() == 300);
      assertThat(scenario.mostConcurrent).hasValue(20);
    }
  }

  @Test
  void connectionsThatAreRefusedTogetherHalveTheirNumberOnce() {
    try (var scenario = new Scenario()) {
      var dialed = new AtomicInteger();
      var answer = new CountDownLatch(1);
      var later = new CountDownLatch(1);
      var carried = new CountDownLatch(1);
      scenario.duringSend = () -> QueueTest.await(carried);
      scenario.duringOpen =
          _ -> {
            int number = dialed.incrementAndGet();
            if (number > 1) {
              QueueTest.await(number > 5 ? later : answer);
            }
          };
      var ids = burst(scenario, 10);
      scenario.eventually("one works, four are dialed", () -> dialed.get() == 5);
      scenario.down.add(NEXT);
      answer.countDown();
      // One of two may be dialed again when all four are refused: of one, none.
      scenario.eventually("dialed again", () -> dialed.get() == 6);
      assertThat(window(scenario)).isEqualTo(2);
      scenario.down.clear();
      later.countDown();
      carried.countDown();
      scenario.eventually("removed", () -> ids.stream().allMatch(scenario::removed));
      assertThat(ids).allMatch(id -> scenario.attempts(id).size() == 1);
    }
  }

  @Test
  void aConnectionThatIsRefusedWhileOthersWorkHalvesTheirNumberAndCostsNoAttempt() {
    try (var scenario = new Scenario()) {
      var first = new CountDownLatch(1);
      var second = new CountDownLatch(1);
      var passed = new AtomicInteger();
      scenario.duringSend = () -> QueueTest.await(passed.incrementAndGet() <= 12 ? first : second);
      var ids = burst(scenario, 30);
      scenario.eventually("five at once", () -> scenario.concurrent.get() == 5);
      assertThat(window(scenario)).isEqualTo(5);
      scenario.down.add(NEXT); // Those that are open stay so.
      first.countDown();
      scenario.eventually("fewer", () -> window(scenario) < 5);
      scenario.down.clear();
      second.countDown();
      scenario.eventually("removed", () -> ids.stream().allMatch(scenario::removed));
      assertThat(ids).allMatch(id -> scenario.attempts(id).size() == 1);
    }
  }
}
