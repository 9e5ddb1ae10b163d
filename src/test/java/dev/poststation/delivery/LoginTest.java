package dev.poststation.delivery;

import static dev.poststation.delivery.Play.brief;
import static dev.poststation.delivery.Play.failed;
import static dev.poststation.delivery.Play.opened;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Connector;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How we log in at a next hop.
class LoginTest {
  private final Play play = new Play();

  private String[] secured(String mechanisms, String... more) {
    play.via.tls = Connector.Tls.REQUIRED;
    play.via.auth = new Connector.Auth("account", Sample.secret("hunter2"));
    List<String> script =
        new ArrayList<>(
            List.of(
                StartTlsTest.offering(
                    "STARTTLS",
                    "C: STARTTLS",
                    "S: 220 go",
                    "<tls>",
                    "C: EHLO relay.example",
                    "S: 250-hi",
                    "S: 250 " + mechanisms)));
    script.addAll(List.of(more));
    return script.toArray(String[]::new);
  }

  @Test
  void plainIsOneCommandAndItsSecretIsNotShown() {
    // RFC 4616: NUL, account, NUL, password.
    play.network.at(
        "192.0.2.1:25",
        secured("AUTH LOGIN PLAIN", "C: AUTH PLAIN AGFjY291bnQAaHVudGVyMg==", "S: 235 2.7.0 ok"));
    var opening = (Opening.Opened) play.dial();
    assertThat(opening.dialogue()).contains("C: AUTH PLAIN ***", "S: 235 2.7.0 ok");
    assertThat(String.join("\n", opening.dialogue())).doesNotContain("hunter2", "AGFjY291bnQA");
    play.network.verify();
  }

  @Test
  void loginIsAQuestionAndAnswerGame() {
    play.network.at(
        "192.0.2.1:25",
        secured(
            "AUTH LOGIN",
            "C: AUTH LOGIN",
            "S: 334 VXNlcm5hbWU6",
            "C: YWNjb3VudA==",
            "S: 334 UGFzc3dvcmQ6",
            "C: aHVudGVyMg==",
            "S: 235 ok"));
    var opening = (Opening.Opened) play.dial();
    assertThat(opening.dialogue())
        .containsSubsequence(
            "C: AUTH LOGIN",
            "S: 334 VXNlcm5hbWU6",
            "C: ***",
            "S: 334 UGFzc3dvcmQ6",
            "C: ***",
            "S: 235 ok");
    play.network.verify();
  }

  @Test
  void longCredentialsWaitForTheirTurn() {
    String[] script =
        secured("AUTH PLAIN", "C: AUTH PLAIN", "S: 334 ", "C: AGFjY291bnQAeHh4*", "S: 235 ok");
    play.via.auth = new Connector.Auth("account", Sample.secret("x".repeat(500)));
    play.network.at("192.0.2.1:25", script);
    opened(play.dial());
    play.network.verify();
  }

  @Test
  void aRefusedLoginIsTheConfigurationsFaultAndNoOtherHostIsAsked() {
    play.resolver.address("mx.example", "192.0.2.2");
    play.network.at(
        "192.0.2.1:25", secured("AUTH PLAIN", "C: AUTH*", "S: 535 5.7.8 wrong password"));
    var failed = failed(play.dial());
    assertThat(brief(failed.outcome())).isEqualTo("Deferred HELLO 4.7.8");
    assertThat(failed.outcome().text())
        .isEqualTo(
            "host mx.example[192.0.2.1]:25 refused the login of connector provider as account: 535"
                + " 5.7.8 wrong password");
    assertThat(play.network.dialled()).hasSize(1);
  }

  @Test
  void aLoginThatFailsForNowMaySucceedElsewhere() {
    play.resolver.address("mx.example", "192.0.2.2");
    play.network
        .at("192.0.2.1:25", secured("AUTH PLAIN", "C: AUTH*", "S: 454 4.7.0 later"))
        .at("192.0.2.2:25", secured("AUTH PLAIN", "C: AUTH*", "S: 235 ok"));
    opened(play.dial());
    play.network.verify();
  }

  @ParameterizedTest
  @CsvSource({"S: 535 no hunter2 here", "S: 535-no AGFjY291bnQAaHVudGVyMg== here"})
  void aSecretThatTheNextHopRepeatsIsNotShown(String reply) {
    String[] script =
        reply.contains("535-")
            ? secured("AUTH PLAIN", "C: AUTH*", reply, "S: 535 no")
            : secured("AUTH PLAIN", "C: AUTH*", reply);
    play.network.at("192.0.2.1:25", script);
    var failed = failed(play.dial());
    assertThat(failed.outcome() + String.join("\n", failed.dialogue()))
        .doesNotContain("hunter2", "AGFjY291bnQAaHVudGVyMg");
  }

  @Test
  void aLoginGoesOverTlsOnly() {
    play.via.tls = Connector.Tls.OPPORTUNISTIC;
    play.via.auth = new Connector.Auth("account", Sample.secret("hunter2"));
    play.network.at("192.0.2.1:25", StartTlsTest.offering("AUTH PLAIN"));
    var failed = failed(play.dial());
    assertThat(brief(failed.outcome())).isEqualTo("Deferred HELLO 4.7.11");
    assertThat(failed.outcome().text())
        .isEqualTo(
            "the login of connector provider is sent over TLS only, and there is none with host"
                + " mx.example[192.0.2.1]:25");
  }

  @Test
  void aLoginIsSentInClearWhereTlsIsOff() {
    play.via.tls = Connector.Tls.OFF;
    play.via.auth = new Connector.Auth("account", Sample.secret("hunter2"));
    List<String> script = new ArrayList<>(List.of(StartTlsTest.offering("AUTH PLAIN")));
    script.add("C: AUTH PLAIN AGFjY291bnQAaHVudGVyMg==");
    script.add("S: 235 2.7.0 ok");
    play.network.at("192.0.2.1:25", script.toArray(String[]::new));
    var opening = (Opening.Opened) play.dial();
    assertThat(opening.dialogue()).contains("C: AUTH PLAIN ***", "S: 235 2.7.0 ok");
    play.network.verify();
  }

  @Test
  void aLoginThatWeCannotDoIsSaidSo() {
    play.network.at("192.0.2.1:25", secured("AUTH GSSAPI NTLM"));
    assertThat(failed(play.dial()).outcome().text())
        .isEqualTo(
            "host mx.example[192.0.2.1]:25 offers no login by PLAIN or LOGIN, only: GSSAPI NTLM");
    play.network.at("192.0.2.1:25", secured("SIZE"));
    assertThat(failed(play.dial()).outcome().text()).endsWith("only: none");
  }

  @Test
  void aSecretThatCannotBeReadIsOneSentence() {
    String[] script = secured("AUTH PLAIN");
    play.via.auth = new Connector.Auth("account", Sample.secret(null));
    play.network.at("192.0.2.1:25", script);
    var failed = failed(play.dial());
    assertThat(brief(failed.outcome())).isEqualTo("Deferred HELLO 4.3.5");
    assertThat(failed.outcome().text())
        .isEqualTo(
            "the password of connector provider cannot be read: /etc/poststation/provider.secret"
                + " does not exist");
  }
}
