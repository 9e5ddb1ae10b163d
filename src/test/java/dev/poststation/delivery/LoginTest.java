package dev.poststation.delivery;

import static dev.poststation.delivery.Play.brief;
import static dev.poststation.delivery.Play.failed;
import static dev.poststation.delivery.Play.opened;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Account;
import dev.poststation.config.Connector;
import dev.poststation.log.Event;
import dev.poststation.message.Outcome;
import dev.poststation.route.NextHop;
import dev.poststation.sasl.Mechanism;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How we log in at a next hop.
class LoginTest {
  private final Play play = new Play();

  private String[] secured(String mechanisms, String... more) {
    play.via.tls = Connector.Tls.REQUIRED;
    play.via.account = Sample.account("account", "hunter2");
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
            "C: AUTH LOGIN", "S: 334 ***", "C: ***", "S: 334 ***", "C: ***", "S: 235 ok");
    play.network.verify();
  }

  @Test
  void longCredentialsWaitForTheirTurn() {
    String[] script =
        secured("AUTH PLAIN", "C: AUTH PLAIN", "S: 334 ", "C: AGFjY291bnQAeHh4*", "S: 235 ok");
    play.via.account = Sample.account("account", "x".repeat(500));
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
    assertThat(brief(failed.outcome())).isEqualTo("Deferred AUTH 4.7.8");
    assertThat(failed.outcome().text())
        .isEqualTo(
            "host mx.example[192.0.2.1]:25 refused the login of connector provider as account by"
                + " PLAIN: 535 5.7.8 wrong password");
    assertThat(play.network.dialled()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"500 5.5.1 what", "502 5.5.1 no AUTH here", "503 5.5.1 not now", "504 5.5.4 no PLAIN"})
  void aHostThatCannotDoTheLoginSaysNothingOfTheAccountAndTheNextIsAsked(String reply) {
    play.resolver.address("mx.example", "192.0.2.2");
    play.network
        .at("192.0.2.1:25", secured("AUTH PLAIN", "C: AUTH*", "S: " + reply))
        .at("192.0.2.2:25", secured("AUTH PLAIN", "C: AUTH*", "S: 235 ok"));
    opened(play.dial());
    play.network.verify();
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
  @CsvSource({
    "S: 535 no hunter2 here",
    "S: 535-no AGFjY291bnQAaHVudGVyMg== here",
    "S: 535 no bnQAaHVudGVy here",
    "S: 535 no %68%75nter2 here",
    "S: 535 no 68756e74657232 here",
  })
  void aSecretThatTheNextHopRepeatsIsNotShown(String reply) {
    String[] script =
        reply.contains("535-")
            ? secured("AUTH PLAIN", "C: AUTH*", reply, "S: 535 no")
            : secured("AUTH PLAIN", "C: AUTH*", reply);
    play.network.at("192.0.2.1:25", script);
    var failed = failed(play.dial());
    assertThat(failed.outcome() + String.join("\n", failed.dialogue()))
        .doesNotContain("hunter2", "AGFjY291bnQAaHVudGVyMg", "bnQAaHVudGVy", "unter2", "6874");
    assertThat(failed.outcome().text()).contains("no *** here");
  }

  @Test
  void afterTheLoginARefusalDoesNotShowItEither() {
    play.network.at(
        "192.0.2.1:25",
        secured(
            "AUTH PLAIN",
            "C: AUTH*",
            "S: 235 ok",
            "C: MAIL*",
            "S: 503 what is AGFjY291bnQAaHVudGVyMg==",
            "C: QUIT"));
    var conversation = opened(play.dial());
    var result = conversation.send(new Sample.Letter().order());
    assertThat(result.outcomes().getFirst().text()).contains("503 what is ***");
    assertThat(String.join("\n", result.dialogue())).doesNotContain("AGFjY291bnQA");
  }

  @Test
  void whatANextHopWantsHashedKeepsNoCarrierOfVirtualThreadsBusy() {
    play.network.at(
        "192.0.2.1:25",
        secured("AUTH SCRAM-SHA-256", "C: AUTH*", "S: 334 cj1hYmM=", "C: *", "S: 501 no"));
    failed(play.dial());
    assertThat(play.platform).containsExactly("scram-1");
  }

  @Test
  void aTokenThatIsRefusedWhileThereIsNoOtherMakesAPause() {
    List<String> refused = new ArrayList<>();
    play.tokens =
        new Tokens() {
          @Override
          public String token(Account account) {
            return "token-1";
          }

          @Override
          public Optional<String> missing(Account account) {
            return refused.isEmpty() ? Optional.empty() : Optional.of("the server is down");
          }

          @Override
          public void refused(Account account, String token) {
            refused.add(token);
          }
        };
    String[] script = secured("AUTH XOAUTH2", "C: AUTH*", "S: 535 5.7.3 no");
    play.via.account = Sample.withToken("account", Mechanism.XOAUTH2);
    play.network.at("192.0.2.1:25", script);
    var outcome = (Outcome.Deferred) failed(play.dial()).outcome();
    assertThat(refused).containsExactly("token-1");
    assertThat(outcome.paused()).isTrue();
    assertThat(outcome.text())
        .endsWith("535 5.7.3 no; and there is no other token: the server is down");
  }

  @Test
  void aLoginGoesOverTlsOnly() {
    play.via.tls = Connector.Tls.OPPORTUNISTIC;
    play.via.account = Sample.account("account", "hunter2");
    play.network.at("192.0.2.1:25", StartTlsTest.offering("AUTH PLAIN"));
    var failed = failed(play.dial());
    assertThat(brief(failed.outcome())).isEqualTo("Deferred AUTH 4.7.11");
    assertThat(failed.outcome().text())
        .isEqualTo(
            "the login of connector provider is sent over TLS only, and there is none with host"
                + " mx.example[192.0.2.1]:25");
  }

  private void inClear(String address, String... script) {
    play.via.tls = Connector.Tls.OFF;
    play.via.account = Sample.account("account", "hunter2", Mechanism.PLAIN);
    List<String> all = new ArrayList<>(List.of(StartTlsTest.offering("AUTH PLAIN")));
    all.addAll(List.of(script));
    play.network.at(address, all.toArray(String[]::new));
  }

  @Test
  void aPasswordIsSentInClearToThisMachineWhereTlsIsOffAndTheMechanismIsFixed() {
    play.hosts = List.of(new NextHop("localhost", 25, false));
    play.resolver.address("localhost", "127.0.0.1");
    inClear("127.0.0.1:25", "C: AUTH PLAIN AGFjY291bnQAaHVudGVyMg==", "S: 235 2.7.0 ok");
    var opening = (Opening.Opened) play.dial();
    assertThat(opening.dialogue()).contains("C: AUTH PLAIN ***", "S: 235 2.7.0 ok");
    play.network.verify();
  }

  @Test
  void aPasswordIsSentInClearToNobodyElse() {
    inClear("192.0.2.1:25", "C: QUIT");
    var failed = failed(play.dial());
    assertThat(brief(failed.outcome())).isEqualTo("Deferred AUTH 4.7.11");
    assertThat(failed.outcome().text())
        .isEqualTo(
            "the password of connector provider is not sent in clear over a network to host"
                + " mx.example[192.0.2.1]:25");
    play.network.verify();
  }

  @Test
  void aLoginThatWeCannotDoIsSaidSo() {
    play.network.at("192.0.2.1:25", secured("AUTH GSSAPI NTLM"));
    assertThat(failed(play.dial()).outcome().text())
        .isEqualTo(
            "host mx.example[192.0.2.1]:25 offers no login by SCRAM, CRAM-MD5, PLAIN or LOGIN,"
                + " only: GSSAPI NTLM");
    play.network.at("192.0.2.1:25", secured("SIZE"));
    assertThat(failed(play.dial()).outcome().text()).endsWith("only: none");
  }

  @Test
  void aSecretThatCannotBeReadIsOneSentence() {
    String[] script = secured("AUTH PLAIN");
    play.via.account = Sample.account("account", null);
    play.network.at("192.0.2.1:25", script);
    var failed = failed(play.dial());
    assertThat(brief(failed.outcome())).isEqualTo("Deferred AUTH 4.3.5");
    assertThat(failed.outcome().text())
        .isEqualTo(
            "the password of connector provider cannot be read: /etc/poststation/provider.secret"
                + " does not exist");
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void withoutTlsAClearTextMechanismIsNeverChosen() {
    play.via.tls = Connector.Tls.OFF;
    play.via.account = Sample.account("account", "hunter2");
    play.network.at("192.0.2.1:25", StartTlsTest.offering("AUTH PLAIN LOGIN XOAUTH2"));
    assertThat(failed(play.dial()).outcome().text())
        .isEqualTo(
            "host mx.example[192.0.2.1]:25 offers no login by SCRAM or CRAM-MD5 (no other one is"
                + " used without TLS), only: PLAIN LOGIN XOAUTH2");
  }

  @Test
  void cramMd5ShowsThatWeKnowThePassword() {
    // RFC 2195 2.
    String[] script =
        secured(
            "AUTH PLAIN LOGIN CRAM-MD5",
            "C: AUTH CRAM-MD5",
            "S: 334 " + encoded("<1896.697170952@postoffice.reston.mci.net>"),
            "C: " + encoded("tim b913a602c7eda7a495b4e6e7334d3890"),
            "S: 235 2.7.0 ok");
    play.via.account = Sample.account("tim", "tanstaaftanstaaf");
    play.network.at("192.0.2.1:25", script);
    var opening = (Opening.Opened) play.dial();
    assertThat(opening.conversation().login()).isEqualTo(new Event.Login("tim", "CRAM-MD5"));
    assertThat(opening.dialogue())
        .containsSubsequence(
            "C: AUTH CRAM-MD5",
            "S: 334 ***",
            "C: ***",
            "S: 235 2.7.0 ok",
            "* logged in as tim by CRAM-MD5");
    play.network.verify();
  }

  /// The nonce of the client is all zeros here.
  private static final String NONCE = "0".repeat(36);

  private static final String SERVER_FIRST =
      encoded("r=" + NONCE + "server,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");

  private String[] scram(String... more) {
    List<String> script = new ArrayList<>();
    script.add("C: AUTH SCRAM-SHA-256 " + encoded("n,,n=account,r=" + NONCE));
    script.add("S: 334 " + SERVER_FIRST);
    script.addAll(List.of(more));
    return secured("AUTH PLAIN SCRAM-SHA-256", script.toArray(String[]::new));
  }

  @Test
  void aServerThatCannotShowThatItKnowsThePasswordIsNotTrusted() {
    play.network.at(
        "192.0.2.1:25",
        scram(
            "C: " + encoded("c=biws,r=" + NONCE + "server,p=").substring(0, 60) + "*",
            "S: 334 " + encoded("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="),
            "C: *",
            "S: 501 5.7.0 cancelled",
            "C: QUIT"));
    var failed = failed(play.dial());
    assertThat(brief(failed.outcome())).isEqualTo("Deferred AUTH 4.7.5");
    assertThat(failed.outcome().text())
        .isEqualTo(
            "the login of connector provider as account by SCRAM-SHA-256 was given up: host"
                + " mx.example[192.0.2.1]:25 cannot show that it knows the password: it is not to"
                + " be trusted");
  }

  @Test
  void aServerThatTakesScramWithoutShowingAnythingIsNotTrusted() {
    play.network.at("192.0.2.1:25", scram("C: *", "S: 235 2.7.0 welcome"));
    var failed = failed(play.dial());
    assertThat(failed.outcome().text())
        .endsWith(
            "took the login without showing that it knows the password: it is not to be trusted");
  }

  @Test
  void whatScramSaysIsNeverShown() {
    play.network.at(
        "192.0.2.1:25", scram("C: *", "S: 334 " + encoded("e=invalid-proof"), "C: ", "S: 535 no"));
    var failed = failed(play.dial());
    assertThat(failed.outcome().text()).endsWith("by SCRAM-SHA-256: invalid-proof: 535 no");
    assertThat(failed.dialogue())
        .contains("C: AUTH SCRAM-SHA-256 ***", "S: 334 ***", "C: ***")
        .noneMatch(line -> line.contains(NONCE) || line.contains(SERVER_FIRST));
  }

  @Test
  void aMechanismThatIsFixedAndNotOfferedIsNotReplaced() {
    String[] script = secured("AUTH PLAIN LOGIN");
    play.via.account = Sample.account("account", "hunter2", Mechanism.SCRAM_SHA_256);
    play.network.at("192.0.2.1:25", script);
    assertThat(failed(play.dial()).outcome().text())
        .isEqualTo(
            "host mx.example[192.0.2.1]:25 offers no login by SCRAM-SHA-256, which connector"
                + " provider demands, only: PLAIN LOGIN");
  }

  @Test
  void aFixedMechanismIsTakenThoughAStrongerOneIsOffered() {
    String[] script =
        secured("AUTH SCRAM-SHA-256 PLAIN LOGIN", "C: AUTH LOGIN", "S: 454 4.7.0 later");
    play.via.account = Sample.account("account", "hunter2", Mechanism.LOGIN);
    play.network.at("192.0.2.1:25", script);
    assertThat(failed(play.dial()).outcome().text()).endsWith("by LOGIN: 454 4.7.0 later");
    play.network.verify();
  }

  @Test
  void whatCannotBeBoundToTlsIsNotBound() {
    String[] script = secured("AUTH SCRAM-SHA-256-PLUS");
    play.via.account = Sample.account("account", "hunter2", Mechanism.SCRAM_SHA_256_PLUS);
    play.network.at("192.0.2.1:25", script);
    assertThat(failed(play.dial()).outcome().text())
        .isEqualTo(
            "the login by SCRAM-SHA-256-PLUS cannot be bound to TLS with host"
                + " mx.example[192.0.2.1]:25");
  }

  @Test
  void theCertificateNeedsNoWord() {
    String[] script = secured("AUTH EXTERNAL PLAIN", "C: AUTH EXTERNAL =", "S: 235 2.7.0 ok");
    play.via.account = Sample.account("", null, Mechanism.EXTERNAL);
    play.network.at("192.0.2.1:25", script);
    var opening = (Opening.Opened) play.dial();
    assertThat(opening.dialogue())
        .contains("C: AUTH EXTERNAL =", "* logged in as certificate by EXTERNAL");
    play.network.verify();
  }

  private static final String XOAUTH2 = encoded("user=u@x.example\1auth=Bearer ya29.tok\1\1");

  @Test
  void aTokenThatIsRefusedIsExplained() {
    List<String> refused = new ArrayList<>();
    play.tokens =
        new Tokens() {
          @Override
          public String token(Account account) {
            return "ya29.tok";
          }

          @Override
          public void refused(Account account, String token) {
            refused.add(account.user() + " " + token);
          }
        };
    String[] script =
        secured(
            "AUTH PLAIN XOAUTH2",
            "C: AUTH XOAUTH2 " + XOAUTH2,
            "S: 334 " + encoded("{\"status\":\"401\",\"schemes\":\"bearer\",\"scope\":\"mail\"}"),
            "C: ",
            "S: 535 5.7.8 bad ya29.tok here");
    play.via.account = Sample.withToken("u@x.example", Mechanism.XOAUTH2);
    play.network.at("192.0.2.1:25", script);
    var failed = failed(play.dial());
    assertThat(failed.outcome().text())
        .isEqualTo(
            "host mx.example[192.0.2.1]:25 refused the login of connector provider as u@x.example"
                + " by XOAUTH2: the token has expired, was revoked, or is for something else (401),"
                + " scope mail: 535 5.7.8 bad *** here");
    assertThat(refused).containsExactly("u@x.example ya29.tok");
    assertThat(failed.outcome() + String.join("\n", failed.dialogue()))
        .doesNotContain("ya29.tok", XOAUTH2);
    play.network.verify();
  }

  @Test
  void withoutATokenTheMailWaitsAndNoOtherHostIsAsked() {
    play.resolver.address("mx.example", "192.0.2.2");
    String[] script = secured("AUTH XOAUTH2");
    play.via.account = Sample.withToken("u@x.example", Mechanism.XOAUTH2);
    play.network.at("192.0.2.1:25", script);
    var failed = failed(play.dial());
    assertThat(brief(failed.outcome())).isEqualTo("Deferred AUTH 4.7.0");
    assertThat(failed.outcome().text())
        .isEqualTo(
            "no token for account u@x.example of connector provider: no OAuth is configured for"
                + " connector provider");
    assertThat(play.network.dialled()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"S: 334 !", "S: 334 more?"})
  void whatIsNoChallengeEndsTheLogin(String challenge) {
    play.network.at(
        "192.0.2.1:25", secured("AUTH PLAIN", "C: AUTH PLAIN*", challenge, "C: *", "S: 501 no"));
    assertThat(failed(play.dial()).outcome().text()).endsWith("says what is no BASE64");
  }

  @ParameterizedTest
  @CsvSource({"PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256", "EXTERNAL"})
  void whoAsksForEverIsLeft(String word) {
    List<String> script = new ArrayList<>(List.of("C: AUTH*"));
    for (int i = 0; i < 3; i++) {
      script.add("S: 334 QQ==");
      script.add("C: *");
    }
    script.add("S: 501 no");
    String[] whole = secured("AUTH " + word, script.toArray(String[]::new));
    play.via.account = Sample.account("account", "hunter2", Mechanism.of(word).orElseThrow());
    play.network.at("192.0.2.1:25", whole);
    assertThat(failed(play.dial()).outcome().text()).contains(" was given up: ");
  }
}
