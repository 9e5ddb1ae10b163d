package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Connector;
import dev.poststation.config.Fallback;
import dev.poststation.config.RouteRule;
import dev.poststation.message.QueueId;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Recipients of one mail that were deferred together come back together: one transaction for all,
/// and one notice.
class TogetherTest {
  private static final int RECIPIENTS = 40;
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);
  private static final Duration HOUR = Duration.ofHours(1);
  private final AtomicInteger transactions = new AtomicInteger();
  private final AtomicInteger compositions = new AtomicInteger();

  private Scenario scenario(Duration warnAfter) {
    var settings = Scenario.settings(Duration.ofDays(5), Duration.ofDays(2), warnAfter, 500);
    var scenario = new Scenario(1000, settings);
    var random = new Random(1);
    scenario.chance = random::nextInt;
    scenario.duringSend = transactions::incrementAndGet;
    scenario.duringNotices = compositions::incrementAndGet;
    scenario.answer = (_, _) -> Scenario.GREYLISTED;
    return scenario;
  }

  private static QueueId accept(Scenario scenario) {
    String[] recipients =
        IntStream.range(0, RECIPIENTS)
            .mapToObj(i -> "user" + i + "@a.example")
            .toArray(String[]::new);
    return scenario.accept("lan", recipients);
  }

  /// The first attempt for each: no time passes but what the attempts take.
  private static void attempted(Scenario scenario, QueueId id) {
    eventually("attempted", () -> scenario.attempts(id).size() >= RECIPIENTS);
    eventually("nothing in flight", () -> scenario.queue.load().active() == 0);
    assertThat(scenario.attempts(id)).hasSize(RECIPIENTS);
  }

  /// Passes the wait, and then second by second until there was another attempt for each.
  private static void attempted(Scenario scenario, QueueId id, int times, Duration wait) {
    scenario.time.advance(wait);
    for (int i = 0; i < 1000 && scenario.attempts(id).size() < times * RECIPIENTS; i++) {
      scenario.time.advance(Duration.ofSeconds(1));
      eventually("at rest", scenario::atRest);
      eventually("nothing in flight", () -> scenario.queue.load().active() == 0);
    }
    assertThat(scenario.attempts(id)).hasSize(times * RECIPIENTS);
  }

  @Test
  void recipientsOfAllDomainsGoTogetherToASmarthostAlsoWhereTheDnsIsAsked() {
    try (var scenario = scenario(HOUR)) {
      scenario.asking = true;
      scenario.routes = _ -> List.of("provider");
      scenario.answer = (_, _) -> Scenario.OK;
      var id = scenario.accept("lan", "anna@a.example", "bert@b.example", "carl@c.example");
      eventually("removed", () -> scenario.removed(id));
      assertThat(transactions).hasValue(1);
    }
  }

  /// Only a smarthost has the mail of all domains in one: MX leads elsewhere for each.
  private static Scenario withMxAfter(Fallback... more) {
    var scenario = new Scenario();
    scenario.routes = _ -> List.of("provider", "mx");
    scenario.connectors = name -> Scenario.connector(name, 25, name.equals("mx") ? 20 : 1);
    scenario.destination =
        (by, domain) -> by.type() == Connector.Type.MX ? by.name() + ":" + domain : by.name();
    var fallback = EnumSet.copyOf(RouteRule.USUAL);
    fallback.addAll(List.of(more));
    scenario.fallback = fallback;
    return scenario;
  }

  private static QueueId toThreeDomains(Scenario scenario) {
    return scenario.accept(
        "lan", "anna@a.example", "bert@b.example", "carl@c.example", "cora@c.example");
  }

  private static List<String> sent(Scenario scenario, QueueId id) {
    String before = id + " ";
    return scenario.sent.stream()
        .filter(line -> line.startsWith(before))
        .map(line -> line.substring(before.length()))
        .sorted()
        .toList();
  }

  private static final String[] BY_MX = {
    "anna@a.example by mx:a.example",
    "bert@b.example by mx:b.example",
    "carl@c.example by mx:c.example",
    "cora@c.example by mx:c.example"
  };

  @Test
  void aMailPartsByDomainWhenItsSmarthostIsDownAndMxComesAfterItAndNotBefore() {
    try (var scenario = withMxAfter()) {
      scenario.duringSend = transactions::incrementAndGet;
      var before = toThreeDomains(scenario);
      eventually("removed", () -> scenario.removed(before));
      assertThat(transactions).hasValue(1);
      assertThat(sent(scenario, before)).hasSize(4).allMatch(each -> each.endsWith(" by provider"));

      scenario.down.add("provider");
      scenario.connectors = name -> Scenario.connector(name, 26, 20);
      scenario.queue.redirect(scenario.directions()); // Its connection is not used again.
      transactions.set(0);
      scenario.answer =
          (_, recipient) ->
              recipient.address().toString().startsWith("anna") ? Scenario.GREYLISTED : Scenario.OK;
      var during = toThreeDomains(scenario);
      eventually("one waits", () -> scenario.place(during).equals("deferred"));
      assertThat(transactions).hasValue(3);
      assertThat(sent(scenario, during)).isEqualTo(List.of(BY_MX).subList(1, 4));

      scenario.restart();
      scenario.down.clear();
      scenario.answer = (_, _) -> Scenario.OK;
      scenario.time.advance(MINUTE);
      scenario.eventually("removed", () -> scenario.removed(during));
      assertThat(sent(scenario, during)).hasSize(4).contains("anna@a.example by provider");
      transactions.set(0);
      var after = toThreeDomains(scenario);
      eventually("removed", () -> scenario.removed(after));
      assertThat(transactions).hasValue(1);
    }
  }

  @Test
  void itPartsAlsoWhenAllConnectionsOfTheSmarthostAreInUse() {
    try (var scenario = withMxAfter(Fallback.BUSY)) {
      var go = new CountDownLatch(1);
      scenario.answer =
          (destination, _) -> {
            if (destination.equals("provider")) {
              QueueTest.await(go);
            }
            return Scenario.OK;
          };
      var first = scenario.accept("lan", "first@a.example");
      eventually("it is at work", () -> scenario.concurrent.get() == 1);
      var second = toThreeDomains(scenario);
      eventually("the other is gone", () -> scenario.removed(second));
      assertThat(sent(scenario, second)).containsExactly(BY_MX);
      go.countDown();
      eventually("all are gone", () -> scenario.removed(first));
    }
  }

  @Test
  void whatPartedGoesTogetherAgainAfterAReload() {
    try (var scenario = withMxAfter()) {
      scenario.connectors = name -> Scenario.connector(name, 25, 1);
      scenario.down.add("provider");
      var go = new CountDownLatch(1);
      scenario.answer =
          (destination, _) -> {
            if (!destination.equals("provider")) {
              QueueTest.await(go);
            }
            return Scenario.OK;
          };
      var first = toThreeDomains(scenario);
      eventually("it is at work", () -> scenario.concurrent.get() == 3);
      var second = toThreeDomains(scenario);
      eventually("the other waits", () -> scenario.queue.load().ready() == 3);
      scenario.down.clear();
      scenario.duringSend = transactions::incrementAndGet;
      scenario.queue.redirect(scenario.directions());
      eventually("the other is gone", () -> scenario.removed(second));
      assertThat(transactions).hasValue(1);
      go.countDown();
      eventually("all are gone", () -> scenario.removed(first));
    }
  }

  @Test
  void itPartsWhenItIsLetGoOnFromAConnectorThatHolds() throws Exception {
    try (var scenario = withMxAfter()) {
      scenario.routes = _ -> List.of("hold", "mx");
      var id = toThreeDomains(scenario);
      eventually("held", () -> scenario.place(id).equals("held"));
      scenario.act(Control.Action.RELEASE, List.of(id), "");
      scenario.eventually("removed", () -> scenario.removed(id));
      assertThat(sent(scenario, id)).containsExactly(BY_MX);
    }
  }

  @Test
  void recipientsThatWereDeferredTogetherGoTogetherAtEachLaterAttempt() {
    try (var scenario = scenario(Duration.ZERO)) {
      var id = accept(scenario);
      attempted(scenario, id);
      attempted(scenario, id, 2, MINUTE);
      attempted(scenario, id, 3, FIVE_MINUTES);
      scenario.answer = (_, _) -> Scenario.OK;
      attempted(scenario, id, 4, HOUR);
      assertThat(transactions).hasValue(4);
    }
  }

  @Test
  void thoseWhomANextHopTookInSeveralTransactionsComeBackInOneGo() {
    try (var scenario = scenario(Duration.ZERO)) {
      scenario.duringSend =
          () -> {
            transactions.incrementAndGet();
            scenario.time.advance(Duration.ofSeconds(1));
          };
      scenario.answer =
          (_, recipient) ->
              recipient.number() < transactions.get() * 10 ? Scenario.GREYLISTED : null;
      var id = accept(scenario);
      attempted(scenario, id);
      assertThat(transactions).hasValue(4);
      scenario.answer = (_, _) -> Scenario.OK;
      attempted(scenario, id, 2, MINUTE.minusSeconds(5));
      assertThat(transactions).hasValue(5);
    }
  }

  @Test
  void whoWereDeferredTogetherAreToldOfInOneBounce() {
    try (var scenario = scenario(Duration.ZERO)) {
      var id = accept(scenario);
      attempted(scenario, id);
      scenario.answer = (_, _) -> Scenario.REFUSED;
      attempted(scenario, id, 2, MINUTE);
      assertThat(scenario.told).hasSize(RECIPIENTS);
      assertThat(compositions).hasValue(1);
    }
  }

  @Test
  void whoWereDeferredTogetherAreWarnedOfInOneNotice() {
    try (var scenario = scenario(Duration.ofMinutes(5))) {
      var id = accept(scenario);
      attempted(scenario, id);
      attempted(scenario, id, 2, MINUTE);
      attempted(scenario, id, 3, FIVE_MINUTES);
      assertThat(scenario.told).hasSize(RECIPIENTS);
      assertThat(compositions).hasValue(1);
    }
  }
}
