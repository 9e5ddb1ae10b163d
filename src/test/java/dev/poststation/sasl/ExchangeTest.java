package dev.poststation.sasl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.os.Os;
import dev.poststation.sim.MemoryAccounts;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The mechanisms beside SCRAM.
class ExchangeTest {
  private static final String WRONG = "wrong name or password";

  private final MemoryAccounts accounts =
      MemoryAccounts.ofTheRfcs().user("relay.test", "-").withToken("ya29.good", "user");

  private Attempt attempt(Mechanism mechanism) {
    return new Attempt(mechanism, accounts, Attempt.TLS);
  }

  @Test
  void plainBringsAllAtOnceOrWhenAsked() throws Exception {
    attempt(Mechanism.PLAIN).begin("\0User\0pencil").is("user", "#1");
    attempt(Mechanism.PLAIN).begin().asks("").say("\0user\0pencil").is("user", "#1");
    attempt(Mechanism.PLAIN).begin("user\0user\0pencil").is("user", "#1");
    attempt(Mechanism.PLAIN).begin("\0user\0Pencil").isRefused("user", WRONG);
    attempt(Mechanism.PLAIN).begin("\0nobody\0pencil").isRefused("nobody", WRONG);
    attempt(Mechanism.PLAIN)
        .begin("tim\0user\0pencil")
        .isRefused("user", "may not act for another user");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "user",
        "\0user",
        "\0\0",
        "\0\0pencil",
        "\0user\0",
        "\0user\0pencil\0",
        "\0us\u0007er\0x"
      })
  void whatIsNotPlainIsMalformed(String said) throws Exception {
    attempt(Mechanism.PLAIN).begin(said).isMalformed();
  }

  @Test
  void textMustBeUtf8() throws Exception {
    attempt(Mechanism.PLAIN).begin(new byte[] {0, (byte) 0xff, 0, 'x'}).isMalformed();
    attempt(Mechanism.LOGIN).begin(new byte[] {(byte) 0xc0}).isMalformed();
  }

  @Test
  void whatIsTooLongIsNotEvenLookedUp() throws Exception {
    accounts.breakDown();
    attempt(Mechanism.PLAIN).begin("\0" + "u".repeat(600) + "\0x").isMalformed();
    attempt(Mechanism.PLAIN).begin("\0u\0" + "x".repeat(2000)).isMalformed();
  }

  @Test
  void loginAsksForNameAndPassword() throws Exception {
    attempt(Mechanism.LOGIN)
        .begin()
        .asks("Username:")
        .say("user")
        .asks("Password:")
        .say("pencil")
        .is("user", "#1");
    attempt(Mechanism.LOGIN).begin("user").asks("Password:").say("x").isRefused("user", WRONG);
    attempt(Mechanism.LOGIN).begin("").asks("Username:").say("").say("x").isMalformed();
  }

  @Test
  void cramNeverAsksTheSameTwice() throws Exception {
    Set<String> asked = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      var exchange = Exchange.of(Mechanism.CRAM_MD5, accounts, Attempt.TLS, Os.real().chance());
      var attempt = new Attempt(exchange).begin();
      asked.add(new String(attempt.challenge()));
    }
    assertThat(asked).hasSize(100).allMatch(text -> text.matches("<[0-9a-f]+@relay.example.com>"));
  }

  @Test
  void cramRefusesWrongDigestsAndUnknownUsers() throws Exception {
    String digest = "b913a602c7eda7a495b4e6e7334d3890";
    attempt(Mechanism.CRAM_MD5).begin().say("tim " + digest).isRefused("tim", WRONG);
    attempt(Mechanism.CRAM_MD5).begin().say("nobody " + digest).isRefused("nobody", WRONG);
    attempt(Mechanism.CRAM_MD5).begin().say("tim").isMalformed();
    attempt(Mechanism.CRAM_MD5).begin().say(" " + digest).isMalformed();
    attempt(Mechanism.CRAM_MD5).begin("tim " + digest).isMalformed();
  }

  @Test
  void externalTakesTheNameOfTheCertificate() throws Exception {
    var pem = Files.readAllBytes(Path.of("src/test/resources/tls/relay.pem"));
    var certificate =
        (X509Certificate)
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem));
    var channel = new Attempt.TestChannel(true, List.of(certificate));
    new Attempt(Mechanism.EXTERNAL, accounts, channel).begin("").is("relay.test", "certificate");
    new Attempt(Mechanism.EXTERNAL, accounts, channel)
        .begin()
        .say("Relay.Test")
        .is("relay.test", "certificate");
    new Attempt(Mechanism.EXTERNAL, accounts, channel)
        .begin("user")
        .isRefused("user", "the certificate is no user's");
    attempt(Mechanism.EXTERNAL).begin("").isRefused("", "no client certificate");
  }

  @Test
  void tokensAreTakenInBothForms() throws Exception {
    attempt(Mechanism.OAUTHBEARER)
        .begin("n,a=user,\u0001host=relay\u0001port=587\u0001auth=Bearer ya29.good\u0001\u0001")
        .is("user", "token");
    attempt(Mechanism.OAUTHBEARER)
        .begin("n,,\u0001auth=bearer ya29.good\u0001\u0001")
        .is("user", "token");
    attempt(Mechanism.XOAUTH2)
        .begin("user=user\u0001auth=Bearer ya29.good\u0001\u0001")
        .is("user", "token");
  }

  /// RFC 7628 3.2.2 and 3.2.3.
  @Test
  void aRefusedTokenIsExplainedBeforeTheRefusal() throws Exception {
    attempt(Mechanism.OAUTHBEARER)
        .begin("n,a=user,\u0001auth=Bearer bad\u0001\u0001")
        .asks(
            "{\"status\":\"invalid_token\",\"scope\":\"smtp\",\"openid-configuration\":"
                + "\"https://login.example.com/.well-known/openid-configuration\"}")
        .say("\u0001")
        .isRefused("user", "token refused: it has expired");
    attempt(Mechanism.XOAUTH2)
        .begin("user=tim\u0001auth=Bearer ya29.good\u0001\u0001")
        .asks("{\"status\":\"401\",\"schemes\":\"bearer\",\"scope\":\"smtp\"}")
        .say("")
        .isRefused("tim", "token refused: it has expired");
    attempt(Mechanism.OAUTHBEARER)
        .begin("n,,\u0001auth=Basic abc\u0001\u0001")
        .asks("{\"status\":\"invalid_request\"}")
        .say("\u0001")
        .isRefused("", "token refused: no bearer token");
    attempt(Mechanism.OAUTHBEARER)
        .begin("n,,\u0001\u0001")
        .asks("{\"status\":\"invalid_request\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "n,,",
        "n,,\u0001",
        "n,,\u0001auth=Bearer x",
        "n,,\u0001auth=Bearer x\u0001",
        "n,,\u0001auth\u0001\u0001",
        "n,,\u0001=x\u0001\u0001",
        "n,,\u0001auth=Bearer x\u0001\u0001more",
        "p=tls-exporter,,\u0001auth=Bearer x\u0001\u0001",
        "user=user\u0001auth=Bearer ya29.good\u0001\u0001"
      })
  void whatIsNoTokenIsMalformed(String said) throws Exception {
    attempt(Mechanism.OAUTHBEARER).begin(said).isMalformed();
  }

  @Test
  void whatThisChannelCannotDoIsNotOffered() {
    var all = EnumSet.allOf(Mechanism.class);
    assertThat(Mechanism.offered(all, Attempt.TLS))
        .startsWith(Mechanism.SCRAM_SHA_256_PLUS)
        .doesNotContain(Mechanism.EXTERNAL);
    assertThat(Mechanism.offered(all, Attempt.UNBOUND))
        .startsWith(Mechanism.SCRAM_SHA_256)
        .doesNotContain(Mechanism.SCRAM_SHA_1_PLUS);
    assertThat(Mechanism.offered(new Nobody().mechanisms(), Attempt.TLS)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = Mechanism.class,
      names = {"PLAIN", "SCRAM_SHA_256", "CRAM_MD5", "XOAUTH2"})
  void accountsThatCannotBeAskedAreSaidToBe(Mechanism mechanism) {
    accounts.breakDown();
    String said =
        switch (mechanism) {
          case PLAIN -> "\0user\0pencil";
          case CRAM_MD5 -> "user b913a602c7eda7a495b4e6e7334d3890";
          case XOAUTH2 -> "user=user\u0001auth=Bearer ya29.good\u0001\u0001";
          default -> "n,,n=user,r=abc";
        };
    assertThatThrownBy(() -> attempt(mechanism).begin().say(said))
        .isInstanceOf(UnavailableException.class);
  }

  /// A secret that is kept for a moment is not seen in a trace of the stack or a log.
  @Test
  void secretsAreNotPrinted() {
    var login = new Accounts.Login("user", "#1");
    assertThat(new Accounts.ClearText(login, "pencil").toString()).doesNotContain("pencil");
    assertThat(new Step.Challenge("pencil".getBytes()).toString()).doesNotContain("pencil");
  }
}
