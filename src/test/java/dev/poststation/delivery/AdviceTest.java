package dev.poststation.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Proxy;
import dev.poststation.message.Outcome.Stage;
import dev.poststation.smtp.Reply;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What large providers and networks say, and what an administrator is told to do.
class AdviceTest {
  private static final Diagnosis AT = new Diagnosis("smtp.example[192.0.2.1]:587", "EHLO");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "AUTH | 535 5.7.139 Authentication unsuccessful, basic authentication is disabled."
            + " [FR0P281CA0144] | Microsoft takes no passwords",
        "AUTH | 535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for"
            + " the Tenant. | Microsoft takes no passwords",
        "MAIL | 530 5.7.57 Client not authenticated to send mail. | Microsoft wants a login",
        "AUTH | 535 5.7.3 Authentication unsuccessful [BE1P281CA] | Exchange refused the login",
        "END | 554 5.2.252 SendAsDenied; a@x not allowed to send as b@x | may not send as",
        "END | 550 5.7.60 SMTP; Client does not have permissions to send as this sender | may not"
            + " send as",
        "AUTH | 534 5.7.9 Application-specific password required. | Google wants an app password",
        "AUTH | 535 5.7.8 Username and Password not accepted. BadCredentials x - gsmtp | app"
            + " passwords only",
        "AUTH | 535 5.7.8 Error: authentication failed: | a wrong user or password",
        "RCPT | 554 5.7.1 <b@y.example>: Relay access denied | does not relay for us",
        "MAIL | 553 5.7.1 <a@x.example>: Sender address rejected: not owned by user | does not take"
            + " this sender",
        "END | 550 5.7.23 The message was rejected because of Sender Policy Framework violation |"
            + " SPF record",
        "END | 550 5.7.26 This mail has been blocked because the sender is unauthenticated. | DKIM",
        "GREETING | 554 5.7.1 go away | does not want to talk",
        "END | 550 5.7.1 Service unavailable, host blocked using Spamhaus | blocklist",
        "RCPT | 451 4.7.1 Greylisting in action | may take it later",
      })
  void whatIsSaidIsUnderstood(Stage stage, String said, String advice) {
    var words = said.split(" ", 3);
    var reply = Reply.of(Integer.parseInt(words[0]), words[1], words[2]);
    var all = Advice.on(AT.of(stage, reply), 587);
    assertThat(all).isNotEmpty();
    assertThat(String.join(" ", all)).contains(advice);
  }

  private static String on(IOException failure, int port) {
    var outcome = AT.of(Stage.CONNECT, failure);
    var failed =
        new Opening.Failed(
            outcome, "none", 0, List.of(), List.of(), Obstacle.of(failure), List.of());
    return String.join(" ", Advice.on(failed, port, new Sample.Via().connector()));
  }

  @Test
  void aPortThatIsSilentIsBlockedWhereItIsPort25() {
    assertThat(on(new SocketTimeoutException(), 25))
        .contains("port 25 is blocked on the way", "proxy");
    assertThat(on(new SocketTimeoutException(), 587)).contains("a firewall drops");
    assertThat(on(new ConnectException("Connection refused"), 25))
        .contains("nothing listens there")
        .doesNotContain("is blocked");
  }

  @Test
  void ofAProxyThatDoesNotWorkNoPortOfMailIsNamed() throws Exception {
    var proxy = new Proxy(Proxy.Scheme.SOCKS5, "proxy.example", 1080, "", null);
    var dead =
        new ProxyException(
            new Sample.Via().connector(), proxy, "cannot be reached: Connection refused");
    assertThat(on(dead, 587))
        .startsWith("it is the proxy that does not work")
        .doesNotContain("587");
    assertThat(on(new BeyondProxyException(proxy, "connection refused"), 587))
        .contains("the proxy works")
        .doesNotContain("nothing listens");
  }

  @Test
  void aPinThatDoesNotFitIsToBeComparedWithTheFingerprint() {
    var outcome =
        Diagnosis.deferred(
            Stage.TLS,
            "4.7.5",
            "its certificate is none that is pinned, and none of its authorities is");
    assertThat(String.join(" ", Advice.on(outcome, 587)))
        .contains("put its fingerprint, which the dialogue shows, into pin");
  }
}
