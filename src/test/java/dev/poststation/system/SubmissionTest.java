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
