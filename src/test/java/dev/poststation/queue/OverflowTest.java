package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Fallback;
import dev.poststation.config.Line;
import dev.poststation.config.Pool;
import dev.poststation.config.RouteRule;
import dev.poststation.log.Event;
import dev.poststation.message.Outcome;
import dev.poststation.message.QueueId;
import dev.poststation.smtp.EnhancedStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/// `busy` in `fallback`: mail that finds all connections of its connector in use. Where the clock
/// stands still, nothing that was forgotten is found later.
class OverflowTest {
  /// Before it said anything to the mail.
  private static final Outcome HUNG_UP =
      new Outcome.Deferred(
          Outcome.Stage.MAIL, new EnhancedStatus(4, 4, 2), "connection closed", null);

  /// Each destination takes a mail when the test says so.
  private final Map<String, Semaphore> gates = new ConcurrentHashMap<>();

  private Scenario scenario(int first, int second) {
    var scenario = new Scenario();
    scenario.routes = _ -> List.of("first", "second");
    scenario.fallback = with(Fallback.BUSY);
    scenario.connectors =
        name -> Scenario.connector(name, 25, name.startsWith("first") ? first : second);
    scenario.answer =
        (destination, _) -> {
          gate(destination).acquireUninterruptibly();
          return Scenario.OK;
        };
    return scenario;
  }

  private static EnumSet<Fallback> with(Fallback one) {
    var all = EnumSet.copyOf(RouteRule.USUAL);
    all.add(one);
    return all;
  }

  private Semaphore gate(String destination) {
    return gates.computeIfAbsent(destination, _ -> new Semaphore(0));
  }

  private static List<QueueId> accept(Scenario scenario, int mails) {
    return accept(scenario, mails, "anna@example.net");
  }

  private static List<QueueId> accept(Scenario scenario, int mails, String to) {
    List<QueueId> ids = new ArrayList<>();
    for (int i = 0; i < mails; i++) {
      ids.add(scenario.accept("lan", to));
    }
    return ids;
  }

  private void allGo() {
    for (var name : List.of("first", "second", "third")) {
      gate(name).release(1_000_000);
    }
  }

  private static long waiting(Scenario scenario, String destination) {
    return scenario.queue.load().destinations().stream()
        .filter(view -> view.name().equals(destination))
        .mapToInt(DestinationView::ready)
        .sum();
  }

  private int inUse(String destination) {
    return gate(destination).getQueueLength();
  }

  private void eventuallyInUse(int first, int second) {
    eventually(
        first + " and " + second + " connections carry mail",
        () -> inUse("first") == first && inUse("second") == second);
  }

  private static List<String> by(Scenario scenario, QueueId id) {
    return scenario.attempts(id).stream()
        .map(each -> each.destination() + " " + each.status())
        .toList();
  }

  @Test
  void mailThatFindsAllConnectionsInUseGoesToTheNextConnectorAndItsTraceSaysSo() {
    try (var scenario = scenario(4, 20)) {
      var ids = accept(scenario, 6);
      eventuallyInUse(4, 2);
      assertThat(scenario.open.get("first").most()).isEqualTo(4);
      allGo();
      eventually("all are gone", () -> ids.stream().allMatch(scenario::removed));
      var over = ids.stream().filter(id -> scenario.attempts(id).size() == 2).toList();
      assertThat(over).hasSize(2);
      assertThat(over)
          .allSatisfy(
              id -> {
                assertThat(by(scenario, id)).containsExactly("first passed-on", "second sent");
                var left = scenario.attempts(id).getFirst();
                assertThat(left.text()).isEqualTo("all 4 connections of first are in use");
                assertThat(left.attempt()).as("it was none").isZero();
              });
    }
  }

  @Test
  void withoutTheWordItWaits() {
    try (var scenario = scenario(4, 20)) {
      scenario.fallback = RouteRule.USUAL;
      var ids = accept(scenario, 6);
      eventually("two wait", () -> inUse("first") == 4 && waiting(scenario, "first") == 2);
      allGo();
      eventually("all are gone", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.opened).doesNotContainKey("second");
    }
  }

  /// A host that has taken all of them so far gets as many as it may have before mail leaves it.
  @Test
  void aBurstHasAllConnectionsOfTheFirstBeforeAnyOfTheNext() {
    try (var scenario = scenario(20, 20)) {
      accept(scenario, 20);
      eventuallyInUse(20, 0);
      accept(scenario, 1);
      eventuallyInUse(20, 1);
      allGo();
    }
  }

  @Test
  void whenAllAreInUseEverywhereItWaitsAtTheFirstAndGoesByWhicheverIsFreeFirst() {
    try (var scenario = scenario(2, 3)) {
      var ids = accept(scenario, 20);
      eventuallyInUse(2, 3);
      eventually("the rest waits", () -> waiting(scenario, "first") == 15);
      assertThat(waiting(scenario, "second")).isZero();
      // The first takes none at all, and yet everything goes.
      for (int i = 0; i < 18; i++) {
        int left = 18 - i - 1;
        gate("second").release();
        eventually("another one is under way", () -> inUse("second") == Math.min(3, left));
      }
      eventually("but two are gone", () -> scenario.sent.size() == 18);
      assertThat(inUse("first")).isEqualTo(2);
      allGo();
      eventually("all are gone", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.sent).hasSize(20).doesNotHaveDuplicates();
      assertThat(scenario.open.get("second").most()).isEqualTo(3);
    }
  }

  @Test
  void thoseWhoWaitGoInTheirOrder() {
    try (var scenario = scenario(1, 1)) {
      List<QueueId> ids = new ArrayList<>(accept(scenario, 1));
      eventuallyInUse(1, 0);
      ids.addAll(accept(scenario, 11));
      eventuallyInUse(1, 1);
      for (int i = 1; i <= 10; i++) {
        int sent = i;
        gate("second").release();
        eventually("one more is gone", () -> scenario.sent.size() == sent);
      }
      var expected = ids.subList(1, 11).stream().map(QueueId::toString).toList();
      assertThat(scenario.sent.stream().map(line -> line.substring(0, line.indexOf(' '))).toList())
          .isEqualTo(expected);
      allGo();
    }
  }

  @Test
  void aConnectionOfTheFirstThatIsFreeAgainHasTheNextMail() {
    try (var scenario = scenario(1, 1)) {
      accept(scenario, 2);
      eventuallyInUse(1, 1);
      gate("first").release();
      eventually("one is gone", () -> scenario.sent.size() == 1);
      var third = accept(scenario, 1).getFirst();
      eventuallyInUse(1, 1);
      allGo();
      eventually("it is gone", () -> scenario.removed(third));
      assertThat(by(scenario, third)).containsExactly("first sent");
    }
  }

  @Test
  void aChainOfConnectorsIsFilledInItsOrder() {
    try (var scenario = scenario(1, 1)) {
      scenario.routes = _ -> List.of("first", "second", "third");
      var ids = accept(scenario, 4);
      eventually(
          "each carries one",
          () -> inUse("first") == 1 && inUse("second") == 1 && inUse("third") == 1);
      eventually("the last one waits", () -> waiting(scenario, "first") == 1);
      gate("third").release(2);
      eventually(
          "two went by the third", () -> ids.stream().filter(scenario::removed).count() == 2);
      var over = ids.stream().filter(id -> by(scenario, id).contains("third sent")).toList();
      assertThat(over)
          .allSatisfy(
              id -> {
                assertThat(by(scenario, id)).containsExactly("first passed-on", "third sent");
                assertThat(scenario.attempts(id).getFirst().text())
                    .isEqualTo("the only connection of first is in use, as are those of second");
              });
      allGo();
    }
  }

  @Test
  void whoGoesOnToOneThatIsDeadComesBackAndWaitsWhereItWas() {
    try (var scenario = scenario(1, 20)) {
      scenario.down.add("second");
      List<QueueId> ids = new ArrayList<>(accept(scenario, 1));
      eventuallyInUse(1, 0);
      ids.addAll(accept(scenario, 2));
      eventually("two wait", () -> inUse("first") == 1 && waiting(scenario, "first") == 2);
      gate("first").release(3);
      eventually("all are gone", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.opened.get("second").get()).isLessThanOrEqualTo(2);
      assertThat(by(scenario, ids.get(1)))
          .containsExactly("first passed-on", "second passed-on", "first sent");
      assertThat(scenario.attempts(ids.get(1)).get(1).text())
          .endsWith("connection refused; back to wait for connector first");
      assertThat(by(scenario, ids.getLast())).endsWith("first sent");
    }
  }

  @Test
  void nobodyGoesOnToOneThatIsSetAsideUntilItIsBack() {
    try (var scenario = scenario(1, 20)) {
      scenario.down.add("second");
      accept(scenario, 2);
      eventually("one came back", () -> inUse("first") == 1 && waiting(scenario, "first") == 1);
      var third = accept(scenario, 1).getFirst();
      eventually("it waits", () -> waiting(scenario, "first") == 2);
      assertThat(scenario.attempts(third)).isEmpty();
      scenario.down.clear();
      scenario.time.advance(Duration.ofMinutes(2));
      scenario.eventually("it is asked without mail, and takes it", () -> inUse("second") == 1);
      allGo();
      scenario.eventually("it is gone", () -> scenario.removed(third));
      assertThat(by(scenario, third)).containsExactly("first passed-on", "second sent");
    }
  }

  @Test
  void bulkLeavesAConnectionOfTheFirstToOtherMailAndGoesOn() {
    try (var scenario = scenario(3, 20)) {
      scenario.priority = -4;
      accept(scenario, 4);
      eventuallyInUse(2, 2);
      scenario.priority = 0;
      accept(scenario, 1);
      eventuallyInUse(3, 2);
      allGo();
      eventually("all are gone", () -> scenario.sent.size() == 5);
    }
  }

  @Test
  void whatTheConnectorMayHaveInAllCountsToo() {
    try (var scenario = scenario(20, 20)) {
      scenario.connectors =
          name ->
              name.equals("first")
                  ? Scenario.connector(
                      name, new Pool(1, List.of(), List.of(), 2, Pool.Per.CONNECTOR))
                  : Scenario.connector(name);
      scenario.destination = (by, domain) -> by.name() + ":" + domain;
      for (int i = 0; i < 5; i++) {
        scenario.accept("lan", "anna@d" + i + ".example");
      }
      eventually("five are at work", () -> scenario.concurrent.get() == 5);
      assertThat(scenario.open.get("first").most()).isEqualTo(2);
      assertThat(scenario.open.get("second").most()).isEqualTo(3);
      assertThat(
              scenario.events.stream()
                  .filter(Event.Attempted.class::isInstance)
                  .map(event -> ((Event.Attempted) event).text()))
          .containsOnly("all 2 connections of quota-connections of first are in use");
      gates.values().forEach(gate -> gate.release(1000));
      for (int i = 0; i < 5; i++) {
        gate("first:d" + i + ".example").release(1000);
        gate("second:d" + i + ".example").release(1000);
      }
      eventually("all are gone", () -> scenario.sent.size() == 5);
    }
  }

  /// While the DNS is asked where one goes, its connection is free still.
  @Test
  void oneFreeConnectionOfAConnectorThatAsksTheDnsHasOneMail() {
    try (var scenario = scenario(1, 1)) {
      scenario.connectors =
          name ->
              Scenario.connector(name, new Pool(1, List.of(), List.of(), 1, Pool.Per.CONNECTOR));
      scenario.asking = true;
      var held = new Semaphore(0);
      accept(scenario, 12);
      eventuallyInUse(1, 1);
      eventually("ten wait", () -> waiting(scenario, "first") == 10);
      scenario.duringResolve = held::acquireUninterruptibly;
      gate("second").release();
      eventually("one is asked about", () -> held.getQueueLength() == 1);
      assertThat(waiting(scenario, "first")).isEqualTo(9);
      held.release(1000);
      eventuallyInUse(1, 1);
      assertThat(waiting(scenario, "first")).isEqualTo(9);
      allGo();
      eventually("all are gone", () -> scenario.sent.size() == 12);
    }
  }

  @Test
  void whereTheNextOneIsCarriedWhileItIsLookedAtTheOneBehindItGoes() {
    try (var scenario = scenario(1, 1)) {
      scenario.connectors =
          name ->
              Scenario.connector(name, new Pool(1, List.of(), List.of(), 1, Pool.Per.CONNECTOR));
      scenario.asking = true;
      accept(scenario, 4);
      eventuallyInUse(1, 1);
      eventually("two wait", () -> waiting(scenario, "first") == 2);
      var once = new AtomicBoolean();
      scenario.duringImmediate =
          connector -> {
            if (connector.name().equals("second") && once.compareAndSet(false, true)) {
              gate("first").release();
              eventually(
                  "the first carries the next",
                  () -> scenario.sent.size() == 2 && waiting(scenario, "first") == 1);
            }
          };
      gate("second").release();
      eventually("nobody waits", () -> waiting(scenario, "first") == 0);
      eventuallyInUse(1, 1);
      allGo();
      eventually("all are gone", () -> scenario.sent.size() == 4);
    }
  }

  @Test
  void aMailThatIsTooLargeForTheNextOneWaits() {
    try (var scenario = scenario(1, 20)) {
      var large = new Line(0, List.of(), 0, 10);
      scenario.connectors =
          name ->
              name.equals("first")
                  ? Scenario.connector(name, 25, 1)
                  : Scenario.connector(name, 25, 20, large);
      accept(scenario, 2);
      eventually("one waits", () -> inUse("first") == 1 && waiting(scenario, "first") == 1);
      allGo();
      eventually("all are gone", () -> scenario.sent.size() == 2);
      assertThat(scenario.opened).doesNotContainKey("second");
    }
  }

  @Test
  void aDestinationThatRefusesMoreConnectionsKeepsWhatItHasAndTheRestGoesOn() {
    try (var scenario = scenario(4, 20)) {
      var taken = new Semaphore(2);
      scenario.duringOpen =
          where -> {
            if (where.name().equals("first") && !taken.tryAcquire()) {
              scenario.down.add("first");
            }
          };
      accept(scenario, 1);
      eventuallyInUse(1, 0);
      accept(scenario, 1);
      eventuallyInUse(2, 0);
      accept(scenario, 1);
      eventuallyInUse(2, 1);
      allGo();
      eventually("all are gone", () -> scenario.sent.size() == 3);
    }
  }

  @Test
  void bulkHasAllButOneOfTheConnectionsThatThereMayBe() {
    try (var scenario = scenario(20, 20)) {
      scenario.priority = -4;
      accept(scenario, 19);
      eventuallyInUse(19, 0);
      accept(scenario, 1);
      eventuallyInUse(19, 1);
      allGo();
      eventually("all are gone", () -> scenario.sent.size() == 20);
    }
  }

  @Test
  void whoGoesOnGoesInFairTurns() {
    try (var scenario = scenario(1, 1)) {
      accept(scenario, 1);
      eventuallyInUse(1, 0);
      accept(scenario, 100);
      eventuallyInUse(1, 1);
      var other = scenario.accept("other", "berta@example.net");
      eventually("all wait", () -> waiting(scenario, "first") == 100);
      gate("second").release(30);
      eventually("some are gone", () -> scenario.sent.size() == 30);
      assertThat(scenario.removed(other)).isTrue();
      allGo();
    }
  }

  /// Two destinations of one connector, which wait for the same next one.
  @Test
  void destinationsThatWaitForTheSameNextConnectorTakeTurns() {
    try (var scenario = scenario(1, 1)) {
      scenario.destination = (by, domain) -> by.name().equals("first") ? domain : by.name();
      accept(scenario, 1, "anna@a.example");
      accept(scenario, 1, "anna@b.example");
      eventually("both carry", () -> inUse("a.example") == 1 && inUse("b.example") == 1);
      accept(scenario, 20, "anna@a.example");
      accept(scenario, 5, "anna@b.example");
      eventually(
          "all but one wait",
          () -> waiting(scenario, "a.example") + waiting(scenario, "b.example") == 24);
      gate("second").release(12);
      eventually("some are gone", () -> scenario.sent.size() == 12);
      assertThat(waiting(scenario, "b.example")).isZero();
      allGo();
      gate("a.example").release(100);
      gate("b.example").release(100);
    }
  }

  @Test
  void mailThatCannotGoOnHidesNoneThatCan() {
    try (var scenario = scenario(1, 1)) {
      var small = new Line(0, List.of(), 0, 100);
      scenario.connectors =
          name ->
              name.equals("first")
                  ? Scenario.connector(name, 25, 1)
                  : Scenario.connector(name, 25, 1, small);
      accept(scenario, 1);
      eventuallyInUse(1, 0);
      var content = scenario.content;
      scenario.content = new byte[200];
      accept(scenario, 30);
      eventually("they wait", () -> waiting(scenario, "first") == 30);
      scenario.content = content;
      accept(scenario, 2);
      eventuallyInUse(1, 1);
      gate("second").release(2);
      eventually("both are gone", () -> scenario.sent.size() == 2);
      assertThat(waiting(scenario, "first")).isEqualTo(30);
      allGo();
    }
  }

  @Test
  void whoComesBackIsNextWhereItWas() {
    try (var scenario = scenario(1, 20)) {
      var opening = new Semaphore(0);
      scenario.down.add("second");
      scenario.duringOpen =
          where -> {
            if (where.name().equals("second")) {
              opening.acquireUninterruptibly();
            }
          };
      accept(scenario, 1);
      eventuallyInUse(1, 0);
      scenario.connectors = name -> Scenario.connector(name, 25, 1);
      var ids = accept(scenario, 10);
      eventually("nine wait", () -> waiting(scenario, "first") == 9);
      opening.release(100);
      eventually("one is back", () -> waiting(scenario, "first") == 10);
      gate("first").release(2);
      eventually("two are gone", () -> scenario.sent.size() == 2);
      eventually("it is one of them", () -> scenario.removed(ids.getFirst()));
      allGo();
    }
  }

  @Test
  void whoFindsNoWillingHostAtTheNextOneComesBack() {
    try (var scenario = scenario(1, 20)) {
      var second = gate("second");
      scenario.answer =
          (destination, _) -> {
            if (destination.equals("second")) {
              return HUNG_UP;
            }
            gate(destination).acquireUninterruptibly();
            return Scenario.OK;
          };
      accept(scenario, 1);
      eventuallyInUse(1, 0);
      var id = accept(scenario, 1).getFirst();
      eventually("it is back", () -> waiting(scenario, "first") == 1);
      second.release();
      allGo();
      eventually("it is gone", () -> scenario.removed(id));
      assertThat(by(scenario, id))
          .containsExactly("first passed-on", "second passed-on", "first sent");
      assertThat(scenario.attempts(id).get(1).text())
          .isEqualTo("connection closed; back to wait for connector first");
    }
  }

  @Test
  void whenTheRelayStopsNobodyGoesOn() {
    try (var scenario = scenario(1, 1)) {
      var ids = accept(scenario, 10);
      eventuallyInUse(1, 1);
      eventually("they wait", () -> waiting(scenario, "first") == 8);
      long before = passedOn(scenario, ids);
      scenario.queue.drain();
      allGo();
      eventually("those under way are gone", () -> drained(scenario));
      assertThat(passedOn(scenario, ids)).isEqualTo(before);
    }
  }

  private static boolean drained(Scenario scenario) {
    try {
      return scenario.queue.awaitDrained(Duration.ZERO);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static long passedOn(Scenario scenario, List<QueueId> ids) {
    return ids.stream()
        .flatMap(id -> by(scenario, id).stream())
        .filter(line -> line.endsWith("passed-on"))
        .count();
  }

  /// A place in the line for connections that nobody wants any more is given back.
  @Test
  void whoHasGoneOnLeavesNoTicketBehind() {
    try (var scenario = scenario(20, 1)) {
      scenario.connectors =
          name ->
              name.equals("first")
                  ? Scenario.connector(
                      name, new Pool(1, List.of(), List.of(), 1, Pool.Per.CONNECTOR))
                  : Scenario.connector(name, 25, 1);
      scenario.destination = (by, domain) -> by.name().equals("first") ? domain : by.name();
      accept(scenario, 1, "anna@a.example");
      eventually("one carries", () -> inUse("a.example") == 1);
      accept(scenario, 2, "anna@b.example");
      eventually("the others", () -> inUse("second") == 1 && waiting(scenario, "b.example") == 1);
      gate("second").release(2);
      eventually("all have gone on", () -> scenario.sent.size() == 2);
      assertThat(scenario.queue.load().destinations())
          .filteredOn(view -> view.name().equals("b.example"))
          .allSatisfy(view -> assertThat(view.waits()).isEmpty());
      gate("a.example").release(10);
    }
  }

  /// Whatever comes when: everything goes, once, nobody has too many, and the clock stands still.
  @Test
  void noSeedFindsAMailThatIsForgottenOrAConnectionTooMany() {
    for (long lot = 1; lot <= 40; lot++) {
      long seed = lot;
      var chance = new SplittableRandom(seed);
      int first = 1 + chance.nextInt(4);
      int second = 1 + chance.nextInt(4);
      int mails = 20 + chance.nextInt(150);
      try (var scenario = scenario(first, second)) {
        if (chance.nextInt(2) == 0) {
          scenario.routes =
              domain ->
                  domain.startsWith("back")
                      ? List.of("second", "first")
                      : List.of("first", "second");
        }
        allGo();
        var lots = chance.split();
        scenario.duringSend =
            () -> {
              int yields;
              synchronized (lots) {
                yields = lots.nextInt(4);
              }
              for (int i = 0; i < yields; i++) {
                LockSupport.parkNanos(1);
              }
            };
        for (int i = 0; i < mails; i++) {
          scenario.priority = chance.nextInt(5) == 0 ? -4 : 0;
          scenario.accept("lan" + i % 3, "anna@" + (i % 2 == 0 ? "back" : "d") + ".example");
          if (chance.nextInt(20) == 0) {
            LockSupport.parkNanos(1);
          }
        }
        eventually("seed " + seed + ": all are gone", () -> scenario.sent.size() == mails);
        assertThat(scenario.sent).doesNotHaveDuplicates();
        var limits = Map.of("first", first, "second", second);
        scenario.open.forEach(
            (name, count) ->
                assertThat(count.most())
                    .as("seed " + seed + ", " + name)
                    .isLessThanOrEqualTo(limits.get(name)));
      }
    }
  }
}
