package dev.poststation.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.Poststation;
import dev.poststation.conditions.MailFacts;
import dev.poststation.conditions.UndecidedException;
import dev.poststation.config.Connector;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.content.Pipeline;
import dev.poststation.message.Outcome;
import dev.poststation.os.IpText;
import dev.poststation.os.Os;
import dev.poststation.policy.ClientMemory;
import dev.poststation.policy.Policy;
import dev.poststation.queue.Directions;
import dev.poststation.route.Resolution;
import dev.poststation.route.Route;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.EnhancedStatus;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExplanationTest {
  private static final Outcome NO_MAIL =
      new Outcome.Bounced(
          Outcome.Stage.ROUTE, new EnhancedStatus(5, 1, 10), "takes no mail (null MX)", null);
  private static final String TLS = Path.of("src/test/resources/tls").toAbsolutePath().toString();
  private static final String TEXT =
      """
      hostname = "relay.test"
      clients = [ { name = lan, networks = ["10.0.0.0/8"] }
                  { name = six, networks = ["2001:db8::/32"], refuse-null-mx = on } ]
      connectors {
        inside   { hosts = ["10.1.1.1:25"] }
        provider { hosts = ["smtp.provider.test:587"], tls = required }
        spare    { hosts = ["192.0.2.7"] }
      }
      routes = [
        { to = ["example.com"], via = [inside] }
        { client = [six], via = [spare] }
        { from = ["@sub.example"], via = [provider, spare] }
        { to = [".test"], via = [provider] }
      ]
      """;

  private static ObjectNode explain(String client, String from, String to) {
    return explain("", client, from, to);
  }

  private static ObjectNode explain(String settings, String client, String from, String to) {
    return explanation(settings, directions -> directions)
        .explain(Question.parse(client, from, to));
  }

  private static Explanation explanation(String settings, UnaryOperator<Directions> changed) {
    return explanation(Os.real(), settings, changed);
  }

  private static Explanation explanation(
      Os os, String settings, UnaryOperator<Directions> changed) {
    var loaded = new Loader(os, Map.of()).parse(TEXT + settings, Path.of("test.conf"));
    var configuration = ((Loaded.Good) loaded).configuration();
    return new Explanation(
        configuration,
        new Policy(
            configuration.clients(),
            configuration.hostname(),
            new ClientMemory(new ScriptedResolver().nullMx("nomail.example"), os)),
        changed.apply(Poststation.directions(configuration, os)),
        new Bans() {
          @Override
          public String offence(InetAddress address) {
            return IpText.of(address).equals("192.0.2.66") ? "made too many errors" : "";
          }

          @Override
          public Optional<Duration> blocked(InetAddress address, String user) {
            return user.equals("eve") || IpText.of(address).equals("192.0.2.77")
                ? Optional.of(Duration.ofMinutes(9))
                : Optional.empty();
          }
        },
        Pipeline.none(os.time()),
        os.time());
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.5,    a@b.example,   x@example.com,   route 1 (test.conf:10), inside",
    "2001:db8::1, a@b.example,   x@example.net,   route 2 (test.conf:11), spare",
    "10.0.0.5,    a@sub.example, x@example.net,   route 3 (test.conf:12), provider",
    "10.0.0.5,    <>,            x@mail.test,     route 4 (test.conf:13), provider",
    "10.0.0.5,    a@b.example,   X@EXAMPLE.COM,   route 1 (test.conf:10), inside"
  })
  void theFirstRuleThatMatchesIsNamedWithItsLine(
      String client, String from, String to, String route, String connector) {
    var answer = explain(client, from, to);

    assertThat(answer.path("accepted").asBoolean()).isTrue();
    assertThat(answer.path("deliverable").asBoolean()).isTrue();
    assertThat(answer.path("route").asText()).isEqualTo(route);
    assertThat(answer.path("connectors").path(0).path("name").asText()).isEqualTo(connector);
  }

  @Test
  void aSenderWhoTakesNoMailIsRefusedWhereTheRuleSaysSo() {
    var answer = explain("2001:db8::1", "a@nomail.example", "x@example.com");

    assertThat(answer.path("accepted").asBoolean()).isFalse();
    assertThat(answer.path("reply").asText()).startsWith("550 5.7.27");
    assertThat(answer.path("because").asText())
        .isEqualTo("refuse-null-mx of client rule \"six\" (test.conf:3)");
    assertThat(
            explain("10.0.0.5", "a@nomail.example", "x@example.com").path("accepted").asBoolean())
        .isTrue();
  }

  @Test
  void connectorsThatHoldAndDiscardAreNamedWithWhatTheyDo() {
    String keeping =
        """
        connectors { quarantine { type = hold }, nowhere { type = discard } }
        routes = [ { to = ["noreply@a.test"], via = [nowhere] }
                   { via = [quarantine, provider] } ]
        """;
    var held = explain(keeping, "10.0.0.5", "a@b.example", "x@a.test");
    var gone = explain(keeping, "10.0.0.5", "a@b.example", "noreply@a.test");

    assertThat(held.path("deliverable").asBoolean()).isTrue();
    assertThat(ExplanationText.of(held))
        .contains(
            """
            via       quarantine (test.conf:15): hold
                      held: 4.7.0 connector quarantine (test.conf:15) holds mail for an administrator
            via       provider (test.conf:6): smarthost, tls = required
            """);
    assertThat(held.path("held").asText()).startsWith("by a connector");
    assertThat(gone.path("deliverable").asBoolean()).isFalse();
    assertThat(ExplanationText.of(gone))
        .contains("discarded: 2.0.0 discarded by connector nowhere (test.conf:15)")
        .doesNotContain("retry");
  }

  @Test
  void aStrangerIsRefusedWithTheReplyThatHeWouldGet() {
    var answer = explain("192.0.2.1", "a@b.example", "x@example.com");

    assertThat(answer.path("accepted").asBoolean()).isFalse();
    assertThat(answer.path("reply").asText()).startsWith("554 5.7.1");
    assertThat(ExplanationText.of(answer))
        .isEqualTo(
            """
            refused   554 5.7.1 Relaying is not allowed for your address
            because   no rule in clients matches 192.0.2.1
            not       lan (test.conf:2): networks fails: 192.0.2.1 is not in 10.0.0.0/8
            not       six (test.conf:3): networks fails: 192.0.2.1 is not in 2001:db8::/32
            """);
  }

  @Test
  void theEntriesBehindTheOneThatDecidesAreNamedAsNotAsked() {
    var answer = explain("10.0.0.5", "a@b.example", "x@example.com");

    assertThat(answer.path("considered")).hasSize(1);
    assertThat(answer.path("notAsked").toString())
        .isEqualTo("[{\"rule\":\"six\",\"origin\":\"test.conf:3\"}]");
    assertThat(ExplanationText.of(answer))
        .contains(
            """
            matches   lan (test.conf:2): networks holds: 10.0.0.5 is in 10.0.0.0/8
            not asked six (test.conf:3): the one before decides
            """);
    assertThat(explain("192.0.2.1", "a@b.example", "x@example.com").has("notAsked")).isFalse();
  }

  @Test
  void ofManyThatAreNotAskedFiveAreNamed() {
    String all =
        "clients = ["
            + IntStream.rangeClosed(1, 9)
                .mapToObj(
                    number ->
                        "{ name = n%d, networks = [\"10.0.0.%d\"] }".formatted(number, number))
                .collect(Collectors.joining("\n"))
            + "\n{ name = six, networks = [\"2001:db8::/32\"] } ]\n";
    var answer = explain(all, "10.0.0.2", "a@b.example", "x@example.com");

    assertThat(answer.path("notAsked")).hasSize(8);
    assertThat(ExplanationText.of(answer))
        .containsPattern(
            "not asked n3 \\(test.conf:\\d+\\), n4 .*, n7 \\(test.conf:\\d+\\) and 3 more: the one"
                + " before decides\n");
  }

  @Test
  void whoeverIsTurnedAwayBeforeTheGreetingIsToldSo() {
    String strict =
        "listeners { relay { bind = \"0.0.0.0:25\", refuse-strangers = before-greeting,"
            + " xclient = [\"192.0.2.9\"] } }";
    var answer = explain(strict, "192.0.2.1", "a@b.example", "x@example.com");

    assertThat(answer.path("accepted").asBoolean()).isFalse();
    assertThat(ExplanationText.of(answer))
        .isEqualTo(
            """
            refused   554 5.7.1 Relaying denied: this server serves its own clients only
            because   refuse-strangers = before-greeting of listener "relay" (test.conf:15): nothing\
             that it may do there lets it in
            greeting  there is none: this reply comes in its place
            not       lan (test.conf:2): networks fails: 192.0.2.1 is not in 10.0.0.0/8
            not       six (test.conf:3): networks fails: 192.0.2.1 is not in 2001:db8::/32
            """);
    assertThat(explain(strict, "192.0.2.9", "a@b.example", "x@example.com").path("reply").asText())
        .as("a proxy is greeted")
        .startsWith("554 5.7.1 Relaying is not allowed");
    assertThat(explain(strict, "10.0.0.5", "a@b.example", "x@example.com").has("turnedAway"))
        .isFalse();
  }

  @Test
  void whereNoListenerIsNamedThoseThatTurnAwayAre() {
    String both =
        "listeners { relay { bind = \"0.0.0.0:25\", refuse-strangers = before-greeting },"
            + " other { bind = \"0.0.0.0:587\" } }";
    var text = ExplanationText.of(explain(both, "192.0.2.1", "a@b.example", "x@example.com"));

    assertThat(text)
        .contains(
            "refused   554 5.7.1 Relaying is not allowed for your address",
            "greeting  none by refuse-strangers = before-greeting of listener \"relay\"");
  }

  @Test
  void withoutARouteTheMailWaits() {
    var answer = explain("10.0.0.5", "a@b.example", "x@example.net");

    assertThat(answer.path("accepted").asBoolean()).isTrue();
    assertThat(answer.path("deliverable").asBoolean()).isFalse();
    assertThat(answer.path("route").asText()).contains("no rule in routes");
  }

  @Test
  void allConnectorsAreShownInTheirOrder() {
    var text = ExplanationText.of(explain("10.0.0.5", "a@sub.example", "x@example.net"));

    assertThat(text)
        .containsSubsequence(
            "accepted  250 2.1.5",
            "client rule \"lan\" (test.conf:2)",
            "provider (test.conf:6): smarthost, tls = required",
            "-> smtp.provider.test:587",
            "spare (test.conf:7)",
            "-> 192.0.2.7:25",
            "retry     after 1 minute, 5 minutes");
  }

  @Test
  void postmasterWithoutDomainIsOurs() {
    var answer = explain("10.0.0.5", "a@b.example", "Postmaster");

    assertThat(answer.path("recipient").asText()).isEqualTo("Postmaster@relay.test");
    assertThat(answer.path("route").asText()).isEqualTo("route 4 (test.conf:13)");
  }

  @Test
  void aMailWithoutSenderIsTriedForItsOwnLifetimeAndNobodyIsToldOfADelay() {
    String settings = "queue { lifetime = 5 days, bounce-lifetime = 2 days, warn-after = 3 hours }";
    var notice = explain(settings, "10.0.0.5", "<>", "x@example.com");
    var mail = explain(settings, "10.0.0.5", "a@b.example", "x@example.com");

    assertThat(ExplanationText.of(notice))
        .contains("for 2 days; nobody is told of a delay: the sender is null");
    assertThat(notice.path("retry").path("lifetime").asText()).isEqualTo("2 days");
    assertThat(notice.path("retry").path("warnAfter").asText()).isEqualTo("never");
    assertThat(ExplanationText.of(mail))
        .contains("for 5 days; the sender is told of a delay after 3 hours");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0 s", "6 days", "5 days"})
  void aWarningThatNeverComesIsNotPromised(String warnAfter) {
    String settings = "queue { lifetime = 5 days, warn-after = " + warnAfter + " }";
    var answer = explain(settings, "10.0.0.5", "a@b.example", "x@example.com");

    assertThat(ExplanationText.of(answer)).contains("for 5 days; the sender is told of no delay");
  }

  @Test
  void aMailThatBouncesAtOnceIsPromisedNoRetry() {
    var answer =
        explanation(
                "",
                directions ->
                    new Directions() {
                      @Override
                      public Optional<Route> route(MailFacts mail, Address to, boolean ask)
                          throws UndecidedException {
                        return directions.route(mail, to, ask);
                      }

                      @Override
                      public boolean immediate(Connector connector) {
                        return directions.immediate(connector);
                      }

                      @Override
                      public Resolution resolve(Connector connector, String domain) {
                        return connector.name().equals("provider")
                            ? new Resolution.Nowhere(NO_MAIL, List.of())
                            : directions.resolve(connector, domain);
                      }
                    })
            .explain(Question.parse("10.0.0.5", "a@sub.example", "x@nomail.example"));

    assertThat(ExplanationText.of(answer)).contains("bounced: 5.1.10 ").doesNotContain("retry");
    assertThat(answer.path("deliverable").asBoolean()).isFalse();
    assertThat(answer.has("retry")).isFalse();
  }

  @Test
  void mailThatIsOnlyHeldIsNoMailWithoutAWayAndIsNeverTriedAgain() {
    String keeping = "connectors.quarantine { type = hold }\nroutes = [ { via = quarantine } ]";
    var answer = explain(keeping, "10.0.0.5", "a@b.example", "x@a.test");

    assertThat(answer.path("deliverable").asBoolean()).isTrue();
    assertThat(answer.has("retry")).isFalse();
    assertThat(ExplanationText.of(answer))
        .contains("held      by a connector, until an administrator releases it")
        .contains(
            "held: 4.7.0 connector quarantine (test.conf:15) holds mail for an administrator");
  }

  @Test
  void ofWhichTenantAMailMustBeIsSaidUntilItsHeaderIsKnown() {
    String id = "0f3c2d9a-5b7e-4c1d-8a6f-2e9b4d7c1a05";
    String settings = "clients = [ { name = six, peer = microsoft365, tenant = \"" + id + "\" } ]";
    Map<String, String> words =
        new HashMap<>(Map.of("client", "40.107.9.9", "from", "a@b.example", "to", "x@example.com"));
    var explanation = explanation(settings, directions -> directions);

    assertThat(ExplanationText.of(explanation.explain(Question.parse(words))))
        .contains("accepted  250 ")
        .contains("that its header has X-MS-Exchange-CrossTenant-Id: " + id)
        .contains("40.107.9.9 is in 40.107.0.0/16 of microsoft365 (built in, of ");
    words.put("header", "X-MS-Exchange-CrossTenant-Id: " + id + "\r\n");
    assertThat(explanation.explain(Question.parse(words)).path("accepted").asBoolean()).isTrue();
    words.put("header", "Subject: x\r\n");
    assertThat(ExplanationText.of(explanation.explain(Question.parse(words))))
        .startsWith("refused   550 5.7.1 This mail is not of the tenant")
        .contains("the header has 0 fields");
  }

  @Test
  void aMailBetweenServersOfExchangeIsLeftAloneWhenItsHeaderSaysSo() {
    String settings =
        """
        clients = [ { name = six, networks = ["192.0.2.6"], exchange = ["example.com"] } ]
        connectors { hub { hosts = ["10.1.1.9"], replace-sender = "account@provider.example" } }
        routes = [ { via = [hub] } ]
        """;
    Map<String, String> words =
        new HashMap<>(Map.of("client", "192.0.2.6", "from", "a@b.example", "to", "x@example.com"));
    var explanation = explanation(settings, directions -> directions);

    assertThat(ExplanationText.of(explanation.explain(Question.parse(words))))
        .contains("exchange  left alone if its header has X-MS-Exchange-Organization-AuthAs or ")
        .contains("sender: account@provider.example in place of a@b.example");
    words.put("header", "X-MS-Exchange-Organization-AuthAs: Internal\r\n");
    assertThat(ExplanationText.of(explanation.explain(Question.parse(words))))
        .contains("internal hop of Exchange, left alone: X-MS-Exchange-Organization-AuthAs\n")
        .doesNotContain("in place of");
    words.put("to", "x@there.example");
    assertThat(ExplanationText.of(explanation.explain(Question.parse(words))))
        .contains("no internal hop: x@there.example is none of the organisation\n")
        .contains("in place of a@b.example");
  }

  private static ObjectNode explained(String routes, Map<String, String> more) {
    Map<String, String> words = new HashMap<>(more);
    words.putAll(Map.of("client", "10.0.0.5", "from", "a@b.example", "to", "x@y.example"));
    return explanation("routes = [" + routes + "\n]", directions -> directions)
        .explain(Question.parse(words));
  }

  @Test
  void whatHangsOnTheMailItselfIsSaidUntilItIsKnown() {
    String routes =
        """
        { header = List-Id, via = spare }
        { larger-than = 5 MB, via = inside }
        { via = provider }\
        """;

    var open = explained(routes, Map.of());
    assertThat(ExplanationText.of(open))
        .contains("route     route 3 (test.conf:17)\n")
        .contains("but       route 1 (test.conf:15) if its header has list-id\n")
        .contains("but       route 2 (test.conf:16) if it is larger than 5 MB\n");
    var large = explained(routes, Map.of("size", "6 MB"));
    assertThat(ExplanationText.of(large))
        .contains("route     route 2 (test.conf:16)\n")
        .contains("but       route 1 (test.conf:15) if its header has list-id\n")
        .doesNotContain("route 3");
    var list = explained(routes, Map.of("size", "6 MB", "header", "List-Id: x\r\n"));
    assertThat(ExplanationText.of(list))
        .contains("route     route 1 (test.conf:15)\n")
        .doesNotContain("but ");
    assertThatThrownBy(() -> explained(routes, Map.of("size", "much")))
        .hasMessage("size: \"much\" is no size, like 5 MB.");
  }

  @Test
  void aRouteForAListenerIsFoundByTheOneThatIsThere() {
    String routes =
        """
        { user = anna, via = spare }
        { listener = relay, via = inside }
        { via = provider }\
        """;

    assertThat(explained(routes, Map.of()).path("route").asText()).startsWith("route 2 ");
  }

  @Test
  void whatIsNoAddressIsSaid() {
    assertThatThrownBy(() -> Question.parse("10.0.0", "a@b.example", "x@y.example"))
        .hasMessage("client: \"10.0.0\" is no IP address.");
    assertThatThrownBy(() -> Question.parse("10.0.0.1", "a b", "x@y.example"))
        .hasMessageStartingWith("from: \"a b\" is no address");
    assertThatThrownBy(() -> Question.parse("10.0.0.1", "", ""))
        .hasMessageStartingWith("to: \"\" is no address");
  }

  private static ObjectNode ask(String clients, Map<String, String> words) {
    String text =
        """
        clients = [
        %s
        { name = six, networks = ["2001:db8::/32"] }
        ]
        listeners { relay { bind = "127.0.0.1:25", zone = lan, client-certificates = request }
                    other { bind = "127.0.0.1:26" } }
        certificates = [ { chain = "TLS/relay.pem", key = "TLS/relay.key" } ]
        """
            .formatted(clients)
            .replace("TLS", TLS);
    return explanation(text, directions -> directions).explain(Question.parse(words));
  }

  private static final String ENTRIES =
      """
      { name = erp, networks = ["10.0.0.0/16"], users = ["erp"], owner = "the ERP team" }
      { name = web, networks = ["10.0.0.0/8"], zone = lan, senders = ["@example.com"]
        header-senders = ["@example.com"], recipients = [".test"], rate = ["60/hour", "500/day"] }
      { name = partner, certificates = ["sha256:%s"], tls = required, senders = ["a@b.example"], otherwise = hold }
      """
          .formatted("ab".repeat(32));

  private static Map<String, String> words(String... more) {
    Map<String, String> words = new HashMap<>();
    words.put("client", "10.0.0.5");
    words.put("from", "a@example.com");
    words.put("to", "x@mail.test");
    words.put("listener", "relay");
    for (int i = 0; i < more.length; i += 2) {
      words.put(more[i], more[i + 1]);
    }
    return words;
  }

  @Test
  void whereNoListenerIsNamedAnEntryThatAsksForOneSaysHowToNameIt() {
    var words = words();
    words.remove("listener");
    String entries =
        """
        { name = one, networks = ["10.0.0.0/8"], listeners = [relay, other] }
        { name = two, networks = ["10.0.0.0/8"], zone = lan }
        """;
    assertThat(ExplanationText.of(ask(entries, words)))
        .contains("listeners fails: no listener was named (--listener other or relay)")
        .contains("zone fails: no listener was named (--listener)");
    words.put("listener", "other");
    assertThat(ask(entries, words).path("rule").asText()).isEqualTo("one");
  }

  @Test
  void theOnlyListenerNeedsNoName() {
    String text =
        """
        clients = [ { name = six, networks = ["10.0.0.0/8"], listeners = [relay], zone = lan } ]
        listeners { relay { bind = "127.0.0.1:25", zone = lan } }
        """;
    var words = words();
    words.remove("listener");
    var answer = explanation(text, directions -> directions).explain(Question.parse(words));
    assertThat(answer.path("rule").asText()).isEqualTo("six");
    assertThat(answer.path("zone").asText()).isEqualTo("lan");
  }

  @Test
  void everyEntryBeforeTheOneThatMatchesSaysWhyItDoesNot() {
    var answer = ask(ENTRIES, words());
    assertThat(answer.path("rule").asText()).isEqualTo("web");
    assertThat(ExplanationText.of(answer))
        .contains(
            "not       erp (test.conf:16): networks holds: 10.0.0.5 is in 10.0.0.0/16; users fails:"
                + " it has not authenticated; owner the ERP team\n")
        .contains(
            "matches   web (test.conf:17): zone holds: its zone is lan; networks holds: 10.0.0.5 is"
                + " in 10.0.0.0/8\n")
        .contains(
            "zone      lan (zone of listener relay)\n"
                + "limits    50 MB, 1000 recipients, 100 hops, 60/hour and 500/day mails\n");
    String guests = "{ name = guests, networks = [\"10.0.0.0/24\"], zone-label = vlan9 }";
    assertThat(ExplanationText.of(ask(guests, words())))
        .contains("zone      vlan9 (zone-label of client rule \"guests\" (test.conf:16))\n");
    assertThat(ask(ENTRIES, words("user", "erp", "tls", "true")).path("rule").asText())
        .isEqualTo("erp");
  }

  @Test
  void whatAClientMayNotSendIsRefusedWithTheReplyOfTheRelay() {
    assertThat(ask(ENTRIES, words("from", "a@b.example")).path("reply").asText())
        .isEqualTo("550 5.7.1 You may not send as this sender");
    assertThat(ask(ENTRIES, words("to", "x@example.net")).path("reply").asText())
        .isEqualTo("550 5.7.1 You may not send to this recipient");
    var header = ask(ENTRIES, words("headerFrom", "Boss <boss@b.example>"));
    assertThat(header.path("accepted").asBoolean()).isFalse();
    assertThat(header.path("because").asText())
        .isEqualTo(
            "header-senders of client rule \"web\" (test.conf:17): boss@b.example is none of"
                + " @example.com");
    assertThat(ask(ENTRIES, words("headerFrom", "a@example.com")).path("accepted").asBoolean())
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "10.0.0.5  | 20 kB  | -",
        "10.0.0.5  | 30000  | message-size of client rule \"small\" (test.conf:16)",
        "10.0.0.6  | 30000  | -",
        "10.0.0.6  | 600 kB | limits.message-size",
        "192.0.2.9 | 600 kB | limits.message-size"
      })
  void aMailBeyondItsSizeIsRefusedAsTheRelayRefusesIt(String client, String size, String why) {
    String text =
        """
        limits { message-size = "500 kB" }
        clients = [ { name = small, networks = ["10.0.0.5"], message-size = "20 kB" }
                    { name = others, networks = ["10.0.0.0/24"] }
                    { name = six, networks = ["2001:db8::/32"] } ]
        """;
    var answer =
        explanation(text, directions -> directions)
            .explain(Question.parse(words("client", client, "size", size)));

    assertThat(answer.path("accepted").asBoolean()).isEqualTo(why == null);
    if (why != null) {
      assertThat(answer.path("reply").asText()).isEqualTo("552 5.3.4 The mail is too big");
      assertThat(answer.path("because").asText()).isEqualTo(why);
      assertThat(answer.has("later")).isFalse();
    }
  }

  @Test
  void aCertificateIsNamedByItsFingerprintAndMailThatWouldBeHeldSaysSo() {
    var answer =
        ask(ENTRIES, words("client", "192.0.2.9", "certificate", "SHA256:" + "AB".repeat(32)));
    assertThat(answer.path("rule").asText()).isEqualTo("partner");
    assertThat(answer.path("accepted").asBoolean()).isTrue();
    assertThat(answer.path("held").asText()).startsWith("senders of client rule \"partner\"");
    assertThat(ask(ENTRIES, words("client", "192.0.2.9", "tls", "true")).path("reply").asText())
        .startsWith("554 5.7.1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "strict | -   |  -   | 554 5.7.1 Relaying denied: this server serves its own clients only",
        "strict | ben |  -   | 554 5.7.1 Relaying denied: this server serves its own clients only",
        "plain  | ben |  -   | 502 5.5.1 Authentication is not offered here",
        "plain  | -   | true | 502 5.5.1 ",
        "subm   | ben |  -   | 530 5.7.0 Must issue a STARTTLS command first",
        "subm   | -   |  -   | 530 5.7.0 Must issue a STARTTLS command first",
        "subm   | -   | true | 530 5.7.0 Authentication required",
        "subm   | ben | true | 250 2.1.5 ",
        "smtps  | ben |  -   | 250 2.1.5 ",
        "open   | ben |  -   | 538 5.7.11 ",
        "open   | ben | true | 250 2.1.5 ",
        "open   | -   |  -   | 554 5.7.1 Relaying is not allowed",
        "-      | ben |  -   | 538 5.7.11 ",
        "-      | ben | true | 250 2.1.5 "
      })
  void whatTheListenerWantsIsAskedFirst(String listener, String user, String tls, String reply) {
    String text =
        """
        clients = [ { name = staff, users = ["*"] }
                    { name = six, networks = ["2001:db8::/32"] } ]
        certificates = [ { chain = "TLS/relay.pem", key = "TLS/relay.key" } ]
        listeners {
          strict { bind = "127.0.0.1:25", refuse-strangers = before-greeting, tls = off, auth = off }
          plain { bind = "127.0.0.1:26", tls = off, auth = off }
          subm { bind = "127.0.0.1:27", tls = required, auth = required }
          smtps { bind = "127.0.0.1:28", tls = implicit }
          open { bind = "127.0.0.1:29", tls = offered }
        }
        """;
    var words = words("listener", listener == null ? "" : listener);
    if (user != null) {
      words.put("user", user);
    }
    if (tls != null) {
      words.put("tls", tls);
    }
    var answer =
        explanation(text.replace("TLS", TLS), directions -> directions)
            .explain(Question.parse(words));
    assertThat(answer.path("reply").asText()).startsWith(reply);
    assertThat(answer.path("accepted").asBoolean()).isEqualTo(reply.startsWith("250"));
  }

  @Test
  void aListenerThatIsNotThereIsTold() {
    assertThatThrownBy(() -> ask(ENTRIES, words("listener", "rely")))
        .hasMessage("listener: there is no listener \"rely\".");
  }

  @Test
  void whereNoListenerIsNamedNoneMayRefuseBeforeTheMail() {
    String text =
        """
        clients = [ { name = staff, users = ["*"] }
                    { name = six, networks = ["2001:db8::/32"] } ]
        certificates = [ { chain = "TLS/relay.pem", key = "TLS/relay.key" } ]
        listeners { one { bind = "127.0.0.1:27", tls = offered }
                    two { bind = "127.0.0.1:28", tls = required } }
        """;
    var explanation = explanation(text.replace("TLS", TLS), directions -> directions);
    assertThat(
            explanation
                .explain(Question.parse(words("listener", "", "user", "ben")))
                .path("reply")
                .asText())
        .startsWith("538 5.7.11 ");
  }

  @Test
  void aPasswordBeforeTlsIsTakenOnlyWhereItIsTolerated() {
    String device =
        "{ name = device, networks = [\"10.0.0.5\"], users = [scan], tolerate ="
            + " [clear-text-password] }";
    assertThat(ask(device, words("user", "scan")).path("rule").asText()).isEqualTo("device");
    var elsewhere = ask(device, words("client", "10.0.0.6", "user", "scan"));
    assertThat(elsewhere.path("accepted").asBoolean()).isFalse();
    assertThat(elsewhere.path("because").asText())
        .startsWith("auth of listener \"relay\" (test.conf:")
        .contains("AUTH is not offered before TLS (--tls)");
  }

  @Test
  void withoutAListenerAPasswordInClearIsTakenAtThoseOnlyThatTakeIt() {
    String text =
        """
        clients = [ { name = erp, networks = ["10.0.30.0/24"], users = [erp]
                      listeners = [plain, relay], tolerate = [clear-text-password] }
                    { name = staff, users = ["*"] }, { name = six, networks = ["2001:db8::/32"] } ]
        certificates = [ { chain = "TLS/relay.pem", key = "TLS/relay.key" } ]
        listeners {
          relay { bind = "127.0.0.1:25", auth = off }
          plain { bind = "127.0.0.1:26" }
          submission { bind = "127.0.0.1:27", tls = required, auth = required }
          smtps { bind = "127.0.0.1:28", tls = implicit }
        }
        """;
    var explanation = explanation(text.replace("TLS", TLS), directions -> directions);
    var elsewhere = explanation.explain(Question.parse(words("listener", "", "user", "erp")));
    assertThat(elsewhere.path("reply").asText()).startsWith("538 5.7.11 ");
    assertThat(elsewhere.path("because").asText())
        .startsWith("no listener takes it: auth of listener \"plain\" (test.conf:21): AUTH is not")
        .contains("; auth = off of listener \"relay\" (test.conf:20): nobody can log in there; ")
        .contains(
            "tls = implicit of listener \"smtps\" (test.conf:23): the session is encrypted there"
                + " (--tls); ")
        .contains("tls = required of listener \"submission\" (test.conf:22): ");

    var words = words("client", "10.0.30.7", "listener", "", "user", "erp");
    var there = explanation.explain(Question.parse(words));
    assertThat(there.path("accepted").asBoolean()).isTrue();
    assertThat(ExplanationText.of(there))
        .contains("listener  plain (test.conf:21)\n")
        .contains("not at    tls = required of listener \"submission\" (test.conf:22): ");
    words.put("tls", "true");
    assertThat(ExplanationText.of(explanation.explain(Question.parse(words))))
        .contains("listener  plain (test.conf:21), smtps (test.conf:23), submission (test.conf:22)")
        .contains("not at    auth = off of listener \"relay\" (test.conf:20): ");
  }

  @Test
  void whoLoggedInAtAProxyNeedNotLogInAtAListenerWithoutAuth() {
    String text =
        """
        listeners { proxied { bind = "127.0.0.1:26", xclient = ["10.9.9.9"], auth = off }
                    direct { bind = "127.0.0.1:27", auth = off } }
        clients = [ { name = staff, users = ["*"] }, { name = six, networks = ["2001:db8::/32"] } ]
        """;
    var explanation = explanation(text, directions -> directions);
    var words = words("client", "192.0.2.9", "user", "anna", "listener", "proxied");
    assertThat(explanation.explain(Question.parse(words)).path("rule").asText()).isEqualTo("staff");
    words.put("listener", "direct");
    assertThat(explanation.explain(Question.parse(words)).path("because").asText())
        .startsWith("auth = off of listener \"direct\" (test.conf:");
  }

  @Test
  void everyConditionOfAnEntrySaysWhetherItHolds() {
    String entry =
        """
        { name = tight, networks = ["10.1.0.0/16", "10.2.0.0/16"], listeners = [other], tls = required
          users = [anna, berta], hours = ["00:00-24:00"], expires = 2020-01-31 }
        """;
    var answer = ask(entry, words("user", "carla", "tls", "true"));
    assertThat(ExplanationText.of(answer))
        .contains(
            "not       tight (test.conf:16): "
                + "listeners fails: it came to listener relay, not other; "
                + "networks fails: 10.0.0.5 is in none of 10.1.0.0/16, 10.2.0.0/16; "
                + "expires fails: its last day is 2020-01-31, and it is ")
        .contains("; hours holds: it is ")
        .contains(
            "tls holds: the session is encrypted; "
                + "users fails: it authenticated as \"carla\", who is none of anna, berta\n");
    assertThat(answer.path("considered").path(0).path("conditions")).hasSize(6);
  }

  @Test
  void aCertificateThatTheListenerDoesNotAskForIsSeenByNobody() {
    var answer =
        ask(
            ENTRIES,
            words(
                "client",
                "192.0.2.9",
                "listener",
                "other",
                "certificate",
                "sha256:" + "ab".repeat(32)));
    assertThat(answer.path("accepted").asBoolean()).isFalse();
    assertThat(ExplanationText.of(answer))
        .contains(
            "the certificate is shown to nobody: listener \"other\" (test.conf:24) asks for none"
                + " (client-certificates = off)\n")
        .contains("certificates fails: it showed no certificate");
  }

  @Test
  void aCertificateIsAskedAboutBySubjectAndAuthority() throws Exception {
    String entry =
        """
        { name = partner, certificates = [ { subject = "CN=mx.example", ca = "TLS/authority.pem" } ] }
        """;
    var known = words("client", "192.0.2.9", "certificate", pem("nexthop-issued.p12"));
    assertThat(ask(entry, known).path("rule").asText()).isEqualTo("partner");
    var other = words("client", "192.0.2.9", "certificate", pem("nexthop.p12"));
    assertThat(ExplanationText.of(ask(entry, other)))
        .contains("the authorities of ca have not issued it, or it is not valid now");
    var named = words("client", "192.0.2.9", "certificate", "sha256:" + "ab".repeat(32));
    assertThat(ExplanationText.of(ask(entry, named)))
        .contains("subject and issuer are not known of a fingerprint");
    assertThatThrownBy(() -> Question.parse(words("certificate", "-----BEGIN CERTIFICATE-----")))
        .hasMessage("certificate: the PEM text has no certificate that can be read.");
  }

  private static String pem(String store) throws Exception {
    try (var in = Files.newInputStream(Path.of(TLS, store))) {
      var keys = KeyStore.getInstance("PKCS12");
      keys.load(in, "changeit".toCharArray());
      byte[] der = keys.getCertificate(keys.aliases().nextElement()).getEncoded();
      return "-----BEGIN CERTIFICATE-----\n"
          + Base64.getMimeEncoder().encodeToString(der)
          + "\n-----END CERTIFICATE-----\n";
    }
  }

  @Test
  void aStrangerWhoIsPausedIsNotGreetedAndOthersAre() {
    String text =
        "clients = [ { name = lan, networks = [\"10.0.0.0/8\", \"192.0.2.66\"], listeners = [a] }\n"
            + "\n{ name = six, networks = [\"2001:db8::/32\"] } ]\n"
            + "listeners { a { bind = \"127.0.0.1:27\" }, b { bind = \"127.0.0.1:28\" } }";
    var explanation = explanation(text, directions -> directions);
    var paused =
        explanation.explain(Question.parse(words("client", "192.0.2.66", "listener", "b")));
    assertThat(paused.path("accepted").asBoolean()).isFalse();
    assertThat(ExplanationText.of(paused))
        .startsWith(
            "refused   421 4.7.0 Your last connection made too many errors: please try again"
                + " later\n"
                + "because   limits.stranger-pause: the last connection from 192.0.2.66 made too"
                + " many errors\n");
    for (String listener : new String[] {"a", ""}) {
      var known = words("client", "192.0.2.66", "listener", listener);
      assertThat(explanation.explain(Question.parse(known)).path("reply").asText())
          .as("listener %s", listener)
          .doesNotContain("Your last connection");
    }
  }

  @Test
  void aBlockAfterFailedLoginsIsTold() {
    String staff = "{ name = staff, users = [\"*\"] }\n{ name = lan, networks = [\"10.0.0.0/8\"] }";
    var eve = ask(staff, words("user", "eve", "tls", "true"));
    assertThat(ExplanationText.of(eve))
        .startsWith(
            "refused   454 4.7.0 Too many failed logins: try again later\n"
                + "because   too many logins failed: for 9 minutes eve cannot log in from 10.0.0.5"
                + " (poststation user unblock)\n");
    var guesser = ask(staff, words("client", "192.0.2.77"));
    assertThat(ExplanationText.of(guesser))
        .contains(
            "blocked   too many logins failed: for 9 minutes nobody can log in from 192.0.2.77 who"
                + " is not at home there (poststation user unblock)\n");
  }

  @Test
  void aGatewayThatAnEntryDoesNotNameIsExplainedWithTheRemedy() {
    var real = Os.real();
    var disk =
        new MemoryDisk()
            .with("/.dockerenv", "")
            .with("/proc/net/route", "Iface Destination Gateway\neth0 00000000 010000AC\n");
    var os = new Os(real.time(), real.network(), real.tasks(), real.chance(), disk);
    String text =
        """
        clients = [ { name = lan, networks = ["172.0.0.0/12"] }
                    { name = six, networks = ["2001:db8::/32"] } ]
        """;
    var explanation = explanation(os, text, directions -> directions);
    var answer = explanation.explain(Question.parse(words("client", "172.0.0.1", "listener", "")));
    assertThat(ExplanationText.of(answer))
        .startsWith(
            "refused   554 5.7.1 Relaying is not allowed: a gateway hides the address you come"
                + " from\nbecause   client rule \"lan\" (test.conf:15) lets in no gateway of this"
                + " container")
        .contains(
            "or name 172.0.0.1 in its networks, if nobody else reaches the port\n",
            "not       lan (test.conf:15): networks fails: 172.0.0.1 is in 172.0.0.0/12, but is the"
                + " gateway of this container, from where everybody's connections may seem to come"
                + " (trust-gateway)\n");
  }
}
