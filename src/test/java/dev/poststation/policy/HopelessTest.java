package dev.poststation.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.dns.NumericAddress;
import dev.poststation.os.Os;
import dev.poststation.sim.ScriptedResolver;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Who is refused in the place of the greeting: only whom nothing that he may do can let in.
class HopelessTest {
  private static boolean hopeless(String listener, String entry, String client) {
    String text =
        """
        hostname = "relay.example.com"
        certificates = [ { chain = "src/test/resources/tls/relay.pem"
                           key = "src/test/resources/tls/relay.key" } ]
        listeners { relay { bind = "127.0.0.1:2525", zone = lan, %s }
                    other { bind = "127.0.0.1:2526", zone = attic } }
        connectors { internet { type = mx } }
        routes = [ { via = [internet] } ]
        clients = [ { name = someone, %s } ]
        """
            .formatted(listener, entry);
    var loaded = new Loader(Os.real(), Map.of()).parse(text, Path.of("test.conf"));
    if (!(loaded instanceof Loaded.Good good)) {
      throw new IllegalArgumentException(loaded.problems().toString());
    }
    var configuration = good.configuration();
    var settings =
        configuration.listeners().stream()
            .filter(each -> each.name().equals("relay"))
            .findFirst()
            .orElseThrow();
    var resolver = new ScriptedResolver().fail("branch.example.net", "SERVFAIL");
    var policy =
        new Policy(
            configuration.clients(),
            configuration.hostname(),
            new ClientMemory(resolver, Os.real()));
    var facts =
        Facts.connected(NumericAddress.parse(client).orElseThrow(), "relay", settings.zone());
    return policy.isHopeless(facts, settings);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '%',
      value = {
        "tls = off | networks = [\"10.0.0.0/8\"] | 10.1.2.3 | false",
        "tls = off | networks = [\"10.0.0.0/8\"] | 192.0.2.1 | true",
        "tls = off | networks = [\"10.0.0.0/8\"], zone = [lan] | 10.1.2.3 | false",
        "tls = off | networks = [\"10.0.0.0/8\"], zone = [attic] | 10.1.2.3 | true",
        "tls = off | networks = [\"10.0.0.0/8\"], listeners = [other] | 10.1.2.3 | true",
        "tls = off | networks = [\"10.0.0.0/8\"], expires = \"2020-01-01\" | 10.1.2.3 | true",
        "tls = off | networks = [\"10.0.0.0/8\"], hours = [\"00:00-00:01\"] | 10.1.2.3 | false",
        "tls = off | networks = [\"10.0.0.0/8\"], hours = [\"00:00-00:01\"] | 192.0.2.1 | true",
        "tls = off | networks = [\"10.0.0.0/8\"], tls = required | 10.1.2.3 | true",
        "tls = offered | networks = [\"10.0.0.0/8\"], tls = required | 10.1.2.3 | false",
        "tls = offered, auth = off | users = [\"*\"] | 192.0.2.1 | true",
        "tls = offered | users = [\"*\"] | 192.0.2.1 | false",
        "tls = offered, auth = offered | users = [\"*\"], networks = [\"10.0.0.0/8\"] | 192.0.2.1 |"
            + " true",
        "tls = offered | certificates = [{ ca = \"src/test/resources/tls/authority.pem\" }] |"
            + " 192.0.2.1 | true",
        "tls = offered, client-certificates = request | certificates = [{ ca ="
            + " \"src/test/resources/tls/authority.pem\" }] | 192.0.2.1 | false",
        "tls = off | host = [\"branch.example.net\"] | 192.0.2.1 | false",
        "tls = off | reverse = [\".example.net\"] | 192.0.2.1 | false"
      })
  void onlyWhomNothingCanLetIn(String listener, String entry, String client, boolean hopeless) {
    assertThat(hopeless(listener, entry, client)).isEqualTo(hopeless);
  }
}
