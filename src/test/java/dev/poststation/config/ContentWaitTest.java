package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/// How long services may take together, and what they let pass when they could not look.
final class ContentWaitTest {
  private static List<String> problems(String... services) {
    return new Bench().problems(Bench.BASE + "content = [\n" + String.join("\n", services) + "\n]");
  }

  @Test
  void servicesThatTogetherTakeLongerThanAClientWaitsAreWarnedOf() {
    assertThat(
            problems(
                "{ use = rspamd, time-limit = \"5 minutes\" }",
                "{ use = disclaimer, text = a }",
                "{ use = clamav, time-limit = \"4 minutes\" }",
                "{ use = header, add = [\"A: b\"] }"))
        .containsExactly(
            "poststation.conf:2: warning: the services of content may take 10 minutes for one mail"
                + " (rspamd 5 minutes, clamav 4 minutes, disclaimer 1 minute); a client need not"
                + " wait for longer than 10 minutes (RFC 5321 4.5.3.2.6), and would send again what"
                + " was taken in the meantime: its recipients would have it twice; lower time-limit"
                + " of some of them, to 9 minutes in all");
  }

  @Test
  void thoseThatLookAtTheSameTimeTakeAsLongAsTheSlowest() {
    assertThat(
            problems(
                "{ use = clamav, time-limit = \"5 minutes\" }",
                "{ use = icap, service = avscan, at = [\"icap.test\"], time-limit = \"5 minutes\""
                    + " }",
                "{ use = rspamd, time-limit = \"4 minutes\" }",
                "{ use = header, time-limit = \"10 minutes\", add = [\"A: b\"] }"))
        .isEmpty();
    assertThat(
            problems(
                "{ use = clamav, time-limit = \"5 minutes\" }",
                "{ use = milter, effect = looks, time-limit = \"5 minutes\" }"))
        .singleElement()
        .asString()
        .contains("may take 10 minutes");
    assertThat(problems("{ use = clamav, time-limit = \"10 minutes\" }"))
        .singleElement()
        .asString()
        .startsWith("poststation.conf:2: warning: the services of content may take 10 minutes")
        .contains("(clamav 10 minutes)");
  }

  @Test
  void whatPassesWhateverCannotBeReadIsWarnedOf() {
    String rules = "{ use = attachments, names = [\"*.exe\"], ";
    assertThat(problems(rules + "unreadable = pass, on-error = pass }"))
        .containsExactly(
            "poststation.conf:2: warning: attachments lets go on all that it cannot read"
                + " (unreadable = pass) or look at in time (on-error = pass): whoever makes a mail"
                + " that is either sends what he likes; write unreadable = hold, or on-error ="
                + " defer");
    assertThat(problems(rules + "unreadable = pass }")).isEmpty();
    assertThat(problems(rules + "on-error = pass }")).isEmpty();
  }
}
