package dev.poststation.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Outcome;
import dev.poststation.message.Outcome.Stage;
import dev.poststation.smtp.EnhancedStatus;
import dev.poststation.smtp.MalformedReplyException;
import dev.poststation.smtp.Reply;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.PKIXReason;
import java.util.List;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DiagnosisTest {
  private final Diagnosis diagnosis = new Diagnosis("mx.example[192.0.2.1]:25", "EHLO");

  @ParameterizedTest
  @CsvSource({
    // stage, reply, kind, status
    "GREETING, 421 busy, Deferred, 4.3.2",
    "GREETING, 450 busy, Deferred, 4.2.0",
    "GREETING, 554 go away, Deferred, 4.3.2",
    "GREETING, 554 5.7.1 listed, Deferred, 4.7.1",
    "GREETING, 521 no mail, Deferred, 4.3.2",
    "GREETING, 354 what, Deferred, 4.5.0",
    "HELLO, 550 who, Deferred, 4.0.0",
    "HELLO, 501 5.5.4 name, Deferred, 4.5.4",
    "HELLO, 535 5.7.8 password, Deferred, 4.7.8",
    "TLS, 454 4.7.0 later, Deferred, 4.7.0",
    "TLS, 502 no, Deferred, 4.7.4",
    "MAIL, 421 4.4.2 bye, Deferred, 4.4.2",
    "MAIL, 450 later, Deferred, 4.2.0",
    "MAIL, 451 4.7.1 grey, Deferred, 4.7.1",
    "MAIL, 452 full, Deferred, 4.3.1",
    "MAIL, 500 what, Bounced, 5.5.2",
    "MAIL, 501 syntax, Bounced, 5.5.4",
    "MAIL, 503 order, Deferred, 4.5.1",
    "MAIL, 530 5.7.0 STARTTLS first, Deferred, 4.7.0",
    "MAIL, 530 5.7.1 Authentication required, Deferred, 4.7.1",
    "MAIL, 535 login, Deferred, 4.7.8",
    "MAIL, 550 5.7.1 policy, Bounced, 5.7.1",
    "MAIL, 550 policy, Bounced, 5.0.0",
    "MAIL, 552 too big, Bounced, 5.3.4",
    "MAIL, 553 sender, Bounced, 5.1.7",
    "MAIL, 555 parameter, Bounced, 5.5.4",
    "MAIL, 354 what, Deferred, 4.5.0",
    "RCPT, 450 4.2.0 grey, Deferred, 4.2.0",
    "RCPT, 452 4.2.2 mailbox full, Deferred, 4.2.2",
    "RCPT, 499 own invention, Deferred, 4.0.0",
    "RCPT, 503 order, Deferred, 4.5.1",
    "RCPT, 521 no mail, Bounced, 5.3.2",
    "RCPT, 550 unknown, Bounced, 5.1.1",
    "RCPT, 550 5.7.1 relaying denied, Bounced, 5.7.1",
    "RCPT, 551 moved, Bounced, 5.1.6",
    "RCPT, 552 too many, Deferred, 4.5.3",
    "RCPT, 552 5.2.2 full, Deferred, 4.2.2",
    "RCPT, 553 syntax, Bounced, 5.1.3",
    "RCPT, 554 no, Bounced, 5.0.0",
    "RCPT, 556 no mail here, Bounced, 5.1.10",
    "RCPT, 599 own invention, Bounced, 5.0.0",
    "DATA, 451 later, Deferred, 4.3.0",
    "DATA, 554 no valid recipients, Bounced, 5.0.0",
    "DATA, 250 what, Deferred, 4.5.0",
    "CONTENT, 552 too big, Bounced, 5.3.4",
    "CONTENT, 421 bye, Deferred, 4.3.2",
    "END, 421 bye, Deferred, 4.3.2",
    "END, 451 4.3.0 later, Deferred, 4.3.0",
    "END, 550 5.7.1 spam, Bounced, 5.7.1",
    "END, 552 too big, Bounced, 5.3.4",
    "END, 554 virus, Bounced, 5.0.0",
    "END, 354 what, Deferred, 4.5.0",
  })
  void aReplyAtAStageMeans(Stage stage, String reply, String kind, String status) {
    Outcome outcome = diagnosis.of(stage, reply(reply));
    assertThat(outcome.getClass().getSimpleName()).isEqualTo(kind);
    assertThat(outcome.status()).hasToString(status);
    assertThat(outcome.text()).contains("mx.example[192.0.2.1]:25").contains(reply);
  }

  private static Reply reply(String text) {
    int code = Integer.parseInt(text.substring(0, 3));
    String rest = text.substring(4);
    var status = EnhancedStatus.parse(rest.substring(0, Math.max(0, rest.indexOf(' '))));
    return new Reply(
        code,
        status.orElse(null),
        List.of(status.isPresent() ? rest.substring(rest.indexOf(' ') + 1) : rest));
  }

  @ParameterizedTest
  @EnumSource(Stage.class)
  void beforeMailNothingBounces(Stage stage) {
    boolean knowsTheMail = stage.compareTo(Stage.MAIL) >= 0;
    for (int code = 200; code < 600; code++) {
      Outcome outcome = diagnosis.of(stage, Reply.plain(code, "x"));
      if (!knowsTheMail || code < 500 || code == 421) {
        assertThat(outcome).as(stage + " " + code).isInstanceOf(Outcome.Deferred.class);
        assertThat(outcome.status().klass()).isEqualTo(4);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Stage.class)
  void whereNoReplyCameAllIsDeferred(Stage stage) {
    for (IOException failure :
        List.of(
            new EOFException("x"),
            new SocketTimeoutException("x"),
            new ConnectException("x"),
            new SocketException("x"),
            new MalformedReplyException("x"),
            new SSLHandshakeException("x"),
            new IOException((String) null),
            new UnreadableContentException(new IOException("x")))) {
      Outcome outcome = diagnosis.of(stage, failure);
      assertThat(outcome).isInstanceOf(Outcome.Deferred.class);
      boolean doubt = outcome.text().contains("twice");
      assertThat(doubt)
          .isEqualTo(stage == Stage.END && !(failure instanceof UnreadableContentException));
    }
  }

  @Test
  void failuresAreToldInOneSentence() {
    assertThat(diagnosis.of(Stage.CONNECT, new ConnectException("Connection refused")))
        .hasFieldOrPropertyWithValue("status", new EnhancedStatus(4, 4, 1))
        .hasFieldOrPropertyWithValue(
            "text", "connect to mx.example[192.0.2.1]:25: Connection refused");
    assertThat(diagnosis.of(Stage.CONNECT, new SocketTimeoutException("x")).text())
        .isEqualTo("connect to mx.example[192.0.2.1]:25: no answer in time");
    assertThat(diagnosis.of(Stage.RCPT, new SocketTimeoutException("x")).text())
        .isEqualTo("host mx.example[192.0.2.1]:25: timed out while sending RCPT TO");
    assertThat(diagnosis.of(Stage.END, new EOFException("x")).text())
        .isEqualTo(
            "host mx.example[192.0.2.1]:25: lost connection while waiting for the reply to the end"
                + " of the content; it may have taken the mail all the same, then it will get it"
                + " twice");
    assertThat(diagnosis.of(Stage.TLS, new SSLHandshakeException("bad\ncertificate")).text())
        .isEqualTo("host mx.example[192.0.2.1]:25: TLS failed while starting TLS: bad?certificate");
  }

  @Test
  void anAuthorityThatHasTheNameOfATrustedOneIsStillNoneThatIsTrusted() {
    for (var reason : List.of(PKIXReason.NO_TRUST_ANCHOR, BasicReason.INVALID_SIGNATURE)) {
      var failure = new SSLHandshakeException("PKIX path validation failed");
      failure.initCause(new CertPathValidatorException("java.x", null, null, -1, reason));
      assertThat(diagnosis.of(Stage.TLS, failure).text())
          .contains("from no authority that this machine trusts", "update-ca-certificates")
          .doesNotContain("java.", "PKIX");
    }
  }

  @Test
  void theTextOfAReplyIsBounded() {
    Outcome outcome = diagnosis.of(Stage.END, Reply.plain(550, "x".repeat(100_000)));
    assertThat(outcome.text()).hasSizeLessThan(1200);
  }

  @ParameterizedTest
  @CsvSource({
    "452 too many, true",
    "552 too many, true",
    "452 4.5.3 too many, true",
    "450 4.5.3 too many, true",
    "550 5.5.3 too many, true",
    "452 4.3.1 disk full, false",
    "452 4.2.2 full, false",
    "450 later, false",
    "552 5.2.2 full, false",
    "550 unknown, false",
    "250 2.1.5 fine, false"
  })
  void tooManyRecipientsAreToldFromOtherTroubles(String reply, boolean tooMany) {
    assertThat(Diagnosis.isTooMany(reply(reply))).isEqualTo(tooMany);
  }
}
