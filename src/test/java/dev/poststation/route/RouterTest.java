package dev.poststation.route;

import static dev.poststation.route.Samples.address;
import static dev.poststation.route.Samples.route;
import static dev.poststation.route.Samples.router;
import static dev.poststation.route.Samples.rule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.config.Connector;
import dev.poststation.config.RouteRule;
import dev.poststation.message.AddressPatterns;
import dev.poststation.smtp.Address;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class RouterTest {
  private static final Set<AddressPatterns.Kind> ALL = EnumSet.allOf(AddressPatterns.Kind.class);
  private static final List<String> ANY = List.of();

  private final Router router =
      router(
          List.of(
              rule(11, ANY, List.of("example.com", ".example.com"), ANY, "exchange-in"),
              rule(12, List.of("@subsidiary.example"), ANY, ANY, "microsoft365"),
              rule(13, ANY, ANY, List.of("newsletter"), "bulk"),
              rule(14, List.of("<>"), List.of("partner.example"), ANY, "partner"),
              rule(15, ANY, ANY, ANY, "provider", "internet"),
              rule(16, ANY, List.of("never@reached.example"), ANY, "never")));

  @Test
  void firstRuleThatMatchesDecides() {
    assertThat(via("lan", "a@b.example", "x@example.com")).isEqualTo("exchange-in");
    assertThat(via("newsletter", "a@subsidiary.example", "x@sub.example.com"))
        .isEqualTo("exchange-in");
    assertThat(via("newsletter", "a@subsidiary.example", "x@y.example")).isEqualTo("microsoft365");
    assertThat(via("newsletter", "a@b.example", "x@y.example")).isEqualTo("bulk");
    assertThat(via("lan", "<>", "x@partner.example")).isEqualTo("partner");
    assertThat(via("lan", "a@b.example", "x@partner.example")).isEqualTo("provider");
    assertThat(via("lan", "a@b.example", "never@reached.example")).isEqualTo("provider");
    assertThat(via("lan", "a@b.example", "postmaster")).isEqualTo("provider");
  }

  @Test
  void routeTellsItsRuleAndConnectorsInOrder() {
    var route = route(router, "lan", address("a@b.example"), address("x@y.example")).orElseThrow();
    assertThat(route.describe()).isEqualTo("route 5 (poststation.conf:15)");
    assertThat(route.via()).extracting(Connector::name).containsExactly("provider", "internet");
  }

  @Test
  void withoutARuleThatMatchesThereIsNoRoute() {
    var narrow = router(List.of(rule(1, ANY, List.of("example.com"), ANY, "in")));
    assertThat(route(narrow, "lan", address("a@b.example"), address("x@y.example"))).isEmpty();
  }

  @Test
  void ruleWithAnUnknownConnectorIsRefused() {
    var configuration = Samples.configuration(Map.of(), List.of(rule(7, ANY, ANY, ANY, "nowhere")));
    assertThatThrownBy(() -> router(configuration))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("poststation.conf:7: there is no connector \"nowhere\"");
  }

  /// What the indexes find must be what going through the rules one by one finds.
  @Property
  void indexesFindTheFirstRuleThatMatches(
      @ForAll("rules") List<RouteRule> rules,
      @ForAll("clients") String client,
      @ForAll("addresses") String sender,
      @ForAll("addresses") String recipient) {
    Optional<RouteRule> expected =
        rules.stream()
            .filter(rule -> matches(rule, client, address(sender), address(recipient)))
            .findFirst();
    var found = route(router(rules), client, address(sender), address(recipient));
    assertThat(found.map(Route::rule)).isEqualTo(expected);
  }

  private static boolean matches(RouteRule rule, String client, Address sender, Address recipient) {
    return (rule.when().client().isEmpty() || rule.when().client().contains(client))
        && new AddressPatterns(rule.when().from()).match(AddressPatterns.keysOf(sender, ALL))
        && new AddressPatterns(rule.when().to()).match(AddressPatterns.keysOf(recipient, ALL));
  }

  @Provide
  Arbitrary<List<RouteRule>> rules() {
    var patterns =
        Arbitraries.of("a@x.y", "b@x.y", "x.y", "@y", ".y", ".x.y", "z.x.y", "<>")
            .list()
            .ofMaxSize(2);
    var clientNames = clients().list().ofMaxSize(1);
    var rule =
        Combinators.combine(patterns, patterns, clientNames, Arbitraries.integers().between(1, 999))
            .as((from, to, client, line) -> rule(line, from, to, client, "via"));
    return rule.list().ofMaxSize(8);
  }

  @Provide
  Arbitrary<String> clients() {
    return Arbitraries.of("lan", "erp");
  }

  @Provide
  Arbitrary<String> addresses() {
    return Arbitraries.of(
        "a@x.y", "b@x.y", "c@y", "c@z.x.y", "c@w.z.x.y", "c@other", "<>", "postmaster");
  }

  @Test
  void tenThousandDomainsAndRulesAreFoundAtOnce() {
    List<RouteRule> rules = new ArrayList<>();
    List<String> domains = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      domains.add("domain" + i + ".example");
      rules.add(rule(i + 10, List.of("@sender" + i + ".example"), ANY, ANY, "sender" + i));
    }
    rules.addFirst(rule(1, ANY, domains, ANY, "many"));
    rules.addLast(rule(20_000, ANY, ANY, ANY, "last"));
    var large = router(rules);
    var hit = address("user@domain9999.example");
    var miss = address("user@a.b.elsewhere.example");
    var last = address("user@sender9999.example");
    long found = 0;
    for (int i = 0; i < 10_000; i++) {
      found += route(large, "lan", miss, hit).orElseThrow().number();
      found += route(large, "lan", last, miss).orElseThrow().number();
    }
    assertThat(found).isEqualTo(10_000L * (1 + 10_001));
  }

  private String via(String client, String sender, String recipient) {
    return route(router, client, address(sender), address(recipient))
        .orElseThrow()
        .via()
        .getFirst()
        .name();
  }
}
