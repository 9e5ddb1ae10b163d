package dev.poststation.bounce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Outcome;
import dev.poststation.sim.Golden;
import dev.poststation.smtp.EnhancedStatus;
import dev.poststation.smtp.Reply;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ReasonsTest {
  private static Reasons.Reason reason(int code, int klass, int subject, int detail) {
    var status = new EnhancedStatus(klass, subject, detail);
    var reply = new Reply(code, status, List.of("x"));
    return Reasons.of(
        klass == 5
            ? new Outcome.Bounced(Outcome.Stage.RCPT, status, "x", reply)
            : new Outcome.Deferred(Outcome.Stage.RCPT, status, "x", reply),
        "example.net");
  }

  @ParameterizedTest
  @CsvSource({
    "550, 5, 1, 1,  There is no mailbox of that name at example.net.",
    "550, 5, 1, 99, The address is not accepted.",
    "452, 4, 2, 2,  The mailbox is full.",
    "550, 5, 7, 26, The mail system for example.net could not verify",
    "550, 5, 7, 99, The mail system for example.net refuses the message by its rules.",
    "552, 5, 0, 0,  'The mailbox is full, or the message too large.'",
    "599, 5, 0, 0,  The message was refused.",
    "499, 4, 9, 9,  The mail system for example.net does not take the message at present.",
  })
  void aStatusSaysWhyInPlainWords(int code, int klass, int subject, int detail, String what) {
    assertThat(reason(code, klass, subject, detail).what()).startsWith(what);
  }

  @ParameterizedTest
  @CsvSource({
    "550 blocked using zen.spamhaus.org, does not trust the mail system",
    "550 User unknown,                   There is no mailbox of that name",
    "550 mailbox is full,                The mailbox is full.",
    "554 rejected as spam,               unwanted mail (spam)",
  })
  void wordsOfAReplySayMoreThanNoStatus(String text, String what) {
    var reply = Reply.plain(Integer.parseInt(text.substring(0, 3)), text.substring(4));
    var outcome = new Outcome.Bounced(Outcome.Stage.RCPT, new EnhancedStatus(5, 1, 1), "x", reply);
    assertThat(Reasons.of(outcome, "example.net").what()).contains(what);
  }

  @Test
  void whatOurAdministratorEndedIsNotBlamedOnOthers() {
    var ours =
        new Outcome.Bounced(Outcome.Stage.ROUTE, new EnhancedStatus(5, 7, 0), "by root", null);
    assertThat(Reasons.of(ours, "x").what()).contains("administrator of this mail system");
  }

  @ParameterizedTest
  @CsvSource({"4, 4", "4, 5", "4, 11", "5, 4"})
  void aNextHopWithoutTheTlsThatIsRequiredIsNotBlamedOnAnAdministrator(int klass, int detail) {
    var status = new EnhancedStatus(klass, 7, detail);
    var ours =
        klass == 5
            ? new Outcome.Bounced(Outcome.Stage.TLS, status, "no STARTTLS", null)
            : new Outcome.Deferred(Outcome.Stage.TLS, status, "no STARTTLS", null);
    assertThat(Reasons.of(ours, "x.example").what())
        .isEqualTo(
            "The mail system for x.example cannot be reached as safely as this one was told to.");
  }

  /// Every status of the registry of RFC 5248, for people to read through.
  @Test
  void everyStatusHasWordsAndAdvice() throws IOException {
    var all = new StringBuilder();
    for (int subject = 0; subject <= 7; subject++) {
      int last = subject == 0 ? 0 : subject == 7 ? 30 : 10;
      for (int detail = 0; detail <= last; detail++) {
        var reason = reason(550, 5, subject, detail);
        assertThat(reason.what()).isNotEmpty().doesNotContain("{");
        assertThat(reason.todo()).isNotEmpty().doesNotContain("{");
        all.append("5.").append(subject).append('.').append(detail);
        all.append("  ").append(reason.what()).append("  ").append(reason.todo()).append('\n');
      }
    }
    Golden.check("reasons.txt", all.toString());
  }
}
