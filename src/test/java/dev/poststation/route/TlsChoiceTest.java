package dev.poststation.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Configuration;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.os.Os;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.sim.ToyPolicySite;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Which terms of TLS hold for which domain.
class TlsChoiceTest {
  private static final String PIN = "sha256:" + "ab".repeat(32);

  private final ScriptedResolver resolver =
      new ScriptedResolver().address("mx.example", "192.0.2.1");

  private Resolution.Found find(String domain) {
    var configuration =
        configuration(
            """
            connectors {
              internet {
                type = mx
                tls-for = [
                  { to = ["partner.example"], tls = verify }
                  { to = [".partner.example", "Bücher.example"], tls = pinned, pin = ["%s"] }
                  { to = ["partner.example", "old.example"], tls = off }
                ]
              }
            }
            """
                .formatted(PIN));
    resolver.mx(domain, 10, "mx.example");
    var destinations =
        new Destinations(
            resolver,
            ToyPolicySite.none(resolver, Os.real()),
            Ourselves.of(configuration, Os.real()),
            Os.real());
    var connector = configuration.connectors().get("internet");
    return (Resolution.Found) destinations.resolve(connector, domain);
  }

  private static Configuration configuration(String connectors) {
    String text =
        connectors
            + """
            hostname = "relay.example.com"
            clients = [ { name = lan, networks = ["10.0.0.0/8"] } ]
            routes = [ { via = [internet] } ]
            """;
    return switch (new Loader(Os.real(), Map.of()).parse(text, Path.of("test.conf"))) {
      case Loaded.Good good -> good.configuration();
      case Loaded.Bad bad -> throw new AssertionError(bad.problems().toString());
    };
  }

  private String decided(String domain) {
    return find(domain).destination().connector().tls().word();
  }

  @Test
  void theFirstEntryThatIsForADomainHoldsElseTheConnector() {
    assertThat(decided("partner.example")).isEqualTo("verify");
    assertThat(decided("mail.partner.example")).isEqualTo("pinned");
    assertThat(decided("xn--bcher-kva.example")).isEqualTo("pinned");
    assertThat(decided("old.example")).isEqualTo("off");
    assertThat(decided("elsewhere.example")).isEqualTo("opportunistic");
  }

  @Test
  void mailUnderOtherTermsSharesNoConnectionThoughTheHostsAreTheSame() {
    assertThat(find("elsewhere.example").destination().name()).isEqualTo("internet:mx.example");
    assertThat(find("partner.example").destination().name())
        .isEqualTo("internet/verify:mx.example");
    assertThat(find("a.partner.example").destination().name())
        .isEqualTo(find("b.partner.example").destination().name())
        .startsWith("internet/pinned-");
  }

  @Test
  void itIsSaidWhichEntryDecided() {
    assertThat(find("partner.example").facts()).contains("tls = verify by tls-for at test.conf:5");
  }
}
