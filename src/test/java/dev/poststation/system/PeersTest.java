package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The peers themselves: what the other tests of this package lean on works without the relay.
@Tag("peer")
final class PeersTest {
  private static final String MAIL = "Subject: hello\r\n\r\nline\r\n";

  @Test
  void postfixTakesMailAndTellsWhatWasSaidToIt() {
    try (var postfix = PostfixPeer.start()) {
      swaks(postfix.port(), "--tls");

      assertThat(postfix.awaitMails(1).getFirst()).contains("Subject: hello").contains("line\n");
      assertThat(postfix.log())
          .contains("< localhost[127.0.0.1]: STARTTLS")
          .contains("RCPT TO:<to@there.test>");
    }
  }

  @Test
  void eximTakesMailAndKeepsItsEnvelope() {
    try (var exim = EximPeer.start()) {
      swaks(exim.port(), "--tls");

      var mail = exim.awaitMails(1).getFirst();
      assertThat(mail.head()).contains("<from@here.test>").contains("to@there.test");
      assertThat(mail.body()).contains("line\n");
      assertThat(exim.log()).contains("P=esmtps");
    }
  }

  @Test
  void smtpSinkTakesMailAndComesBackOnTheSamePort() {
    try (var sink = SmtpSinkPeer.start()) {
      swaks(sink.port());
      sink.stop();
      sink.restart();
      swaks(sink.port());

      assertThat(sink.awaitMails(2).getFirst())
          .contains("X-Rcpt-Args: <to@there.test>")
          .contains("line\n");
    }
  }

  @Test
  void smtpSourceSendsToSmtpSink() {
    try (var sink = SmtpSinkPeer.start()) {
      Program.run(
          List.of(
              Peers.program("smtp-source"),
              "-d",
              "-s",
              "5",
              "-m",
              "50",
              "-l",
              "1000",
              "127.0.0.1:" + sink.port()));

      assertThat(sink.awaitMails(50)).hasSize(50);
    }
  }

  @Test
  void knotAnswersForItsZone() {
    try (var dns = DnsPeer.start("mail A 127.0.0.2", "@ MX 10 mail")) {
      assertThat(dns.ask("test", "MX")).isEqualTo("10 mail.test.");
      assertThat(dns.ask("mail.test", "A")).isEqualTo("127.0.0.2");
    }
  }

  private static void swaks(int port, String... options) {
    var command =
        new java.util.ArrayList<>(
            List.of(
                Peers.program("swaks"),
                "--server",
                "127.0.0.1:" + port,
                "--from",
                "from@here.test",
                "--to",
                "to@there.test",
                "--data",
                "-"));
    command.addAll(List.of(options));
    Program.run(command, MAIL);
  }
}
