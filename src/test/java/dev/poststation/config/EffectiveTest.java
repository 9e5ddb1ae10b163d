package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.Golden;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class EffectiveTest {
  private static final String FILE =
      Bench.BASE
          + """

          hostname = ${RELAY_NAME}
          clients = [
            { name = lan, networks = ["10.0.0.0/8"], stray-space = yes }
            { name = branch, networks = "2001:db8::/32" }
          ]
          connectors {
            provider { auth { user = "me \\"and\\" you", password = "file:provider.secret" } }
            "mail.example.com" { type = mx, port = 26 }
          }
          routes = [ { to = [".example.com"], via = "mail.example.com" }
                     { via = provider } ]
          queue { retry = [ 1m, "2 hours" ], lifetime = 7 days }
          """;

  private final Bench bench = new Bench();

  @Test
  void everyValueIsShownWithItsOrigin() throws IOException {
    Golden.check("configuration-effective.txt", bench.effective(FILE).text());
  }

  @Test
  void noSecretIsShown() {
    assertThat(bench.effective(FILE).text()).doesNotContain("provider.secret");
    assertThat(bench.effective(FILE).json().toString()).doesNotContain("provider.secret");
  }

  @Test
  void whatIsShownIsAConfigurationOfTheSameEffect() {
    String shown = bench.effective(FILE).text().replace("\"***\"", "\"env:SECRET\"");
    Configuration again = Bench.configuration(bench.load(shown));
    Configuration first = Bench.configuration(bench.load(FILE));
    assertThat(again.hostname()).isEqualTo(first.hostname());
    assertThat(again.queue()).isEqualTo(first.queue());
    assertThat(again.limits()).isEqualTo(first.limits());
    assertThat(again.connectors().keySet()).isEqualTo(first.connectors().keySet());
    assertThat(again.clients())
        .usingRecursiveComparison()
        .ignoringFields("origin")
        .isEqualTo(first.clients());
    assertThat(again.routes())
        .usingRecursiveComparison()
        .ignoringFields("origin")
        .isEqualTo(first.routes());
  }

  @Test
  void jsonHasValuesOfTheirTypes() {
    Map<String, Object> json = bench.effective(FILE).json();
    assertThat(json.get("hostname"))
        .isEqualTo(Map.of("value", "env.example.com", "origin", "poststation.conf:2"));
    assertThat(at(json, "limits", "sessions"))
        .isEqualTo(Map.of("value", 1000L, "origin", "default"));
    assertThat(at(json, "trace", "dialogue")).isEqualTo(Map.of("value", true, "origin", "default"));
    assertThat(at(json, "queue", "retry"))
        .isEqualTo(Map.of("value", List.of("1m", "2 hours"), "origin", "poststation.conf:13"));
    assertThat(at(json, "connectors", "provider", "auth", "password"))
        .isEqualTo(Map.of("value", "***", "origin", "poststation.conf:8"));
    assertThat(at(json, "log", "file")).isEqualTo(Map.of("origin", "default"));
    assertThat(json.get("clients"))
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
        .hasSize(2);
  }

  private static Object at(Map<String, Object> json, String... path) {
    Object value = json;
    for (String key : path) {
      value = ((Map<?, ?>) value).get(key);
    }
    return value;
  }
}
