package dev.poststation.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.ClientRule;
import dev.poststation.config.Limits;
import dev.poststation.config.MimeLimits;
import dev.poststation.config.Origin;
import dev.poststation.config.OutbreakSettings;
import dev.poststation.message.Envelope;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.os.TlsFacts;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.BodyType;
import dev.poststation.smtp.Command;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TraceHeaderTest {
  private static final QueueId ID = new QueueId(12345);
  private static final TlsFacts TLS =
      new TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384", null, List.of());

  private String hello = "client.example";
  private String address = "192.0.2.10";
  private TlsFacts tls = TLS;
  private boolean hideAddress;
  private boolean addMissing;
  private List<Address> to = new ArrayList<>(List.of(new Address("b", "example.org")));
  private long messageSize = 1000;

  private String written(String content) {
    var scan = new HeaderScan("relay.example.com");
    byte[] octets = content.getBytes(StandardCharsets.US_ASCII);
    scan.feed(octets, 0, octets.length);
    scan.finish();
    return new String(new TraceHeader().write(ID, submission(), scan), StandardCharsets.UTF_8);
  }

  static Submission anySubmission() {
    return new TraceHeaderTest().submission();
  }

  static Submission submissionTo(List<Address> recipients, long messageSize) {
    var test = new TraceHeaderTest();
    test.to = recipients;
    test.messageSize = messageSize;
    return test.submission();
  }

  private int priority;

  private Submission submission() {
    var rule =
        new ClientRule(
            "lan",
            List.of(),
            ClientRule.BareNewlines.REFUSE,
            false,
            hideAddress,
            addMissing,
            false,
            Origin.DEFAULT);
    List<Recipient> recipients = new ArrayList<>();
    for (Address each : to) {
      recipients.add(new Recipient(recipients.size(), each, Set.of(), null));
    }
    return new Submission(
        "s-1",
        Instant.parse("2026-11-24T04:11:00Z"),
        0,
        new Envelope.Source("lan", "relay", address, hello, "ESMTPS"),
        tls,
        null,
        rule,
        "",
        new Command.Mail(Address.NULL, -1, BodyType.SEVEN_BIT, false, null, null, false),
        null,
        recipients,
        null,
        null,
        null,
        priority,
        null,
        null,
        null,
        Submission.Exchange.NONE,
        messageSize,
        "limits.message-size",
        List.of(),
        "relay.example.com",
        limits());
  }

  private static Limits limits() {
    var day = Duration.ofDays(1);
    return new Limits(
        1,
        1,
        day,
        1,
        1000,
        1,
        1,
        1,
        1000,
        9,
        1,
        1,
        1,
        1,
        day,
        day,
        day,
        day,
        day,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        day,
        OutbreakSettings.STANDARD,
        MimeLimits.STANDARD);
  }

  @Test
  void isWhatRfc5321WantsLineByLine() {
    assertThat(written("Subject: x\r\n\r\n"))
        .isEqualTo(
            "Received: from client.example ([192.0.2.10])\r\n"
                + "\tby relay.example.com (Poststation) with ESMTPS\r\n"
                + "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384)\r\n"
                + "\tid 0000000000C1S\r\n"
                + "\tfor <b@example.org>;\r\n"
                + "\tTue, 24 Nov 2026 04:11:00 +0000\r\n");
  }

  @Test
  void thePriorityThatMailAskedForIsTold() {
    priority = -3;
    assertThat(written("Subject: x\r\n\r\n"))
        .contains("\tfor <b@example.org>\r\n\tpriority -3;\r\n\tTue, ");
  }

  @Test
  void recipientsAreNotToldOfEachOther() {
    to.add(new Address("secret", "example.org"));
    assertThat(written("\r\n")).doesNotContain("for <").doesNotContain("secret");
  }

  @Test
  void anInternationalDomainDoesNotMakeTheFieldInternational() {
    to.set(0, new Address("b", "straße.example"));
    assertThat(written("\r\n")).contains("\tfor <b@xn--strae-oqa.example>;\r\n");
    to.set(0, new Address("jörg", "bücher.example"));
    assertThat(written("\r\n")).contains("\tfor <jörg@bücher.example>;\r\n");
  }

  @Test
  void whoHidesIsNotNamed() {
    hideAddress = true;
    tls = null;
    assertThat(written("\r\n"))
        .isEqualTo(
            "Received: by relay.example.com (Poststation) with ESMTPS\r\n"
                + "\tid 0000000000C1S\r\n"
                + "\tfor <b@example.org>;\r\n"
                + "\tTue, 24 Nov 2026 04:11:00 +0000\r\n");
  }

  /// A name that a client chooses cannot end the line, open a comment or bring a field of its own.
  @Test
  void hostileNamesAreDisarmed() {
    for (String hostile :
        List.of(
            "a\r\nBcc: x@example.org\r\n",
            "a (comment",
            "a) by evil.example; x",
            "a;b",
            "<a>",
            "\"a\\",
            "\u00e4\u0000\u007f",
            "a".repeat(5000))) {
      hello = hostile;
      var lines = written("\r\n").split("\r\n");
      assertThat(lines).hasSize(6).allSatisfy(line -> assertThat(line).hasSizeLessThan(998));
      assertThat(lines[0])
          .matches("Received: from [A-Za-z0-9.?:_\\[\\]-]+ \\(\\[192\\.0\\.2\\.10\\]\\)");
      assertThat(lines[1]).startsWith("\tby relay.example.com ");
    }
    hello = "";
    assertThat(written("\r\n")).startsWith("Received: from unknown ([192.0.2.10])");
  }

  @Test
  void aRecipientWithControlCharactersIsNotShown() {
    to.set(0, new Address("\"b\r\nX: y\"", "example.org"));
    assertThat(written("\r\n")).doesNotContain("for ").doesNotContain("X: y");
  }

  @Test
  void missingFieldsAreAddedOnlyWhereTheRuleSaysSo() {
    assertThat(written("Subject: x\r\n\r\n")).doesNotContain("Date:").doesNotContain("Message-ID");
    addMissing = true;
    assertThat(written("Subject: x\r\n\r\n"))
        .endsWith(
            "Date: Tue, 24 Nov 2026 04:11:00 +0000\r\n"
                + "Message-ID: <0000000000C1S@relay.example.com>\r\n");
    assertThat(written("date: x\r\nMessage-Id: y\r\n\r\n"))
        .doesNotContain("Date:")
        .doesNotContain("Message-ID");
  }

  @Test
  void aBodyWithoutHeaderGetsItsEmptyLine() {
    assertThat(written("Dear Sir,\r\n")).endsWith("+0000\r\n\r\n");
    assertThat(written("")).endsWith("+0000\r\n").doesNotContain("\r\n\r\n");
    assertThat(written("\r\nDear Sir,\r\n")).doesNotContain("\r\n\r\n");
  }
}
