package dev.poststation.bounce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.QueueId;
import dev.poststation.smtp.Address;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Bounces of others, read.
class StatusReportTest {
  private static final QueueId ID = new QueueId(4711);

  private static String bounce(String status, String returned) {
    return """
    Received: from a.example by b.example with ESMTP id %3$s; Tue, 1 Dec 2026 10:00:00 +0000
    From: MAILER-DAEMON@mx.example
    MIME-Version: 1.0
    Content-Type: multipart/report; report-type=delivery-status; boundary="b"

    --b
    Content-Type: text/plain

    Sorry.
    --b
    Content-Type: message/delivery-status

    %1$s
    --b
    %2$s
    --b--
    """
        .formatted(status, returned, new QueueId(1))
        .replace("\n", "\r\n");
  }

  private static final String FAILED =
      """
      Reporting-MTA: dns; mx.example

      Original-Recipient: rfc822;Bert@example.net
      Final-Recipient: rfc822; <bert@inside.example.net>
      Action: failed
      Status: 5.1.1 (no mailbox)
      Diagnostic-Code: smtp; 550 5.1.1
        no such
        user

      Final-Recipient: rfc822; carl@example.net
      Action: delayed
      Status: 4.4.1
      """;

  private static final String HEADER =
      """
      Content-Type: text/rfc822-headers

      Received: from client by relay.example
       with ESMTP id %s for <bert@example.net>; Tue, 1 Dec 2026 09:00:00 +0000
      Subject: news id 00000000000ZZ
      """
          .formatted(ID);

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void itSaysWhoWasGivenUpWhyAndUnderWhichIdTheMailWent() {
    var report = StatusReport.read(octets(bounce(FAILED, HEADER))).orElseThrow();
    assertThat(report.ids()).containsExactly(ID);
    assertThat(report.failures())
        .singleElement()
        .satisfies(
            failure -> {
              assertThat(failure.recipients().toString())
                  .contains("bert@inside.example.net", "Bert@example.net");
              assertThat(failure.status()).hasToString("5.1.1");
              assertThat(failure.diagnostic()).isEqualTo("550 5.1.1 no such user");
            });
  }

  @Test
  void theIdIsFoundInAWholeMailThatCameBackToo() {
    String whole = HEADER.replaceFirst(".*\n\n", "Content-Type: message/rfc822\n\n") + "\nhello\n";
    var report = StatusReport.read(octets(bounce(FAILED, whole))).orElseThrow();
    assertThat(report.ids()).containsExactly(ID);
  }

  /// As Postfix writes it to a sender in UTF-8, and as others may in ASCII.
  @ParameterizedTest
  @CsvSource({
    "utf-8; jürgen@bücher.example, message/global-headers",
    "UTF-8; <jürgen@bücher.example>, message/global",
    "utf-8; j\\x{FC}rgen@b\\x{FC}cher.example, text/rfc822-headers",
    "rfc822; jürgen@bücher.example, message/rfc822",
  })
  void aBounceInUtf8IsReadAsAnyOther(String recipient, String returned) {
    String status =
        FAILED
            .replace("rfc822; <bert@inside.example.net>", recipient)
            .replace("no such", "keine Mailbox für");
    String header =
        HEADER.replaceFirst(".*\n", "Content-Type: " + returned + "\n")
            + "\nReceived: id "
            + new QueueId(3)
            + "\n";
    String mail =
        bounce(status, header)
            .replace("message/delivery-status", "message/global-delivery-status")
            .replace("report-type=delivery", "report-type=global-delivery");
    var report = StatusReport.read(mail.getBytes(StandardCharsets.UTF_8)).orElseThrow();
    assertThat(report.ids()).containsExactly(ID);
    var failure = report.failures().getFirst();
    assertThat(failure.recipients().toString()).contains("jürgen@bücher.example", "Bert@");
    assertThat(failure.diagnostic()).isEqualTo("550 5.1.1 keine Mailbox für user");
  }

  @Test
  void ourOwnNoticeToASenderInUtf8IsRead() {
    var to = new Address("käthe", "bücher.example");
    var asked =
        new Asked()
            .sender("jürgen", "bücher.example")
            .content("From: Jürgen <jürgen@bücher.example>\r\n\r\nHallo\r\n")
            .about(to, Asked.REFUSED, "mx1.example.net[192.0.2.25]:25", null);
    assertThat(asked.text())
        .contains("message/global-delivery-status", "message/global\r\n", "utf-8; käthe@");
    var report = StatusReport.read(asked.compose().content()).orElseThrow();
    assertThat(report.failures().getFirst().recipients()).contains(to);
    assertThat(report.ids()).isNotEmpty();
  }

  @Test
  void whatIsDelayedRelayedOrSaysNoIdIsNone() {
    assertThat(StatusReport.read(octets(bounce(FAILED, "Content-Type: text/plain\n\nid x"))))
        .isEmpty();
    assertThat(StatusReport.read(octets(bounce(FAILED.replace("failed", "relayed"), HEADER))))
        .isEmpty();
    assertThat(StatusReport.read(octets(bounce(FAILED.replace("Status: 5", "Status: 4"), HEADER))))
        .isEmpty();
    assertThat(StatusReport.read(octets("Subject: hello\r\n\r\nmessage/delivery-status")))
        .isEmpty();
  }

  @Test
  void nothingThatIsDamagedOrCutOffIsAFault() {
    byte[] whole = octets(bounce(FAILED, HEADER));
    var random = new Random(1);
    for (int i = 0; i < 2000; i++) {
      byte[] some = Arrays.copyOf(whole, random.nextInt(whole.length));
      for (int j = 0; j < 3 && some.length > 0; j++) {
        some[random.nextInt(some.length)] = (byte) random.nextInt(256);
      }
      var report = StatusReport.read(some);
      assertThat(report.map(each -> each.ids().size()).orElse(1)).isBetween(1, 20);
    }
  }
}
