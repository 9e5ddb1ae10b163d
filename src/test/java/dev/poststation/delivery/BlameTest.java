package dev.poststation.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Outcome.Stage;
import dev.poststation.smtp.EnhancedStatus;
import dev.poststation.smtp.Reply;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which refusals are about the address that we came from.
class BlameTest {
  private static boolean on(String seen, Stage stage, String... lines) {
    List<String> texts = new ArrayList<>();
    EnhancedStatus status = null;
    for (String line : lines) {
      String text = line.substring(4);
      int end = text.indexOf(' ');
      var given = EnhancedStatus.parse(text.substring(0, end));
      status = given.orElse(status);
      texts.add(given.isPresent() ? text.substring(end + 1) : text);
    }
    var reply = new Reply(Integer.parseInt(lines[0].substring(0, 3)), status, texts);
    return Blame.on(InetAddress.ofLiteral(seen), Diagnosis.meaning(stage, reply));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "RCPT|554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using zen.example",
        "RCPT|554 5.7.1 <bob@there.example>: Recipient address rejected: listed by blocklist"
            + " 10.2.0.192.zen.example",
        "GREETING|554 mx.there.example ESMTP Service not available: IP address is black listed,"
            + " see https://there.example/why?ip=192.0.2.10&c=bip",
        "MAIL|550 5.7.1 Unfortunately, messages from [192.0.2.10] weren't sent. Part of their"
            + " network is on our block list (S3140).",
        "END|421 4.7.0 [192.0.2.10      15] very low reputation of the sending IP address.",
        "MAIL|550 5.7.606 Access denied, banned sending IP [192.0.2.10]",
        "HELLO|550 5.7.1 Your IP has a bad reputation",
        // T-Online, Google, Proofpoint, Yahoo, Orange, Apple, Barracuda, 1&1, Vade, as others met
        // them.
        "GREETING|554 IP=192.0.2.10 - A problem occurred. (Ask your postmaster for help or to"
            + " contact tosa@rx.t-online.de to clarify.) (BL)",
        "END|550 5.7.1 [192.0.2.10       1] Our system has detected an unusual rate of unsolicited"
            + " mail originating from your IP address. To protect our users from spam, mail sent"
            + " from your IP address has been blocked.",
        "RCPT|550 5.7.0 Blocked - see"
            + " https://support.proofpoint.com/dnsbl-lookup.cgi?ip=192.0.2.10: x@there.example",
        "END|550 5.7.0 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.10",
        "MAIL|553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.10, because the ip is"
            + " in Spamhaus's list; see http://postmaster.yahoo.com/550-bl23.html",
        "GREETING|550 mwinf5c14 ME Adresse IP source bloquee pour incident de spam. Client host"
            + " blocked for spamming issues. OFR006_102 Ref"
            + " http://csi.cloudmark.com/reset-request/?ip=192.0.2.10 [102]",
        "RCPT|550 5.7.1 Mail from IP 192.0.2.10 was rejected due to listing in Spamhaus SBL.",
        "GREETING|554 Service unavailable; Client host [mail.here.example] blocked using Barracuda"
            + " Reputation; http://www.barracudanetworks.com/reputation/?r=1&ip=192.0.2.10",
        "GREETING|554 kundenserver.de Nemesis ESMTP Service not available; No SMTP service; IP"
            + " address is black listed."
            + " http://postmaster.1and1.com/en/error-messages?ip=192.0.2.10&c=bip",
        "RCPT|550 5.7.1 IP 192.0.2.10 blocked by Vade Threat List (OXSUS001_101)",
        "RCPT|521 5.7.1 Service unavailable; client [192.0.2.10] blocked using zen.spamhaus.org",
        "RCPT|550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP."
      })
  void theseAre(Stage stage, String line) {
    assertThat(on("192.0.2.10", stage, line)).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "END|554 5.7.1 This message looks like spam",
        "END|550 5.7.1 [192.0.2.10 12] this message is likely unsolicited mail",
        "END|554 5.7.1 Message contains a link that is listed by uribl.example: 198.51.100.9"
            + " blocked using uribl.example",
        "END|554 5.7.1 the sending domain's reputation is bad",
        "RCPT|554 5.7.1 Sender domain is on our blocklist",
        "RCPT|554 5.7.1 Client host [198.51.100.9] blocked using zen.example",
        "RCPT|554 5.7.1 Client host [192.0.2.100] blocked using zen.example",
        "RCPT|554 5.7.1 Client host [192.0.2.1] blocked using zen.example",
        "RCPT|550 5.1.1 <192.0.2.10-blocked-using-zen@there.example> unknown user",
        "RCPT|450 4.2.0 192.0.2.10 greylisted",
        "END|421 4.7.28 [192.0.2.10       4] Our system has detected an unusual rate of unsolicited"
            + " mail originating from your IP address. To protect our users from spam, mail sent"
            + " from your IP address has been temporarily rate limited.",
        "MAIL|451 4.7.650 The mail server [192.0.2.10] has been temporarily rate limited due to IP"
            + " reputation. (S3113)",
        "GREETING|554 gmx.net Nemesis ESMTP Service not available; No SMTP service; Bad DNS PTR"
            + " resource record. https://www.gmx.net/mail/senderguidelines?ip=192.0.2.10&c=rdns",
        "END|550 5.7.0 Message considered as spam or virus, rejected. Your IP: 192.0.2.10",
        "MAIL|421 4.7.0 192.0.2.10: too many connections"
      })
  void theseAreNot(Stage stage, String line) {
    assertThat(on("192.0.2.10", stage, line)).isFalse();
  }

  @Test
  void anAddressOfIpv6IsKnownInAllItsForms() {
    String hop = "554 5.7.1 Client host [%s] blocked using zen.example";
    String seen = "2001:db8::10";
    assertThat(on(seen, Stage.RCPT, hop.formatted("2001:db8::10"))).isTrue();
    assertThat(on(seen, Stage.RCPT, hop.formatted("2001:0DB8:0:0:0:0:0:0010"))).isTrue();
    assertThat(on(seen, Stage.RCPT, hop.formatted("2001:db8::11"))).isFalse();
    assertThat(on(seen, Stage.RCPT, hop.formatted("192.0.2.10"))).isFalse();
  }

  @Test
  void aReplyOfSeveralLinesIsReadAsAWhole() {
    assertThat(
            on(
                "192.0.2.10",
                Stage.GREETING,
                "554 mx.there.example Service not available",
                "554 IP address is black listed",
                "554 see https://there.example/?ip=192.0.2.10"))
        .isTrue();
  }
}
