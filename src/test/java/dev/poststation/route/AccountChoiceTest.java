package dev.poststation.route;

import static dev.poststation.route.Samples.address;
import static dev.poststation.route.Samples.route;
import static dev.poststation.route.Samples.rule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Account;
import dev.poststation.config.AccountRule;
import dev.poststation.config.Auth;
import dev.poststation.config.Connector;
import dev.poststation.config.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// As which account a mail goes.
class AccountChoiceTest {
  private static final List<String> ANY = List.of();

  private static AccountRule account(String user, List<String> from, List<String> client) {
    var account = new Account("provider", user, null, null, null, Origin.DEFAULT);
    return new AccountRule(from, client, account, Origin.DEFAULT);
  }

  private static Connector provider(List<AccountRule> rules) {
    var plain = Samples.smarthost("provider", new Connector.Host("h.example", 25, false, false));
    return new Connector(
        plain.name(),
        plain.type(),
        plain.hosts(),
        plain.port(),
        plain.tls(),
        plain.tlsFor(),
        plain.prefer(),
        Auth.of(rules),
        plain.hello(),
        plain.egress(),
        plain.maxConnections(),
        plain.mailsPerConnection(),
        plain.recipientsPerMail(),
        plain.idle(),
        plain.pool(),
        plain.line(),
        plain.timeouts(),
        null,
        null,
        false,
        null,
        plain.origin());
  }

  private static Router router(List<AccountRule> rules) {
    var connectors = Map.of("provider", provider(rules), "other", Samples.smarthost("other"));
    var routes = List.of(rule(1, ANY, ANY, ANY, "provider", "other"));
    return Samples.router(Samples.configuration(connectors, routes));
  }

  private static String label(Router router, String client, String sender) {
    var route = route(router, client, address(sender), address("x@y.example")).orElseThrow();
    assertThat(route.via().getLast().label()).isEqualTo("other");
    return route.via().getFirst().label();
  }

  @Test
  void theFirstEntryWhoseConditionsHoldDecides() {
    var router =
        router(
            List.of(
                account("both", List.of("@a.example"), List.of("erp")),
                account("boss", List.of("boss@a.example", "<>"), ANY),
                account("erp", ANY, List.of("erp", "crm")),
                account("below", List.of(".a.example", "a.example"), ANY),
                account("rest", ANY, ANY),
                account("never", List.of("x@y.example"), ANY)));
    assertThat(label(router, "erp", "boss@a.example")).isEqualTo("provider:both");
    assertThat(label(router, "lan", "Boss@A.example")).isEqualTo("provider:boss");
    assertThat(label(router, "erp", "<>")).isEqualTo("provider:boss");
    assertThat(label(router, "crm", "x@a.example")).isEqualTo("provider:erp");
    assertThat(label(router, "lan", "x@a.example")).isEqualTo("provider:below");
    assertThat(label(router, "lan", "x@b.a.example")).isEqualTo("provider:below");
    assertThat(label(router, "lan", "x@y.example")).isEqualTo("provider:rest");
  }

  @Test
  void mailThatNoEntryIsForGoesNowhereByThatConnector() {
    var router = router(List.of(account("erp", ANY, List.of("erp"))));
    var route = route(router, "lan", address("a@b.example"), address("x@y.example")).orElseThrow();
    assertThat(route.via().getFirst().undecided()).isTrue();
    assertThat(route.via().getFirst().label()).isEqualTo("provider");
    assertThat(label(router, "erp", "a@b.example")).isEqualTo("provider:erp");
  }

  @Test
  void aThousandAccountsAreFoundAsOne() {
    List<AccountRule> rules = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      rules.add(account("d" + i, List.of("@d" + i + ".example"), ANY));
    }
    var router = router(rules);
    for (int i = 0; i < 1000; i++) {
      assertThat(label(router, "lan", "x@d" + i + ".example")).isEqualTo("provider:d" + i);
    }
  }

  @Test
  void theSameAccountOfTwoEntriesIsOneDestination() {
    var router =
        router(
            List.of(
                account("sales", List.of("@a.example"), ANY),
                account("sales", List.of("@b.example"), ANY)));
    var one = route(router, "lan", address("x@a.example"), address("x@y.example")).orElseThrow();
    var other = route(router, "lan", address("x@b.example"), address("x@y.example")).orElseThrow();
    assertThat(one).isEqualTo(other);
    assertThat(one.via().getFirst()).isSameAs(other.via().getFirst());
  }
}
