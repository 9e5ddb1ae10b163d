package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Pool;
import dev.poststation.message.Priority;
import dev.poststation.message.QueueId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/// `quota-connections`: how many connections a connector has in all. Where the clock stands still,
/// nothing that was forgotten is found later.
class QuotaConnectionsTest {
  private static Pool pool(int connections) {
    return new Pool(1, List.of(), List.of(), connections, Pool.Per.CONNECTOR);
  }

  /// Each domain is a destination of the same connector, but those that begin with `other`.
  private static Scenario scenario(int quota, int inAll) {
    var scenario = Scenario.bounded(inAll, 100);
    scenario.routes = domain -> List.of(domain.startsWith("other") ? "other" : "provider");
    scenario.connectors = name -> Scenario.connector(name, pool(quota));
    scenario.destination = (by, domain) -> by.name() + ":" + domain;
    return scenario;
  }

  @Test
  void allDestinationsTogetherHaveNoMoreAndEachHasItsTurn() {
    try (var scenario = scenario(3, 1000)) {
      var go = new CountDownLatch(1);
      scenario.duringSend = () -> QueueTest.await(go);
      List<QueueId> ids = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        ids.add(scenario.accept("lan", "anna@d" + i % 25 + ".example"));
      }
      eventually("three are at work", () -> scenario.concurrent.get() == 3);
      go.countDown();
      eventually("all are gone", () -> ids.stream().allMatch(scenario::removed));
      assertThat(scenario.open.get("provider").most()).isEqualTo(3);
      assertThat(scenario.sent).hasSize(100).doesNotHaveDuplicates();
    }
  }

  @Test
  void otherConnectorsAreNotHeldUpByOneThatHasAllThatItMayHave() {
    try (var scenario = scenario(1, 1000)) {
      var go = new CountDownLatch(1);
      scenario.connectors = name -> Scenario.connector(name, pool(name.equals("provider") ? 1 : 0));
      scenario.answer =
          (destination, _) -> {
            if (destination.startsWith("provider")) {
              QueueTest.await(go);
            }
            return Scenario.OK;
          };
      var first = scenario.accept("lan", "anna@a.example");
      eventually("it is at work", () -> scenario.concurrent.get() == 1);
      var second = scenario.accept("lan", "anna@b.example");
      eventually(
          "it says what the second waits for",
          () ->
              scenario.queue.destinations().stream()
                  .anyMatch(
                      view ->
                          view.name().equals("provider:b.example")
                              && view.waits()
                                  .equals(
                                      "all 1 connections of quota-connections of provider are in"
                                          + " use")));
      for (int i = 0; i < 20; i++) {
        var other = scenario.accept("lan", "anna@other" + i + ".example");
        eventually("the other is gone", () -> scenario.removed(other));
      }
      go.countDown();
      eventually("all are gone", () -> scenario.removed(first) && scenario.removed(second));
    }
  }

  @Test
  void aConnectionThatRestsIsGivenUpAtOnceForAnotherDestination() {
    try (var scenario = scenario(1, 1000)) {
      for (int i = 0; i < 30; i++) {
        var id = scenario.accept("lan", "anna@d" + i % 3 + ".example");
        eventually("it is gone, and no time has passed", () -> scenario.removed(id));
      }
      assertThat(scenario.open.get("provider").most()).isEqualTo(1);
    }
  }

  @Test
  void aDestinationWithMuchMailGivesWayAfterATurnToOneThatHasLittle() {
    try (var scenario = scenario(1, 1000)) {
      var go = new CountDownLatch(1);
      scenario.duringSend = () -> QueueTest.await(go);
      for (int i = 0; i < 400; i++) {
        scenario.accept("lan", "anna@busy.example");
      }
      var rare = scenario.accept("lan", "bert@rare.example");
      eventually("all are ready", () -> scenario.queue.load().active() == 401);
      go.countDown();
      eventually("it is gone", () -> scenario.removed(rare));
      eventually("all are gone", () -> scenario.sent.size() == 401);
      int place = 0;
      while (!scenario.sent.get(place).contains("bert@rare")) {
        place++;
      }
      assertThat(place).isLessThanOrEqualTo(101);
    }
  }

  @Test
  void aTurnAtASlowHostIsShort() {
    try (var scenario = scenario(1, 1000)) {
      var go = new CountDownLatch(1);
      scenario.answer =
          (destination, _) -> {
            QueueTest.await(go);
            if (destination.contains("slow")) {
              scenario.time.advance(Duration.ofSeconds(2));
            }
            return Scenario.OK;
          };
      for (int i = 0; i < 50; i++) {
        scenario.accept("lan", "anna@slow.example");
      }
      scenario.accept("lan", "bert@rare.example");
      eventually("all are ready", () -> scenario.queue.load().active() == 51);
      go.countDown();
      eventually("all are gone", () -> scenario.sent.size() == 51);
      int place = 0;
      while (!scenario.sent.get(place).contains("bert@rare")) {
        place++;
      }
      assertThat(place).as("five seconds of two each, and one that came first").isBetween(1, 4);
    }
  }

  @Test
  void aReloadThatAllowsMoreLetsInWhoWaitsAndOneThatAllowsFewerIsKept() {
    try (var scenario = scenario(2, 1000)) {
      var go = new CountDownLatch(1);
      scenario.duringSend = () -> QueueTest.await(go);
      for (int i = 0; i < 40; i++) {
        scenario.accept("lan", "anna@d" + i % 20 + ".example");
      }
      eventually("two are at work", () -> scenario.concurrent.get() == 2);
      scenario.connectors = name -> Scenario.connector(name, pool(5));
      scenario.queue.redirect(scenario.directions());
      eventually("five are at work", () -> scenario.concurrent.get() == 5);
      assertThat(scenario.open.get("provider").most()).isEqualTo(5);
      scenario.connectors = name -> Scenario.connector(name, pool(1));
      scenario.queue.redirect(scenario.directions());
      scenario.duringSend = () -> {};
      eventually("routed anew", () -> scenario.queue.load().active() == 40);
      go.countDown();
      eventually("all are gone", () -> scenario.sent.size() == 40);
      assertThat(scenario.open.get("provider").most()).isEqualTo(5);
      var more = scenario.accept("lan", "anna@last.example");
      eventually("it is gone", () -> scenario.removed(more));
      assertThat(scenario.queue.connections(Scenario.connector("provider", pool(1))))
          .isLessThanOrEqualTo(1);
    }
  }

  @Test
  void aConnectionThatCarriedANewsletterCountsAsWhatItCarriesNow() {
    try (var scenario = scenario(2, 1000)) {
      var first = new CountDownLatch(1);
      var anna = new CountDownLatch(1);
      scenario.connectors = name -> Scenario.connector(name, 1, pool(2));
      scenario.answer =
          (_, recipient) -> {
            QueueTest.await(recipient.address().local().equals("anna") ? anna : first);
            return Scenario.OK;
          };
      scenario.priority = Priority.BULK;
      scenario.accept("news", "reader@a.example");
      eventually("it is on its way", () -> scenario.concurrent.get() == 1);
      var other = scenario.accept("news", "reader@b.example");
      scenario.priority = Priority.NORMAL;
      scenario.accept("lan", "anna@a.example");
      first.countDown();
      eventually("no bulk keeps this one back", () -> scenario.removed(other));
      anna.countDown();
      eventually("all are gone", () -> scenario.sent.size() == 3);
      assertThat(scenario.open.get("provider").most()).isEqualTo(2);
    }
  }

  @Test
  void aProbeOfAHostThatComesLastCountsToo() {
    try (var scenario = scenario(1, 1000)) {
      scenario.hosts = _ -> List.of("a0", "b1");
      scenario.down.add("a0");
      var first = scenario.accept("lan", "anna@d.example");
      eventually("it is gone by the second", () -> scenario.removed(first));
      assertThat(scenario.queue.load().destinations().getFirst().hosts())
          .anyMatch(DestinationView.Host::last);
      scenario.down.clear();
      scenario.time.advance(Duration.ofSeconds(70));
      var second = scenario.accept("lan", "anna@d.example");
      eventually("it is gone", () -> scenario.removed(second));
      eventually(
          "the first host is back",
          () ->
              scenario.queue.load().destinations().stream()
                  .allMatch(view -> view.hosts().stream().noneMatch(DestinationView.Host::last)));
      assertThat(scenario.open.get("provider").most()).isEqualTo(1);
    }
  }

  /// Whatever comes when: no more than the quotas, everything goes, and the clock stands still.
  @Test
  void noSeedFindsAConnectionTooManyOrAMailThatIsForgotten() {
    for (long seed = 1; seed <= 60; seed++) {
      var chance = new SplittableRandom(seed);
      int quota = 1 + chance.nextInt(3);
      int inAll = 1 + chance.nextInt(6);
      int domains = 1 + chance.nextInt(10);
      int mails = 20 + chance.nextInt(150);
      try (var scenario = scenario(quota, inAll)) {
        var lots = chance.split();
        scenario.duringSend =
            () -> {
              int yields;
              synchronized (lots) {
                yields = lots.nextInt(4);
              }
              for (int i = 0; i < yields; i++) {
                letOthersRun();
              }
            };
        for (int i = 0; i < mails; i++) {
          scenario.priority = chance.nextInt(3) == 0 ? Priority.BULK : Priority.NORMAL;
          String other = chance.nextInt(3) == 0 ? "other" : "d";
          scenario.accept("lan", "anna@" + other + chance.nextInt(domains) + ".example");
          if (chance.nextInt(20) == 0) {
            letOthersRun();
          }
        }
        eventually("seed " + seed + ": all are gone", () -> scenario.sent.size() == mails);
        assertThat(scenario.open.values())
            .as("seed " + seed)
            .allMatch(count -> count.most() <= Math.min(quota, inAll));
      }
    }
  }

  private static void letOthersRun() {
    LockSupport.parkNanos(1);
  }

  /// The turnstile alone, step by step, against a model of it.
  @Test
  void whoeverCouldComeInIsIn() {
    for (long seed = 1; seed <= 3000; seed++) {
      new Model(seed).run();
    }
  }

  private static final class Model {
    private final long seed;
    private final SplittableRandom chance;
    private final int inAll;
    private final Turnstile turnstile;
    private final List<Turnstile.Gate> gates = new ArrayList<>();
    private final Map<Turnstile.Gate, Integer> limits = new HashMap<>();
    private final List<One> all = new ArrayList<>();

    /// A destination.
    private final class One implements Turnstile.Waiter {
      private final Turnstile.Gate gate;
      private final boolean bulk;
      private final List<Turnstile.Place> has = new ArrayList<>();
      private int wants;
      private boolean stands;

      private One(Turnstile.Gate gate, boolean bulk) {
        this.gate = gate;
        this.bulk = bulk;
      }

      @Override
      public boolean admitted(Turnstile.Place place) {
        assertThat(place.gate()).isSameAs(gate);
        assertThat(place.bulk()).isEqualTo(bulk);
        stands = false;
        if (wants == 0) {
          return false;
        }
        wants--;
        has.add(place);
        return true;
      }

      private void ask() {
        var place = turnstile.enter(gate, this, has.size(), bulk);
        if (place != null) {
          wants--;
          has.add(place);
        } else {
          stands = true;
        }
      }

      /// One of its connections carries other mail, or bulk again if it may.
      private void turns() {
        if (bulk && !has.isEmpty()) {
          var place = has.getLast();
          if (place.bulk()) {
            turnstile.turnsToMail(place);
          } else if (!turnstile.turnsToBulk(place)) {
            leaves();
          }
        }
      }

      private void leaves() {
        var place = has.removeLast();
        if (wants > 0) {
          ask();
        }
        turnstile.leave(place);
      }
    }

    private Model(long seed) {
      this.seed = seed;
      this.chance = new SplittableRandom(seed);
      this.inAll = 1 + chance.nextInt(6);
      this.turnstile = new Turnstile(inAll);
      int many = 1 + chance.nextInt(3);
      for (int i = 0; i < many; i++) {
        limit(i);
      }
      int ones = 1 + chance.nextInt(8);
      for (int i = 0; i < ones; i++) {
        all.add(new One(gates.get(chance.nextInt(many)), chance.nextBoolean()));
      }
    }

    private void limit(int number) {
      int limit = chance.nextInt(3) == 0 ? Integer.MAX_VALUE : 1 + chance.nextInt(4);
      var gate = turnstile.gate("gate" + number, limit);
      if (gates.size() == number) {
        gates.add(gate);
      }
      limits.put(gate, limit);
    }

    private void run() {
      for (int step = 0; step < 200; step++) {
        var one = all.get(chance.nextInt(all.size()));
        switch (chance.nextInt(10)) {
          case 0, 1, 2, 3 -> {
            one.wants++;
            one.ask();
          }
          case 4 -> one.wants = 0; // It has no need any more; it is asked all the same.
          case 5 -> limit(chance.nextInt(gates.size()));
          case 6 -> one.turns();
          default -> {
            if (!one.has.isEmpty()) {
              one.leaves();
            }
          }
        }
        check(step);
      }
      // All leave, one after the other: everybody has had his turn.
      for (int i = 0; i < 10_000 && all.stream().anyMatch(one -> !one.has.isEmpty()); i++) {
        all.stream().filter(each -> !each.has.isEmpty()).findFirst().orElseThrow().leaves();
      }
      assertThat(all).as("seed " + seed).noneMatch(one -> one.stands);
      assertThat(turnstile.inside()).isZero();
    }

    private void check(int step) {
      String when = "seed " + seed + ", step " + step;
      int inside = count(_ -> true);
      int bulk = bulk(_ -> true);
      assertThat(turnstile.inside()).as(when).isEqualTo(inside).isLessThanOrEqualTo(inAll);
      assertThat(bulk).as(when).isLessThanOrEqualTo(Turnstile.mostBulk(inAll));
      for (var gate : gates) {
        boolean room = inside < inAll && count(one -> one.gate == gate) < limits.get(gate);
        boolean roomForBulk =
            room
                && bulk < Turnstile.mostBulk(inAll)
                && bulk(one -> one.gate == gate) < Turnstile.mostBulk(limits.get(gate));
        assertThat(all)
            .as(when + ": somebody stands before an open gate")
            .noneMatch(one -> one.gate == gate && one.stands && (one.bulk ? roomForBulk : room));
      }
    }

    private int bulk(Predicate<One> which) {
      return all.stream()
          .filter(which)
          .mapToInt(one -> (int) one.has.stream().filter(Turnstile.Place::bulk).count())
          .sum();
    }

    private int count(Predicate<One> which) {
      return all.stream().filter(which).mapToInt(one -> one.has.size()).sum();
    }
  }
}
