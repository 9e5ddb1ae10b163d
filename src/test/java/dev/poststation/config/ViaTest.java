package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/// `via` of routes.
class ViaTest {
  private static final String BASE =
      """
      clients = [ { name = lan, networks = ["10.0.0.0/8"] } ]
      connectors { a { type = mx }, b { type = mx }, c { type = mx }, kept { type = hold } }
      """;

  private final Bench bench = new Bench();

  private List<Via> read(String via) {
    String text = BASE + "routes = [ { via = " + via + " } ]";
    return Bench.configuration(bench.load(text)).routes().getFirst().ways();
  }

  private List<String> problems(String via) {
    return bench.load(BASE + "routes = [ { via = " + via + " } ]").problems().stream()
        .map(Problem::toString)
        .filter(text -> text.contains("via"))
        .toList();
  }

  @Test
  void namesAloneAreTriedInTheirOrder() {
    assertThat(read("[b, a]")).containsExactly(new Via("b", 0, 1), new Via("a", 1, 1));
    assertThat(read("a")).containsExactly(new Via("a", 0, 1));
  }

  @Test
  void withAWeightTheyShareTheMail() {
    var all = read("[ { connector = a, weight = 3 }, b ]");
    assertThat(all).containsExactly(new Via("a", 10, 3), new Via("b", 10, 1));
    assertThat(all.getFirst().share(all)).isEqualTo("3 of 4");
    assertThat(all.getLast().share(all)).isEqualTo("1 of 4");
  }

  @Test
  void thePriorityComesBeforeThePlaceInTheList() {
    var all =
        read(
            "[ { connector = c, priority = 20 }, { connector = a, weight = 2 }"
                + ", { connector = b, weight = 1 } ]");
    assertThat(all).containsExactly(new Via("a", 10, 2), new Via("b", 10, 1), new Via("c", 20, 1));
    assertThat(all.getLast().share(all)).isEmpty();
  }

  @Test
  void mistakesAreToldWithTheirLine() {
    assertThat(problems("[ { connector = nobody, weight = 2 }, a ]"))
        .singleElement()
        .asString()
        .contains("poststation.conf:3: routes[1].via: there is no connector \"nobody\"");
    assertThat(problems("[ { connector = a, weight = 0 }, b ]"))
        .singleElement()
        .asString()
        .contains("poststation.conf:3: routes[1].via[1].weight");
    assertThat(problems("[ { connector = a, weight = 2 }, kept ]"))
        .singleElement()
        .asString()
        .contains("connector kept sends nothing, and shares its priority 10 with another one")
        .contains("give it a priority of its own");
    assertThat(problems("[]")).singleElement().asString().contains("routes[1] has no via");
  }
}
