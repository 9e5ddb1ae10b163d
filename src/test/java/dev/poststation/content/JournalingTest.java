package dev.poststation.content;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Envelope;
import dev.poststation.message.Octets;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.os.Os;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What stands in a journal report, and of which mail there is none.
class JournalingTest {
  private static final String TO = "journal@archive.test";

  private final MadeUpServices services =
      new MadeUpServices(
          "{ use = archive, to = \"" + TO + "\", alternate = \"other@archive.test\" }");

  private static Message mail(String header, String body) {
    return new Message(
        header.getBytes(UTF_8), "\r\n".getBytes(UTF_8), Octets.of(body.getBytes(UTF_8)));
  }

  /// @param to with `=` and the original recipient behind it, if it has one
  private static Facts facts(String protocol, String from, String... to) {
    List<Recipient> recipients = new ArrayList<>();
    for (String each : to) {
      String[] both = each.split("=", 2);
      String orcpt = both.length < 2 ? null : "rfc822;" + both[1];
      recipients.add(new Recipient(recipients.size(), address(both[0]), Set.of(), orcpt));
    }
    var source = new Envelope.Source("lan", "relay", "10.0.0.1", "x", protocol);
    return new Facts(
        new QueueId(1), source, address(from), recipients, "relay.example.com", null, false);
  }

  private static Facts from(Envelope.Source source, String sender, Facts to) {
    return new Facts(to.id(), source, address(sender), to.recipients(), to.hostname(), null, false);
  }

  private static Address address(String text) {
    return text.isEmpty() ? Address.NULL : AddressParser.parse(text).orElseThrow();
  }

  private List<Companion> reports(Message mail, Facts facts) {
    return ((Treatment.Passed) services.pipeline.treat(mail, facts)).reports();
  }

  private String report(Message mail, Facts facts) throws IOException {
    var reports = reports(mail, facts);
    assertThat(reports).hasSize(1);
    return new String(reports.getFirst().content().bytes(), UTF_8);
  }

  @Test
  void listsAndForwardsAreToldAsTheClientSaysThem() throws IOException {
    String header = "To: list@there.test\r\nCc: carl@there.test\r\nMessage-ID: <1@here.test>\r\n";
    assertThat(
            report(
                mail(header, "x\r\n"),
                facts(
                    "ESMTP",
                    "a@here.test",
                    "x@there.test=list@there.test",
                    "y@there.test=list@there.test",
                    "new@there.test=carl@there.test",
                    "hidden@there.test")))
        .contains(
            """
            Sender: a@here.test
            Subject:\s
            Message-Id: <1@here.test>
            To: x@there.test, Expanded: list@there.test
            To: y@there.test, Expanded: list@there.test
            Cc: new@there.test, Forwarded: carl@there.test
            Bcc: hidden@there.test
            Direction: outbound
            Copy: plain
            """
                .replace("\n", "\r\n"));
  }

  @Test
  void whatStrangersClaimInToIsNotRepeated() throws IOException {
    assertThat(
            report(
                mail("To: b@here.test\r\n", "x\r\n"),
                facts("ESMTP", "", "b@here.test=x@here.test", "c@here.test")))
        .contains("Sender: <>\r\n", "Recipient: b@here.test\r\nRecipient: c@here.test\r\n")
        .contains("Direction: inbound\r\n");
  }

  @Test
  void theMailIsInItToTheOctetWhateverItsEndAndItsForm() throws IOException {
    for (String body : List.of("", "no end", "x\r\n", "\r\n\r\n", "--\r\n", "bare\nline\r")) {
      String header = "Subject: \u00fc\r\n";
      String report = report(mail(header, body), facts("ESMTP", "a@here.test", "b@there.test"));
      String token = report.replaceAll("(?s).*boundary=\"([0-9a-f]{32})\".*", "$1");
      assertThat(report)
          .endsWith("\r\n\r\n" + header + "\r\n" + body + "\r\n--" + token + "--\r\n")
          .contains("Content-Type: message/rfc822\r\n")
          .contains("Subject: =?ISO-8859-1?B?/A==?=\r\n", "\r\nX-MS-Journal-Report:\r\n");
      assertThat(report.contains("Content-Transfer-Encoding: binary"))
          .isEqualTo(body.startsWith("bare"));
    }
    assertThat(
            report(
                mail("Subject: \u00fc\r\n", "x\r\n"),
                facts("UTF8SMTPS", "a@here.test", "b@there.test")))
        .contains("Content-Type: message/global\r\n");
  }

  @Test
  void noFieldOfTheMailMakesALineOfTheReport() throws IOException {
    String header =
        "Subject: =?utf-8?Q?a=0D=0ABcc:_evil@x.test=E2=80=A8Cc:_evil@x.test?=\r\n"
            + "Message-ID: <=?utf-8?Q?=0D=0ATo:_evil@x.test?=>\r\n";
    assertThat(report(mail(header, "x\r\n"), facts("ESMTP", "a@here.test", "b@there.test")))
        .doesNotContain("\nBcc: evil", "\nCc: evil", "\nTo: evil", "\u2028")
        .contains("\r\nSubject: a  Bcc: evil@x.test Cc: evil@x.test\r\n");
  }

  @Test
  void aReportIsNotReportedAndNobodyCanSayThatHisMailIsOne() throws IOException {
    var facts = facts("ESMTP", "a@here.test", "b@there.test");
    var forged = mail("X-MS-Journal-Report:\r\nMessage-ID: <1@x>\r\n", "x\r\n");
    String report = report(forged, facts);
    var back = Message.of(new byte[0], Octets.of(report.getBytes(UTF_8)), 10_000);
    assertThat(reports(back, facts)).as("ours, wherever it goes").isEmpty();
    var other =
        mail(
            report
                .substring(0, report.indexOf("\r\n\r\n") + 2)
                .replaceAll("Message-ID: <", "Message-ID: <0"),
            "x\r\n");
    assertThat(reports(other, facts)).as("its seal at another mail").hasSize(1);
    var user = new Envelope.Source("lan", "relay", "10.0.0.1", "x", "ESMTPA", "anna");
    assertThat(reports(back, from(user, "a@here.test", facts))).as("copied by a user").hasSize(1);
    assertThat(reports(back, from(user, "", facts))).as("handed on by a server").isEmpty();
    var home = facts("ESMTP", "a@here.test", "journal@ARCHIVE.test", "other@archive.test");
    assertThat(reports(forged, home)).as("one of somebody else").isEmpty();
    assertThat(reports(mail("Subject: x\r\n", "x\r\n"), home)).as("none").hasSize(1);
  }

  @Test
  void aSealIsKnownForAMonth() {
    var time = new ManualTime();
    var real = Os.real();
    var os = new Os(time, real.network(), real.tasks(), real.chance(), new MemoryDisk());
    var seal = new JournalSeal(os, Path.of("/data"));
    String made = seal.of("<1@x>", time.now().getEpochSecond());
    assertThat(seal.fits("<1@x>", made)).isTrue();
    assertThat(seal.fits("<1@x>", "1" + made)).isFalse();
    assertThat(seal.fits("<1@x>", "")).isFalse();
    time.advance(Duration.ofDays(29));
    assertThat(seal.fits("<1@x>", made)).isTrue();
    time.advance(Duration.ofDays(2));
    assertThat(seal.fits("<1@x>", made)).isFalse();
    assertThat(new JournalSeal(os, Path.of("/data")).of("<1@x>", 0)).isEqualTo(seal.of("<1@x>", 0));
  }
}
