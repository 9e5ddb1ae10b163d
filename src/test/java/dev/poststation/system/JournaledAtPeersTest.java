package dev.poststation.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Journal reports that the packed relay sends to mailboxes of a real Dovecot, taken apart by
/// Python; also where a mailbox is dead, and over kills.
@Tag("peer")
@Timeout(240)
final class JournaledAtPeersTest {
  /// Writes the text of a report, and below it the octets of the mail in it.
  private static final String READER =
      """
      import sys, email
      report = email.message_from_binary_file(open(sys.argv[1], 'rb'))
      assert report['X-MS-Journal-Report'] is not None
      assert report['Return-Path'] in ('<>', '<MAILER-DAEMON>'), report['Return-Path']
      text, original = report.get_payload()
      assert text.get_content_type() == 'text/plain', text.get_content_type()
      assert original.get_content_type() == 'message/rfc822', original.get_content_type()
      out = sys.stdout.buffer
      out.write(text.get_payload(decode=True).replace(b'\\r\\n', b'\\n') + b'----\\n')
      out.write(open(sys.argv[1], 'rb').read().split(b'\\n\\n', 3)[3])
      """;

  private static final Pattern TOKEN = Pattern.compile("(?m)^X-Rcpt-Args: <([^@]+)@");
  private static final Pattern REPORTED = Pattern.compile("(?m)^(?:Recipient|Bcc): ([^@]+)@");

  @TempDir Path directory;

  private static String relay(DovecotLmtpPeer dovecot, SmtpSinkPeer sink, String content) {
    return """
    own-domains = ["here.test"]
    connectors {
      archive { type = lmtp, hosts = ["127.0.0.1:%d"] }
      next { hosts = ["127.0.0.1:%d"] }
    }
    routes = [ { to = ["example.net"], via = [archive] }, { via = [next] } ]
    queue { retry = ["1 s"] }
    content = [
      %s
      { use = header, add = ["X-Behind: the journal"] }
    ]
    """
        .formatted(dovecot.port(), sink.port(), content);
  }

  private static int send(RunningRelay relay, Path mail, String to) {
    List<String> command =
        List.of(
            Peers.program("swaks"),
            "--server",
            "127.0.0.1:" + relay.port(),
            "--from",
            "a@here.test",
            "--to",
            to,
            "--data",
            "@" + mail);
    try (var swaks = Program.start(command)) {
      return swaks.awaitExit(Duration.ofSeconds(60));
    }
  }

  private Path mail(String text) throws IOException {
    return Files.writeString(directory.resolve("mail"), text, ISO_8859_1);
  }

  @Test
  void aReportHasTheEnvelopeAndTheMailToTheOctet() throws IOException {
    String text =
        """
        From: A <a@here.test>
        To: B <b@there.test>
        Cc: c@there.test
        Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe=0D=0ATo:_evil@there.test?=
        Message-ID: <one@here.test>
        Date: Tue, 1 Dec 2026 12:00:00 +0000
        MIME-Version: 1.0
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: 8bit

        Gr\u00c3\u00bc\u00c3\u009fe
        .with a dot
        --and a line like a boundary

        """;
    try (var dovecot = DovecotLmtpPeer.start();
        var sink = SmtpSinkPeer.start();
        var relay =
            RunningRelay.start(
                relay(dovecot, sink, "{ use = archive, to = \"anna@example.net\" }"))) {
      assertThat(send(relay, mail(text), "b@there.test,c@there.test,hidden@there.test")).isZero();
      Until.holds("reported", Duration.ofSeconds(30), () -> dovecot.mails("anna").size() == 1);
      String report = dovecot.mails("anna").getFirst();
      Path file = Files.writeString(directory.resolve("report"), report);
      String read = Program.run(List.of(Peers.program("python3"), "-c", READER, file.toString()));
      String[] parts = read.split("----\n", 2);
      assertThat(parts[0])
          .isEqualTo(
              """
              Sender: a@here.test
              Subject: Grüße  To: evil@there.test
              Message-Id: <one@here.test>
              To: b@there.test
              Cc: c@there.test
              Bcc: hidden@there.test
              Direction: outbound
              Copy: plain
              """);
      String sunk = sink.awaitMails(1).getFirst();
      assertThat(sunk).contains("X-Behind: the journal");
      assertThat(parts[1])
          .contains("Received: ", new String(text.getBytes(ISO_8859_1), UTF_8))
          .doesNotContain("X-Behind");
      relay.awaitLog("event=content .*service=archive .*journal report <.*> goes to anna@example");
      relay.awaitLog("event=queued .*protocol=journal");

      // Whoever writes on his mail that it is a report is journaled all the same; a report is not.
      assertThat(send(relay, mail("X-MS-Journal-Report:\n" + text), "b@there.test")).isZero();
      Until.holds("reported", Duration.ofSeconds(30), () -> dovecot.mails("anna").size() == 2);
      String came = report.substring(report.indexOf("\nDate: ") + 1);
      Path back = Files.writeString(directory.resolve("back"), came);
      assertThat(send(relay, back, "b@there.test")).isZero();
      relay.awaitLog("event=content .*not journaled: it is a journal report");
      sink.awaitMails(3);
      assertThat(dovecot.mails("anna")).hasSize(2);
    }
  }

  @Test
  void whatADeadMailboxDoesNotTakeGoesToTheOtherOneOrIsHeld() throws IOException {
    try (var dovecot = DovecotLmtpPeer.start();
        var sink = SmtpSinkPeer.start();
        var relay =
            RunningRelay.start(
                relay(
                    dovecot,
                    sink,
                    """
                    { use = archive, name = first, to = "nobody@example.net", alternate = "bert@example.net" }
                    { use = archive, name = second, to = "nobody2@example.net" }
                    """))) {
      assertThat(send(relay, mail("Subject: x\n\ny\n"), "b@there.test")).isZero();
      Until.holds("reported", Duration.ofSeconds(30), () -> dovecot.mails("bert").size() == 1);
      assertThat(dovecot.mails("bert").getFirst())
          .contains("To: <nobody@example.net>", "Bcc: b@there.test");
      relay.awaitLog("event=notice .*alternate");
      relay.awaitLog("to=<nobody2@example.net> .*status=held");
      sink.awaitMails(1);
      assertThat(sink.mails()).as("nothing goes to the sender").hasSize(1);
      assertThat(relay.metric("poststation_queue_mails{place=\"held\"}")).isEqualTo(1);
    }
  }

  /// A report is made with the mail or not at all; what comes twice is what was in flight.
  @Test
  void overKillsEachMailHasItsReport() {
    try (var sink = SmtpSinkPeer.start();
        var relay =
            RunningRelay.start(
                RunningRelay.towards(sink.port())
                    + "content = [ { use = archive, to = \"journal@archive.test\" } ]\n")) {
      Set<String> acknowledged = new HashSet<>();
      for (int round = 1; round <= 2; round++) {
        try (var client = RecordingClient.start("round" + round, relay.port(), 10, 3000)) {
          int wanted = 50 * round;
          Until.holds(
              "under load", Duration.ofSeconds(60), () -> client.acknowledged().size() >= wanted);
          relay.kill();
          client.awaitEnd();
          acknowledged.addAll(client.acknowledged().keySet());
        }
        relay.restart();
      }
      Map<String, Integer> mails = new HashMap<>();
      Map<String, Integer> reports = new HashMap<>();
      Until.holds(
          "each mail and each report is at the sink",
          Duration.ofSeconds(90),
          () -> {
            mails.clear();
            reports.clear();
            for (String each : sink.mails()) {
              boolean report = each.contains("X-MS-Journal-Report:");
              var found = (report ? REPORTED : TOKEN).matcher(each);
              assertThat(found.find()).as(each).isTrue();
              (report ? reports : mails).merge(found.group(1), 1, Integer::sum);
            }
            return mails.keySet().containsAll(acknowledged)
                && reports.keySet().equals(mails.keySet());
          });
      long twice = reports.values().stream().filter(count -> count > 1).count();
      assertThat(twice).as("what was in flight at two kills").isLessThan(reports.size() / 2);
    }
  }
}
