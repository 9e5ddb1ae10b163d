package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What clients of other people ask of a submission service is done.
@Tag("peer")
@Timeout(120)
final class SubmissionTest {
  private static final String LATER =
      """
      import smtplib, sys
      with smtplib.SMTP("127.0.0.1", int(sys.argv[1])) as s:
          s.ehlo("client.test")
          print(s.esmtp_features["futurerelease"])
          s.mail("sender@here.test", ["MT-PRIORITY=9"])
          s.rcpt("urgent@there.test")
          print(s.data("Subject: urgent\\n\\nurgent\\n")[1].decode())
          s.sendmail("sender@here.test", ["later@there.test"], "Subject: later\\n\\nlater\\n",
                     mail_options=["HOLDFOR=3"])
          s.sendmail("sender@here.test", ["now@there.test"], "Subject: now\\n\\nnow\\n")
      """;

  private static final String BY =
      """
      import smtplib, sys
      with smtplib.SMTP("127.0.0.1", int(sys.argv[1])) as s:
          s.ehlo("client.test")
          print(s.esmtp_features["deliverby"])
          s.sendmail("a@here.test", ["returned@there.test"], "Subject: r\\n\\nr\\n",
                     mail_options=["BY=600;RT"])
          s.sendmail("a@here.test", ["told@there.test"], "Subject: n\\n\\nn\\n",
                     mail_options=["BY=600;N"])
      """;

  private static void awaitBoth(RunningRelay relay, String... lines) {
    for (String line : lines) {
      relay.awaitLog(line);
    }
  }

  @Test
  void theTimeOfAMailIsMindedByTwoRelaysAndNotByPostfix() {
    String may =
        "clients = [ { name = local, networks = [\"127.0.0.1\"], min-deliver-by = \"30 s\" } ]\n";
    try (var sink = SmtpSinkPeer.start();
        var second =
            RunningRelay.start(
                "hostname = \"second.here.test\"\n" + RunningRelay.towards(sink.port()) + may);
        var first = RunningRelay.start(RunningRelay.towards(second.port()) + may)) {
      String offered =
          Program.run(List.of(Peers.program("python3"), "-c", BY, String.valueOf(first.port())));
      assertThat(offered).contains("30");
      // Handed on with what is left of the time, which the sender is told of as it wished.
      awaitBoth(
          first,
          "to=<returned@there.test>.* status=sent",
          "event=notice .*kind=relayed",
          "to=<told@there.test>.* status=sent");
      // Postfix does not know it: what must come back does, of the rest the sender is told.
      awaitBoth(
          second,
          "to=<returned@there.test>.* dsn=5.3.3 .*status=bounced",
          "to=<told@there.test>.* status=sent",
          "event=notice .*kind=bounce",
          "event=notice .*kind=relayed");
      assertThat(first.log()).containsOnlyOnce("kind=relayed");
    }
  }

  @Test
  void whatPythonAsksForIsDoneAsFarAsItIsAllowed() {
    try (var sink = SmtpSinkPeer.start();
        var relay =
            RunningRelay.start(
                RunningRelay.towards(sink.port())
                    + """
                    clients = [ { name = local, networks = ["127.0.0.1"], future-release = "1 day", max-priority = 4 } ]
                    """)) {
      String offered =
          Program.run(List.of(Peers.program("python3"), "-c", LATER, String.valueOf(relay.port())));
      assertThat(offered)
          .containsPattern("^86400 20[0-9T:-]+Z\n2[.]3[.]6 4 is the new priority of the mail: ");
      sink.awaitMails(3);
      Until.holds(
          "logged",
          Duration.ofSeconds(20),
          () -> relay.log().lines().filter(line -> line.contains("status=sent")).count() == 3);

      var sent = relay.log().lines().filter(line -> line.contains("status=sent")).toList();
      assertThat(sent.getLast()).contains("to=<later@there.test>");
      assertThat(Double.parseDouble(sent.getLast().replaceFirst(".* delay=([0-9.]+) .*", "$1")))
          .isGreaterThanOrEqualTo(3);
    }
  }
}
