package dev.poststation.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.Poststation;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.content.EnvelopeChange;
import dev.poststation.content.Facts;
import dev.poststation.content.Finding;
import dev.poststation.content.Kept;
import dev.poststation.content.MadeUpServices;
import dev.poststation.content.Message;
import dev.poststation.content.Pipeline;
import dev.poststation.content.Service;
import dev.poststation.content.ServiceWatch;
import dev.poststation.content.Services;
import dev.poststation.dkim.SigningDomains;
import dev.poststation.message.Octets;
import dev.poststation.message.Recipient;
import dev.poststation.message.SevenBitForm;
import dev.poststation.os.FreePort;
import dev.poststation.os.Os;
import dev.poststation.policy.ClientMemory;
import dev.poststation.policy.Policy;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// `explain` with the mail itself: what the services of `content` would make of it.
class ExplainedContentTest {
  private static final String TEXT =
      """
      hostname = "relay.test"
      clients = [ { name = lan, networks = ["10.0.0.0/8"] } ]
      connectors { fast { hosts = ["10.1.1.1:25"] }
                   slow { hosts = ["10.1.1.2:25"] } }
      routes = [ { header = ["X-Way: slow"], via = [slow] }
                 { via = [fast] } ]
      """;

  private static final String MAIL =
      "From: a@here.test\r\nX-Mailer: Old\r\n\tMailer 1.0\r\nSubject: s\r\n\r\nHello\r\n";

  private static ObjectNode explain(String settings, String mail) {
    return explain(settings, mail, null);
  }

  /// @param madeUp instead of the services that the settings name, or null
  private static ObjectNode explain(String settings, String mail, @Nullable Pipeline madeUp) {
    var os = Os.real();
    var loaded = new Loader(os, Map.of()).parse(TEXT + settings, Path.of("test.conf"));
    var configuration = ((Loaded.Good) loaded).configuration();
    var resolver = new ScriptedResolver();
    var memory = new ClientMemory(resolver, os);
    var signing = new SigningDomains(os, configuration.data(), configuration::dkim, resolver);
    var explanation =
        new Explanation(
            configuration,
            new Policy(configuration, memory),
            Poststation.directions(configuration, os),
            Bans.UNKNOWN,
            madeUp != null
                ? madeUp
                : Services.of(
                    configuration,
                    resolver,
                    memory.directories(),
                    () -> signing,
                    () -> {
                      throw new AssertionError("there are no keys here");
                    },
                    SevenBitForm.Ready::new,
                    Kept.asWritten(os, configuration.data()),
                    os,
                    ServiceWatch.NOBODY),
            os.time());
    Map<String, String> words =
        new HashMap<>(Map.of("client", "10.0.0.5", "from", "a@here.test", "to", "b@there.test"));
    if (!mail.isEmpty()) {
      words.put("message", Base64.getEncoder().encodeToString(mail.getBytes(UTF_8)));
    }
    return explanation.explain(Question.parse(words));
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(each -> texts.add(each.asText()));
    return texts;
  }

  @Test
  void eachServiceIsNamedWithItsLineAndWhatItChangedIsShownFieldByField() {
    var answer =
        explain(
            "content = [ { use = header, remove = [\"X-Mailer\"], add = [\"X-Org: A\"] } ]", MAIL);
    assertThat(answer.path("accepted").asBoolean()).isTrue();
    var mail = answer.path("mails").path(0);
    assertThat(texts(mail.path("to"))).containsExactly("b@there.test");
    var note = mail.path("services").path(0);
    assertThat(note.path("service").asText()).isEqualTo("header");
    assertThat(note.path("origin").asText()).isEqualTo("test.conf:7");
    assertThat(note.path("result").asText()).isEqualTo("changed");
    assertThat(texts(mail.path("header")))
        .containsExactly("+ X-Org: A", "- X-Mailer: Old\r\n\tMailer 1.0");
    assertThat(mail.path("body")).isEmpty();
    assertThat(ExplanationText.of(answer))
        .contains("content   header (test.conf:7): changed in ")
        .contains("header    + X-Org: A\n          - X-Mailer: Old\n")
        .contains("body      as it was\n");
  }

  @Test
  void routesSeeTheHeaderThatTheServicesLeft() {
    assertThat(explain("", MAIL).path("route").asText()).contains("route 2");
    var answer = explain("content = [ { use = header, add = [\"X-Way: slow\"] } ]", MAIL);
    assertThat(answer.path("route").asText()).contains("route 1");
  }

  @Test
  void aMailThatAServiceRefusesWouldBeRefusedWithItsReply() {
    String nobody =
        "content = [ { use = clamav, at = [\"127.0.0.1:%d\"], on-error = %s } ]"
            .formatted(FreePort.find(), "%s");
    var answer = explain(nobody.formatted("reject"), MAIL);
    assertThat(answer.path("accepted").asBoolean()).isFalse();
    assertThat(answer.path("reply").asText()).startsWith("554 5.3.0");
    assertThat(answer.path("because").asText())
        .startsWith("clamav (test.conf:7), on-error = reject: ");
    assertThat(answer.path("services").path(0).path("result").asText()).isEqualTo("failed");
    assertThat(ExplanationText.of(answer)).contains("content   clamav (test.conf:7): failed in ");
    var held = explain(nobody.formatted("hold"), MAIL);
    assertThat(held.path("accepted").asBoolean()).isTrue();
    assertThat(held.path("held").asText()).startsWith("on-error = hold: clamav: ");
    assertThat(ExplanationText.of(held)).contains("\nheld      on-error = hold: clamav: ");
  }

  private static Pipeline madeUp(String first, String second, Finding... findings) {
    Map<String, Service> services = new HashMap<>();
    for (int i = 0; i < findings.length; i++) {
      var finding = findings[i];
      services.put(
          List.of("one", "two").get(i),
          new Service() {
            @Override
            public String describe() {
              return "made up";
            }

            @Override
            public Finding examine(Message message, Facts facts, Duration atMost) {
              return finding;
            }
          });
    }
    String entry = "{ use = header, name = %s, add = [\"A: b\"]%s }\n";
    String entries = entry.formatted("one", first) + entry.formatted("two", second);
    return new MadeUpServices(entries, Os.real().time(), services).pipeline;
  }

  @Test
  void whatAServiceThrowsAwayIsSaid() {
    var unchanged = new Finding.Unchanged("as it was");
    var away = new Finding.Discarded("thrown away");
    var whole = explain("", MAIL, madeUp("", "", unchanged, away));
    assertThat(whole.path("discarded").asText()).isEqualTo("two (test.conf:7): thrown away");
    assertThat(whole.path("deliverable").asBoolean(true)).isFalse();
    assertThat(ExplanationText.of(whole))
        .contains("\ndiscarded two (test.conf:7): thrown away\n")
        .contains("\ncontent   two (test.conf:7): discarded in ")
        .doesNotContain("route");
  }

  @Test
  void whatIsThrownAwayForSomeIsSaidOfThem() throws IOException {
    var more = new Recipient(0, new Address("c", "other.test"), Set.of(), null);
    var rerouted =
        new Finding.Rerouted(
            Message.of(new byte[0], Octets.of(MAIL.getBytes(UTF_8)), 10_000),
            new EnvelopeChange(null, List.of(more), List.of()),
            null,
            "+<c@other.test>");
    var away = new Finding.Discarded("thrown away");
    String why = "two (test.conf:7): thrown away";
    var other = explain("", MAIL, madeUp("", ", for { to = [other.test] }", rerouted, away));
    assertThat(other.has("discarded")).isFalse();
    assertThat(other.path("deliverable").asBoolean()).isTrue();
    assertThat(texts(other.path("mails").path(1).path("to"))).containsExactly("c@other.test");
    assertThat(other.path("mails").path(1).path("discarded").asText()).isEqualTo(why);
    assertThat(ExplanationText.of(other))
        .contains("mail      to b@there.test\n")
        .contains("mail      to c@other.test\n")
        .contains("\ndiscarded " + why + "\nroute ");
    var asked = explain("", MAIL, madeUp("", ", for { to = [there.test] }", rerouted, away));
    assertThat(texts(asked.path("mails").path(0).path("to"))).containsExactly("c@other.test");
    assertThat(asked.path("discarded").asText()).isEqualTo(why);
    assertThat(asked.path("deliverable").asBoolean(true)).isFalse();
  }

  @Test
  void withoutTheMailItIsSaidThatServicesWouldLookAtIt() {
    String settings = "content = [ { use = header, for { from = [\"%s\"] }, add = [\"X-A: b\"] } ]";
    assertThat(ExplanationText.of(explain(settings.formatted("a@here.test"), "")))
        .contains("content   its services look at the mail itself: give it with --message FILE");
    assertThat(ExplanationText.of(explain(settings.formatted("x@here.test"), "")))
        .doesNotContain("content");
    assertThat(ExplanationText.of(explain(settings.formatted("x@here.test"), MAIL)))
        .doesNotContain("content");
  }

  @Test
  void aLoopIsSeenAsWhenTheMailComes() {
    String received = "Received: from x by y; Mon, 1 Jan 2024 00:00:00 +0000\r\n".repeat(120);
    var answer = explain("", received + MAIL);
    assertThat(answer.path("accepted").asBoolean()).isFalse();
    assertThat(answer.path("reply").asText()).startsWith("554 5.4.6");
  }

  @Test
  void changedTextsAreShownAsPeopleReadThemPartByPart() {
    String mail =
        """
        From: a@here.test
        Content-Type: multipart/mixed; boundary=b

        --b
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: quoted-printable

        Gr=C3=BC=C3=9Fe
        --b
        Content-Type: application/zip; name="offer.zip"

        PK
        --b--
        """
            .replace("\n", "\r\n");
    var answer = explain("content = [ { use = disclaimer, text = \"Firma Öl GmbH\" } ]", mail);
    var changed = answer.path("mails").path(0);
    assertThat(changed.has("header")).isTrue();
    assertThat(changed.path("header")).isEmpty();
    assertThat(texts(changed.path("body"))).first().asString().startsWith("! part 1, text/plain, ");
    assertThat(texts(changed.path("body")))
        .contains("+ Firma Öl GmbH")
        .noneMatch(text -> text.contains("offer"));
  }
}
