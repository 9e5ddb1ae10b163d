package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import dev.poststation.sim.Golden;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What presets bring, and what comes before them.
class PresetsTest {
  private static final String REST =
      "clients = [ { name = lan, networks = [\"10.0.0.0/8\"] } ], routes = [ { via = [out] } ]\n";

  private final Bench bench = new Bench();

  private static String connector(String text) {
    return REST + "connectors { out { " + text + " } }\n";
  }

  private Connector right(String text) {
    return Objects.requireNonNull(bench.right(connector(text)).connectors().get("out"));
  }

  private static String microsoft(String more) {
    return """
    preset = microsoft365
      auth { user = "scanner@example.com", tenant = "example.com", client-id = "app-1"
        client-secret = "file:provider.secret" %s }
    """
        .formatted(more);
  }

  @Test
  void oneAccountWithTokensMayStandInSeveralEntriesOfAuth() {
    String entry =
        """
        user = "scanner@example.com", tenant = "example.com", client-id = "app-1"
          client-secret = "file:provider.secret"
        """;
    String two =
        connector(
            "preset = microsoft365\n auth = [ { from = [\"@sales.example.com\"], %s }\n { %s } ]"
                .formatted(entry, entry));
    assertThat(bench.problems(two)).isEmpty();
    var out = Objects.requireNonNull(bench.right(two).connectors().get("out"));
    assertThat(out.decided()).hasSize(1);
    assertThat(bench.problems(two.replaceFirst("app-1", "app-2")))
        .singleElement()
        .asString()
        .contains("has account \"scanner@example.com\" twice");
  }

  @Test
  void withTheOneOfMicrosoftNobodyHasToKnowAScope() {
    var connector = right(microsoft(""));
    assertThat(connector.hosts())
        .containsExactly(new Connector.Host("smtp.office365.com", 587, false, false));
    assertThat(connector.tls().level()).isEqualTo(Connector.Tls.VERIFY);
    assertThat(connector.maxConnections()).isEqualTo(3);
    assertThat(connector.pool().quota()).containsExactly(new Rate(30, "minute"));
    assertThat(connector.pool().quotaRecipients()).containsExactly(new Rate(10_000, "day"));
    assertThat(bench.problems(connector(microsoft("")))).isEmpty();
    assertThat(right(microsoft("") + "quota = [], quota-recipients = []").pool().unlimited())
        .isTrue();
    var grant = grant(connector);
    assertThat(grant.type()).isEqualTo(OauthGrant.Type.CLIENT_CREDENTIALS);
    assertThat(grant.tokenUrl())
        .hasToString("https://login.microsoftonline.com/example.com/oauth2/v2.0/token");
    assertThat(grant.scope()).isEqualTo("https://outlook.office365.com/.default");
  }

  private static OauthGrant grant(Connector connector) {
    return Objects.requireNonNull(Objects.requireNonNull(connector.account()).grant());
  }

  @Test
  void theScopeGoesWithTheGrant() {
    assertThat(grant(right(microsoft(", grant = device"))).scope())
        .isEqualTo("https://outlook.office.com/SMTP.Send offline_access");
  }

  @Test
  void whatStandsInTheConnectorComesFirst() {
    var connector =
        right(
            "hosts = [\"smtp-legacy.office365.com:587\"], max-connections = 2, "
                + microsoft(", scope = mine"));
    assertThat(connector.hosts().getFirst().name()).isEqualTo("smtp-legacy.office365.com");
    assertThat(connector.maxConnections()).isEqualTo(2);
    assertThat(grant(connector).scope()).isEqualTo("mine");
    assertThat(grant(connector).tokenUrl().getHost()).isEqualTo("login.microsoftonline.com");
  }

  @Test
  void eachOfSeveralAccountsTakesIt() {
    var connector =
        right(
            """
            preset = microsoft365
              auth = [ { from = ["@sales.example"], user = "sales@example.com", tenant = "example.com"
                         client-id = "app-1", client-secret = "file:provider.secret" }
                       { user = "rest@example.com", tenant = "example.com", client-id = "app-1"
                         grant = device } ]
            """);
    var accounts = Objects.requireNonNull(connector.auth()).accounts();
    assertThat(accounts).hasSize(2);
    assertThat(accounts)
        .extracting(each -> Objects.requireNonNull(each.grant()).scope())
        .containsExactly(
            "https://outlook.office365.com/.default",
            "https://outlook.office.com/SMTP.Send offline_access");
  }

  @Test
  void theConfigurationShowsWhatComesFromIt() {
    String text = bench.effective(connector(microsoft(""))).text();
    assertThat(text)
        .contains("host = \"smtp.office365.com:587\"  # preset microsoft365\n")
        .contains("max-connections = 3  # preset microsoft365\n")
        .contains("scope = \"https://outlook.office365.com/.default\"  # preset microsoft365\n")
        .contains("preset = microsoft365  # poststation.conf:2\n")
        .contains("client-secret = \"***\"  # poststation.conf:");
  }

  @Test
  void anUnknownOneIsToldWithTheOneThatWasMeant() {
    assertThat(bench.problems(connector("preset = mircosoft365, hosts = [\"a.example\"]")))
        .singleElement()
        .asString()
        .contains("connectors.out.preset: \"mircosoft365\" is no preset")
        .contains("did you mean \"microsoft365\"?");
  }

  @Test
  void withAPasswordTheOneOfGoogleAsksForNoTokens() {
    var connector =
        right(
            "preset = google, auth { user = \"a@example.com\", password = \"file:provider.secret\""
                + " }");
    assertThat(Objects.requireNonNull(connector.account()).grant()).isNull();
    assertThat(connector.recipientsPerMail()).isEqualTo(100);
  }

  private static final String LOGIN = ", auth { user = a, password = \"file:provider.secret\" }";

  @ParameterizedTest
  @CsvSource({
    "google, 2000/day, 2000/day",
    "google-relay, 10000/day, 10000/day",
    "ionos, 500/hour, 5000/hour",
    "microsoft365-graph, 30/minute, 10000/day"
  })
  void quotasThatAProviderPublishesAreKept(String preset, String mails, String recipients) {
    String login =
        preset.endsWith("graph")
            ? ", auth { user = \"a@example.com\", tenant = \"example.com\", client-id = app"
                + ", client-secret = \"file:provider.secret\" }"
            : LOGIN;
    var pool = right("preset = " + preset + login).pool();
    assertThat(pool.quota()).extracting(Rate::toString).containsExactly(mails);
    assertThat(pool.quotaRecipients()).extracting(Rate::toString).containsExactly(recipients);
    assertThat(pool.quotaPer()).isEqualTo(Pool.Per.ACCOUNT);
  }

  @Test
  void whatTheNotesSayToWriteInsteadCanBeWritten() {
    var relay =
        "preset = google-relay, quota = [], quota-recipients = [\"31944/minute\", \"4600000/day\"]";
    assertThat(right(relay).pool().quotaRecipients()).hasSize(2);
    var young = "preset = ionos, quota = [\"50/hour\"], quota-recipients = [\"50/hour\"]";
    assertThat(right(young + ", recipients-per-mail = 50" + LOGIN).pool().quota()).hasSize(1);
  }

  @Test
  void aPasswordAtMicrosoftIsWarnedOf() {
    assertThat(
            bench.problems(
                connector(
                    "preset = microsoft365, auth { user = a, password = \"file:provider.secret\""
                        + " }")))
        .singleElement()
        .asString()
        .contains("warning", "logs in by password, which Microsoft takes from the end of December");
  }

  @Test
  void aWordThatIsNearlyAKeyForTokensIsTold() {
    assertThat(
            bench.problems(
                connector(
                    "hosts = [\"a.example:587\"], auth { user = a, clientid = x,"
                        + " password = \"file:provider.secret\" }")))
        .singleElement()
        .asString()
        .contains("unknown key \"clientid\" in connectors.out.auth", "did you mean \"client-id\"?");
  }

  @Test
  void theUserOfSendgridNeedsNotBeWritten() {
    var connector = right("preset = sendgrid, auth { password = \"file:provider.secret\" }");
    assertThat(Objects.requireNonNull(connector.account()).user()).isEqualTo("apikey");
  }

  @Test
  void oneThatCannotKnowTheHostSaysWhatItLooksLike() {
    assertThat(
            bench.problems(
                connector("preset = ses, auth { user = a, password = \"file:provider.secret\" }")))
        .singleElement()
        .asString()
        .contains("is a smarthost without hosts")
        .contains("hosts = [\"email-smtp.eu-central-1.amazonaws.com:587\"]");
  }

  @Test
  void whatIsMissingForTokensIsToldKeyByKey() {
    assertThat(
            bench.problems(
                connector(
                    "preset = microsoft365, auth { user = \"a@example.com\", client-id = x }")))
        .hasSize(2)
        .anyMatch(each -> each.contains("has neither client-secret nor client-certificate"))
        .anyMatch(each -> each.contains("has no tenant, which is part of the URLs"));
    assertThat(
            bench.problems(
                connector(
                    "hosts = [\"a.example:587\"], auth { user = a, client-id = x, grant = device"
                        + " }")))
        .anyMatch(each -> each.contains("has no token-url"))
        .anyMatch(each -> each.contains("has grant = device and no device-url"));
    assertThat(bench.problems(connector("preset = microsoft365")))
        .hasSize(4)
        .allMatch(each -> each.startsWith("poststation.conf:2: "))
        .anyMatch(each -> each.contains("has no user"))
        .anyMatch(each -> each.contains("has no client-id"));
  }

  static Set<String> names() {
    return Presets.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void eachOneIsWholeAndHasItsSources(String preset) {
    String host = Presets.host(preset).map(each -> ", hosts = [\"" + each + "\"]").orElse("");
    boolean graph = Presets.keys(preset).containsKey("type");
    var auth =
        graph
            ? ", auth { user = \"a@example.com\", tenant = t, client-id = x, client-secret ="
                + " \"file:provider.secret\" }"
            : ", auth { user = a, password = \"file:provider.secret\" }";
    var loaded = bench.load(connector("preset = " + preset + host + auth));
    assertThat(loaded).as(loaded.problems().toString()).isInstanceOf(Loaded.Good.class);
    assertThat(Presets.sources(preset)).isNotEmpty().allMatch(each -> each.startsWith("http"));
    for (String word : new String[] {"about", "limits", "senders"}) {
      assertThat(Presets.words(preset, word)).isNotBlank();
    }
  }

  @Test
  void thePageOfTheManualIsUpToDate() throws IOException {
    var page =
        new StringBuilder(
            """
            # Presets of connectors

            This page is made from `src/main/resources/presets.conf` (`make golden` writes it anew).
            A preset stands in a connector as if its keys were written there; what is written there
            comes before it, and `poststation config` shows the origin `preset NAME`. What providers
            allow is what they said when it was read, in November 2026; it changes, and the
            reply of the provider is what counts. Poststation keeps the limits that are keys below;
            write those of your own account over them, and the others that are said here: `quota`.
            A source that is marked "not from the provider" is what others say of it, for no page of
            its own was found: try it (`poststation connector test`) before you rely on it.

            """);
    for (String preset : Presets.names()) {
      page.append("## `").append(preset).append("`\n\n");
      page.append(Presets.words(preset, "about")).append(".\n\n```hocon\n");
      render(page, "", Presets.keys(preset));
      Presets.host(preset)
          .ifPresent(host -> page.append("# hosts = [\"").append(host).append("\"]\n"));
      page.append("```\n\n");
      page.append("- Limits: ").append(Presets.words(preset, "limits")).append(".\n");
      page.append("- Senders: ").append(Presets.words(preset, "senders")).append(".\n");
      for (String source : Presets.sources(preset)) {
        int space = source.indexOf(' ');
        page.append("- Source: <").append(source, 0, space).append('>');
        page.append(source.substring(space)).append(".\n");
      }
      page.append('\n');
    }
    Golden.check(Path.of("docs/reference/presets.md"), page.toString().stripTrailing() + "\n");
  }

  private static void render(StringBuilder out, String indent, ConfigObject object) {
    for (var entry : new TreeMap<>(object).entrySet()) {
      ConfigValue value = entry.getValue();
      out.append(indent).append(entry.getKey());
      if (value instanceof ConfigObject inner) {
        out.append(" {\n");
        render(out, indent + "  ", inner);
        out.append(indent).append("}\n");
      } else {
        String text = value.render(ConfigRenderOptions.concise());
        boolean word = text.toLowerCase(Locale.ROOT).matches("\"[a-z0-9-]+\"");
        out.append(" = ").append(word ? text.replace("\"", "") : text).append('\n');
      }
    }
  }
}
