package dev.poststation.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Connector;
import dev.poststation.config.Origin;
import dev.poststation.config.RouteConditions;
import dev.poststation.config.RouteRule;
import dev.poststation.config.Via;
import dev.poststation.message.QueueId;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// In which order a mail tries the connectors of its route.
class RouteTest {
  private static Route route(Via... ways) {
    var rule =
        new RouteRule(
            RouteConditions.NONE, List.of(ways), RouteRule.USUAL, List.of(), Origin.DEFAULT);
    var via = List.of(ways).stream().map(way -> Samples.mx(way.connector(), 25)).toList();
    return new Route(1, rule, via);
  }

  private static String order(Route route, QueueId mail) {
    return String.join(" ", route.drawn(mail).via().stream().map(Connector::name).toList());
  }

  /// The n-th of so many a millisecond, as a spool names them.
  private static QueueId mail(int number) {
    return new QueueId(QueueId.at(Instant.EPOCH.plusMillis(number / 3)).value() + number % 3);
  }

  @Test
  void mailsAreSharedByWeightAndTheOthersOfTheGroupComeBeforeTheNextPriority() {
    var route = route(new Via("large", 10, 3), new Via("small", 10, 1), new Via("spare", 20, 1));
    Map<String, Integer> orders = new HashMap<>();
    for (int i = 0; i < 10_000; i++) {
      orders.merge(order(route, mail(i)), 1, Integer::sum);
    }
    assertThat(orders).containsOnlyKeys("large small spare", "small large spare");
    assertThat(orders.get("small large spare")).isBetween(2300, 2700); // 2500 expected.
  }

  @Test
  void theRestOfAGroupIsSharedByWeightToo() {
    var route = route(new Via("a", 10, 1), new Via("b", 10, 1), new Via("c", 10, 2));
    Map<String, Integer> orders = new HashMap<>();
    for (int i = 0; i < 12_000; i++) {
      orders.merge(order(route, mail(i)), 1, Integer::sum);
    }
    assertThat(orders).hasSize(6);
    // 1/4 begin with a; of these 1/3 go on with b, 2/3 with c.
    assertThat(orders.get("a b c")).isBetween(850, 1150);
    assertThat(orders.get("a c b")).isBetween(1800, 2200);
    assertThat(orders.get("c a b")).isBetween(2750, 3250);
  }

  @Test
  void aMailHasTheSameLotAtAllItsAttempts() {
    var route = route(new Via("a", 10, 1), new Via("b", 10, 1));
    for (int i = 0; i < 100; i++) {
      assertThat(order(route, mail(i))).isEqualTo(order(route, mail(i)));
    }
  }

  @Test
  void withoutEqualPrioritiesTheOrderIsThatOfTheRule() {
    var route = route(new Via("a", 0, 1), new Via("b", 1, 5));
    assertThat(route.drawn(mail(1))).isSameAs(route);
  }
}
