package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Next hops that take no sender but that of the account, as many a provider: real Postfix and Exim
/// see it in the envelope and in the header, and all else as it came.
@Tag("peer")
final class ReplacedSendersTest {
  private static final String MAIL =
      "Received: by there\r\n"
          + "From: =?utf-8?q?J=C3=B6rg?= (Sales)\r\n <joerg@example.com>\r\n"
          + "To: recipient@there.test\r\n"
          + "Subject: from the\r\n  account \r\n\r\n"
          + "From: nobody\r\n"
          + ".\r\n"
          + "end";
  private static final String REPLACED =
      "Reply-To: =?utf-8?q?J=C3=B6rg?= (Sales)\n <joerg@example.com>\n"
          + "From: =?utf-8?q?J=C3=B6rg?= (Sales)\n <account@provider.test>\n"
          + "To: recipient@there.test\n"
          + "Subject: from the\n  account \n";

  @Test
  void postfixThatTakesOneSenderTakesAllMail() {
    try (var postfix =
            PostfixPeer.start(
                "smtpd_sender_restrictions ="
                    + " check_sender_access inline:{{account@provider.test=OK}}, reject");
        var relay = RunningRelay.to(postfix.port(), "replace-sender = \"account@provider.test\"")) {
      send(relay.port(), "joerg@example.com");

      assertThat(postfix.awaitMails(1).getFirst())
          .startsWith("Return-Path: <account@provider.test>\n")
          .contains(REPLACED)
          .endsWith("\n\nFrom: nobody\n.\nend\n");
      assertThat(postfix.log()).containsPattern("MAIL FROM:<account@provider\\.test> SIZE=[0-9]+");
      relay.awaitLog("event=attempt .* status=sent .* sender=<account@provider\\.test>");
      assertThat(relay.log()).containsPattern("event=queued .* from=<joerg@example\\.com>");
    }
  }

  @Test
  void eximSeesTheAccountToo() {
    try (var exim = EximPeer.start();
        var relay =
            RunningRelay.to(
                exim.port(),
                "replace-sender = \"account@provider.test\"",
                "keep-sender = [x-original-from]")) {
      send(relay.port(), "joerg@example.com");

      var mail = exim.awaitMails(1).getFirst();
      assertThat(mail.body()).isEqualTo("From: nobody\n.\nend\n");
      assertThat(mail.head())
          .contains("<account@provider.test>")
          .contains("X-Original-From: =?utf-8?q?J=C3=B6rg?= (Sales)\n <joerg@example.com>\n")
          .contains("From: =?utf-8?q?J=C3=B6rg?= (Sales)\n <account@provider.test>\n");
    }
  }

  private static void send(int port, String from) {
    Program.run(
        List.of(
            Peers.program("swaks"),
            "--server",
            "127.0.0.1:" + port,
            "--from",
            from,
            "--to",
            "recipient@there.test",
            "--data",
            MAIL.replace("\r\n", "\\n")));
  }
}
