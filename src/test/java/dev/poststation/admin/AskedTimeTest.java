package dev.poststation.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.Poststation;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.content.Pipeline;
import dev.poststation.os.Os;
import dev.poststation.policy.ClientMemory;
import dev.poststation.policy.Facts;
import dev.poststation.policy.Policy;
import dev.poststation.policy.Verdict;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.smtp.Address;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `explain` for another moment. Its clock begins on Thursday, 1 January 2026.
class AskedTimeTest {
  private static final String TEXT =
      """
      hostname = "relay.test"
      limits { stranger-pause = "1 minute" }
      listeners { relay { bind = "127.0.0.1:25", auth = offered } }
      clients = [
        { name = night,  networks = ["10.0.0.0/8"], hours = ["mon-fri 22:00-06:00"] }
        { name = summer, networks = ["10.0.0.0/8"], expires = "2026-08-31" }
        { name = day,    networks = ["10.0.0.0/8"], hours = ["08:00-18:00"] }
        { name = few,    networks = ["203.0.113.0/24"], rate = "2/hour", sender-recipients-rate = "3/day"
          connections = 1, recipients = [".test"] }
        { name = staff,  users = ["*"], networks = ["192.0.2.0/24"], tolerate = [clear-text-password] }
      ]
      connectors {
        slow { hosts = ["192.0.2.7"], hours = "20:00-06:00", larger-than = "5 MB" }
        dark { hosts = ["192.0.2.8"], hours = ["mon-fri 20:00-06:00", "sun 10:00-12:00"] }
      }
      routes = [ { to = ["slow.test"], via = [slow] }, { via = [dark] } ]
      """;

  private static final String BUSY = "203.0.113.10";

  private final ManualTime time = new ManualTime();

  private ObjectNode ask(String... more) {
    Map<String, String> words = new HashMap<>();
    words.put("client", "10.0.0.5");
    words.put("from", "a@example.com");
    words.put("to", "x@dark.test");
    for (int i = 0; i < more.length; i += 2) {
      words.put(more[i], more[i + 1]);
    }
    var real = Os.real();
    var os = new Os(time, real.network(), real.tasks(), real.chance(), real.disk());
    var loaded = new Loader(os, Map.of()).parse(TEXT, Path.of("test.conf"));
    var configuration = ((Loaded.Good) loaded).configuration();
    var policy = new Policy(configuration, new ClientMemory(new ScriptedResolver(), os));
    use(policy);
    var bans =
        new Bans() {
          @Override
          public String offence(InetAddress address) {
            return "made too many errors";
          }

          @Override
          public Optional<Duration> blocked(InetAddress address, String user) {
            return user.equals("eve") ? Optional.of(Duration.ofMinutes(9)) : Optional.empty();
          }
        };
    return new Explanation(
            configuration,
            policy,
            Poststation.directions(configuration, os),
            bans,
            Pipeline.none(os.time()),
            os.time())
        .explain(Question.parse(words));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "2026-01-02 23:30, night",
    "2026-01-03 05:59, night",
    "2026-01-03 23:30, summer",
    "2026-08-31 23:59, night",
    "2026-08-30 23:59, summer",
    "2026-09-01 07:59, ''",
    "2026-09-01 08:00, day"
  })
  void theEntryOfThatMomentDecides(String at, String rule) {
    assertThat(ask("at", at).path("rule").asText()).isEqualTo(rule);
  }

  @Test
  void whyItFailsThenIsSaidWithTheMoment() {
    var moment = LocalDateTime.parse("2026-09-02T19:00").atZone(ZoneId.systemDefault());
    String shown = DateTimeFormatter.ofPattern("xxx").format(moment);
    assertThat(ExplanationText.of(ask("at", "2026-09-02 19:00")))
        .contains("\nat        Wed 2026-09-02 19:00 " + shown + "\n")
        .contains(" fails: it is Wed 19:00, which is not in mon-fri 22:00-06:00\n")
        .contains("expires fails: its last day is 2026-08-31, and it is 2026-09-02\n");
    assertThat(ask().has("at")).isFalse();
  }

  @Test
  void mailForAConnectorThatIsClosedThenWaitsUntilItsHoursBegin() {
    assertThat(opens(ask("at", "2026-01-02 23:30"))).isEmpty();
    assertThat(opens(ask("at", "2026-01-02 12:00"))).isEqualTo("2026-01-02T20:00");
    var weekend = ask("at", "2026-01-03 12:00");
    assertThat(opens(weekend)).isEqualTo("2026-01-04T10:00");
    assertThat(ExplanationText.of(weekend))
        .contains("          mail sent mon-fri 20:00-06:00, sun 10:00-12:00\n")
        .contains("          such mail waits until Sun 2026-01-04 10:00 ");
  }

  @Test
  void whetherItIsLargeEnoughForTheHoursIsLookedAtIfItIsKnown() {
    String[] noon = {"at", "2026-01-02 12:00", "to", "x@slow.test"};
    assertThat(opens(ask(noon))).isEqualTo("2026-01-02T20:00");
    assertThat(opens(ask("at", noon[1], "to", noon[3], "size", "6 MB")))
        .isEqualTo("2026-01-02T20:00");
    assertThat(opens(ask("at", noon[1], "to", noon[3], "size", "5 MB"))).isEmpty();
  }

  private static String opens(ObjectNode answer) {
    String text = answer.path("connectors").path(0).path("opens").asText();
    return text.isEmpty() ? "" : OffsetDateTime.parse(text).toLocalDateTime().toString();
  }

  /// One client has sent its mails of an hour, and a sender all his recipients of a day; one has
  /// begun a mail in its only session.
  private void use(Policy policy) {
    for (String client : List.of("203.0.113.7", "203.0.113.7", "203.0.113.8")) {
      var facts = Facts.connected(InetAddress.ofLiteral(client), "relay", "");
      var sender = new Address(client.endsWith("7") ? "a" : "b", "example.com");
      if (!(policy.decide(facts) instanceof Verdict.Allowed(var permit, _))) {
        throw new IllegalStateException(client);
      }
      assertThat(permit.mail(facts, sender)).isEmpty();
      for (int i = 0; i < (client.endsWith("8") ? 3 : 0); i++) {
        assertThat(permit.oneMoreRecipient(facts, sender)).isEmpty();
      }
    }
    var inSession = Facts.connected(InetAddress.ofLiteral(BUSY), "relay", "");
    if (policy.decide(inSession) instanceof Verdict.Allowed(var permit, _)) {
      assertThat(permit.enter(inSession)).isPresent();
    }
  }

  @Test
  void aClientThatHasAllItsSessionsIsRefusedOneMoreForNow() {
    var answer = ask("client", BUSY);
    assertThat(answer.path("accepted").asBoolean()).isFalse();
    assertThat(answer.path("later").asBoolean()).isTrue();
    assertThat(answer.path("reply").asText()).startsWith("421 4.7.0 Too many connections");
    assertThat(answer.path("because").asText())
        .isEqualTo("connections of client rule \"few\" (test.conf:8): 1 of 1 in use");
    assertThat(at(Duration.ofMinutes(1), "client", BUSY).path("accepted").asBoolean()).isTrue();
    assertThat(ask("client", "203.0.113.9").path("accepted").asBoolean()).isTrue();
  }

  @Test
  void aRateThatIsUsedUpRefusesUntilItHasGrownBackAndAskingUsesNothing() {
    String[] used = {"client", "203.0.113.7"};
    var answer = ask(used);
    assertThat(answer.path("accepted").asBoolean()).isFalse();
    assertThat(answer.path("reply").asText())
        .isEqualTo("450 4.7.1 Too many mails: 2/hour are allowed, try again in 30 minutes");
    assertThat(answer.path("because").asText())
        .isEqualTo("rate of client rule \"few\" (test.conf:8): 2/hour, free again in 30 minutes");
    assertThat(at(Duration.ofMinutes(29), used).path("because").asText())
        .endsWith("2/hour, free again in 1 minute");
    assertThat(at(Duration.ofMinutes(31), used).path("rule").asText()).isEqualTo("few");
    for (int i = 0; i < 3; i++) {
      assertThat(ask("client", "203.0.113.9").path("rule").asText()).isEqualTo("few");
    }
    String[] sender = {"client", "203.0.113.9", "from", "B@Example.com"};
    assertThat(ask(sender).path("because").asText())
        .startsWith(
            "sender-recipients-rate of client rule \"few\" (test.conf:8): B@Example.com: 3/day")
        .endsWith("free again in 8 hours");
    assertThat(
            ask("client", "203.0.113.9", "from", "b@example.com", "to", "x@y.example")
                .path("reply")
                .asText())
        .startsWith("550 5.7.1 ");
  }

  private ObjectNode at(Duration ahead, String... more) {
    var moment = time.now().plus(ahead).atZone(ZoneId.systemDefault()).toLocalDateTime();
    List<String> words = new ArrayList<>(List.of(more));
    words.addAll(List.of("at", moment.toString()));
    return ask(words.toArray(String[]::new));
  }

  @Test
  void aBlockCountsAsLongAsItLasts() {
    var now = time.now();
    assertThat(eve(null)).contains("for 9 minutes eve cannot log in");
    assertThat(eve(now.plus(Duration.ofMinutes(4)))).contains("for 5 minutes eve cannot log in");
    assertThat(eve(now.plus(Duration.ofMinutes(9)))).isEmpty();
    assertThat(eve(now.minus(Duration.ofMinutes(1)))).as("nobody knows").isEmpty();
  }

  private String eve(Instant at) {
    String[] words = {"client", "192.0.2.5", "user", "eve", "at", at == null ? "" : "" + at};
    return ask(words).path("blocked").asText();
  }

  @Test
  void thePauseOfAStrangerIsOverInTime() {
    String pause = "limits.stranger-pause";
    String[] stranger = {"client", "198.51.100.7", "at", ""};
    assertThat(ask(stranger).path("because").asText()).startsWith(pause);
    stranger[3] = time.now().plus(Duration.ofSeconds(59)).toString();
    assertThat(ask(stranger).path("because").asText()).startsWith(pause);
    stranger[3] = time.now().plus(Duration.ofSeconds(60)).toString();
    assertThat(ask(stranger).path("reply").asText()).startsWith("554 5.7.1");
  }

  @Test
  void aTimeMayHaveAnOffset() {
    var exact = Question.parse(words("2026-12-24T23:30:15+02:00")).when();
    assertThat(exact).isEqualTo(Instant.parse("2026-12-24T21:30:15Z"));
    var local = LocalDateTime.parse("2026-12-24T23:30").atZone(ZoneId.systemDefault()).toInstant();
    for (String text :
        new String[] {"2026-12-24 23:30", " 2026-12-24  23:30:00", "2026-12-24T23:30"}) {
      assertThat(Question.parse(words(text)).when()).as(text).isEqualTo(local);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"tonight", "23:30", "2026-12-24", "24.12.2026 23:30", "2026-02-30 12:00", " "})
  void whatIsNoTimeIsRefused(String text) {
    assertThatThrownBy(() -> Question.parse(words(text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("at: \"" + text + "\" is no time, like 2026-12-24 23:30.");
  }

  private static Map<String, String> words(String at) {
    return Map.of("client", "10.0.0.5", "from", "", "to", "a@b.example", "at", at);
  }
}
