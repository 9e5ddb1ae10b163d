package dev.poststation.delivery;

import static dev.poststation.delivery.Play.brief;
import static dev.poststation.delivery.Play.failed;
import static dev.poststation.delivery.Play.opened;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Connector;
import dev.poststation.message.Outcome;
import dev.poststation.route.NextHop;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// From a destination to a conversation.
class DialerTest {
  private static final String[] WELL = {"S: 220 mx.example", "C: EHLO relay.example", "S: 250 mx.example"};

  private final Play play = new Play();

  @Test
  void theFirstHostThatAnswersIsTaken() {
    play.network.at("192.0.2.1:25", WELL);
    var opening = (Opening.Opened) play.dial();
    assertThat(opening.conversation().relay()).isEqualTo("mx.example[192.0.2.1]:25");
    assertThat(opening.dialogue())
        .containsExactly(
            "* connected to mx.example[192.0.2.1]:25", "S: 220 mx.example", "C: EHLO relay.example", "S: 250 mx.example");
    opening.conversation().close();
    assertThat(play.peer().said()).doesNotContain("QUIT");
    play.network.verify();
  }

  @ParameterizedTest
  @CsvSource({
    "S: 554 go away, Deferred GREETING 4.3.2",
    "S: 421 busy, Deferred GREETING 4.3.2",
    "S: 354 what, Deferred GREETING 4.5.0",
    "S: garbage, Deferred GREETING 4.5.0",
    "<close>, Deferred GREETING 4.4.2",
    "<reset>, Deferred GREETING 4.4.2",
    "<timeout>, Deferred GREETING 4.4.2",
    "<endless 220->, Deferred GREETING 4.5.0",
    "<endless 220-x\\n>, Deferred GREETING 4.5.0",
  })
  void afterABadGreetingTheNextHostIsTried(String trouble, String outcome) {
    play.resolver.address("other.example", "192.0.2.2");
    play.network.at("192.0.2.1:25", trouble);
    assertThat(brief(failed(play.dial()).outcome())).isEqualTo(outcome);
    play.hosts = List.of(new NextHop("mx.example", 25, false), new NextHop("other.example", 25, false));
    play.network.at("192.0.2.1:25", trouble).at("192.0.2.2:25", WELL);
    assertThat(opened(play.dial()).relay()).isEqualTo("other.example[192.0.2.2]:25");
    play.network.verify();
  }

  @ParameterizedTest
  @CsvSource({
    "S: 450 later, Deferred HELLO 4.2.0",
    "S: 421 busy, Deferred HELLO 4.3.2",
    "S: garbage, Deferred HELLO 4.5.0",
    "<close>, Deferred HELLO 4.4.2",
    "<reset>, Deferred HELLO 4.4.2",
    "<timeout>, Deferred HELLO 4.4.2",
    "<endless 250-x\\n>, Deferred HELLO 4.5.0",
  })
  void afterABadReplyToEhloTheMailWaits(String trouble, String outcome) {
    play.network.at("192.0.2.1:25", "S: 220 hi", "C: EHLO relay.example", trouble);
    var failed = failed(play.dial());
    assertThat(brief(failed.outcome())).isEqualTo(outcome);
    assertThat(failed.relay()).isEqualTo("mx.example[192.0.2.1]:25");
    assertThat(play.peer().closed()).isTrue();
  }

  @Test
  void whoDoesNotKnowEhloIsGreetedWithHelo() {
    play.network.at("192.0.2.1:25", "S: 220 hi", "C: EHLO relay.example", "S: 502 what", "C: HELO relay.example", "S: 250 hi", "C: MAIL FROM:<alice@example.com>", "S: 550 no");
    assertThat(brief(opened(play.dial()).send(new Sample.Letter().order()))).containsExactly("Bounced MAIL 5.0.0");
    play.network.at("192.0.2.1:25", "S: 220 hi", "C: EHLO relay.example", "S: 550 no", "C: HELO relay.example", "S: 550 no");
    assertThat(brief(failed(play.dial()).outcome())).isEqualTo("Deferred HELLO 4.0.0");
    play.network.verify();
  }

  @Test
  void refusedAndSilentAddressesArePassed() {
    play.resolver.address("mx.example", "192.0.2.2", "192.0.2.3");
    play.network.silentAt("192.0.2.2:25").at("192.0.2.3:25", WELL);
    var opening = (Opening.Opened) play.dial();
    assertThat(opening.conversation().relay()).isEqualTo("mx.example[192.0.2.3]:25");
    assertThat(opening.connectNanos()).isEqualTo(Sample.TIMEOUTS.connect().toNanos());
    assertThat(opening.dialogue())
        .startsWith(
            "* connect to mx.example[192.0.2.1]:25: Connection refused",
            "* connect to mx.example[192.0.2.2]:25: no answer in time",
            "* connected to mx.example[192.0.2.3]:25");
  }

  @ParameterizedTest
  @CsvSource({
    "IPV6, 2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2", "IPV4, 192.0.2.1 2001:db8::1 192.0.2.2 2001:db8::2",
    "ONLY_IPV6, 2001:db8::1 2001:db8::2", "ONLY_IPV4, 192.0.2.1 192.0.2.2",
  })
  void addressesAreTriedInTurnOfFamilies(Connector.AddressFamily prefer, String order) {
    play.resolver.address("mx.example", "192.0.2.2", "2001:db8::1", "2001:db8::2");
    play.via.prefer = prefer;
    var failed = failed(play.dial());
    assertThat(failed.dialogue())
        .containsExactly(
            java.util.Arrays.stream(order.split(" ")).map(a -> "* connect to mx.example[" + a + "]:25: Connection refused").toArray(String[]::new));
    assertThat(brief(failed.outcome())).isEqualTo("Deferred CONNECT 4.4.1");
  }

  @Test
  void noMoreThanTenAddressesAreTried() {
    for (int i = 2; i < 50; i++) {
      play.resolver.address("mx.example", "192.0.2." + i);
    }
    assertThat(failed(play.dial()).dialogue().getLast()).isEqualTo("* more addresses are left for the next attempt");
    assertThat(play.network.dialled()).hasSize(10);
  }

  @Test
  void noMoreAddressesAreTriedWhenItIsLate() {
    play.resolver.address("mx.example", "192.0.2.2", "192.0.2.3", "192.0.2.4");
    for (int i = 1; i < 5; i++) {
      play.network.at("192.0.2." + i + ":25", "<timeout>");
    }
    failed(play.dial());
    assertThat(play.network.dialled()).hasSize(3); // 30 s and two times 5 min for three times 5 min.
  }

  @Test
  void aSmarthostThatDoesNotExistIsNoReasonToBounce() {
    play.hosts = List.of(new NextHop("typo.example", 587, false));
    var failed = failed(play.dial());
    assertThat(brief(failed.outcome())).isEqualTo("Deferred ROUTE 4.4.4");
    assertThat(failed.outcome().text()).isEqualTo("host typo.example does not exist");
    assertThat(failed.relay()).isEqualTo("typo.example:587");
  }

  @Test
  void mailExchangersOfWhichNoneExistsBounce() {
    play.via.type = Connector.Type.MX;
    play.resolver.exists("empty.example");
    play.hosts = List.of(new NextHop("typo.example", 25, false), new NextHop("empty.example", 25, false));
    assertThat(brief(failed(play.dial()).outcome())).isEqualTo("Bounced ROUTE 5.4.4");
    play.resolver.fail("typo.example", "SERVFAIL");
    assertThat(brief(failed(play.dial()).outcome())).startsWith("Deferred ROUTE 4.4");
    play.hosts = List.of();
    assertThat(brief(failed(play.dial()).outcome())).isEqualTo("Deferred ROUTE 4.4.4");
  }

  @Test
  void aHostWithoutUsableAddressIsNoReasonToBounce() {
    play.via.type = Connector.Type.MX;
    play.via.prefer = Connector.AddressFamily.ONLY_IPV6;
    var failed = failed(play.dial());
    assertThat(brief(failed.outcome())).isEqualTo("Deferred ROUTE 4.4.4");
    assertThat(failed.outcome().text()).contains("no address of the family that connector provider may use");
  }

  @ParameterizedTest
  @CsvSource({"S: 220 Relay.Example ESMTP", "S: 220 other"})
  void mailForAnExchangerThatIsOurselvesBounces(String greeting) {
    play.via.type = Connector.Type.MX;
    String[] script =
        greeting.contains("Relay")
            ? new String[] {greeting}
            : new String[] {greeting, "C: EHLO relay.example", "S: 250-relay.example at your service", "S: 250 SIZE"};
    play.network.at("192.0.2.1:25", script);
    var failed = failed(play.dial());
    assertThat(failed.outcome()).isInstanceOf(Outcome.Bounced.class);
    assertThat(failed.outcome().status()).hasToString("5.4.6");
    assertThat(failed.outcome().text()).contains("loops back to myself");
  }

  @Test
  void aSmarthostThatIsOurselvesWaitsForTheAdministrator() {
    play.network.at("192.0.2.1:25", "S: 220 relay.example");
    assertThat(brief(failed(play.dial()).outcome())).isEqualTo("Deferred GREETING 4.4.6");
  }

  @Test
  void anExchangerBehindTheBestThatIsOurselvesIsPassedOver() {
    play.via.type = Connector.Type.MX;
    play.resolver.address("backup.example", "192.0.2.2");
    play.hosts = List.of(new NextHop("mx.example", 25, false), new NextHop("backup.example", 25, false));
    play.network.at("192.0.2.2:25", "S: 220 relay.example");
    assertThat(brief(failed(play.dial()).outcome())).isEqualTo("Deferred GREETING 4.4.6");
  }

  @Test
  void atAnotherPortOurNameMaybeAnotherProgram() {
    play.hosts = List.of(new NextHop("mx.example", 10025, false));
    play.network.at("192.0.2.1:10025", "S: 220 relay.example", "C: EHLO relay.example", "S: 250 relay.example");
    opened(play.dial());
  }

  // TLS.

  private static String[] offering(String extension, String... more) {
    List<String> script = new ArrayList<>(List.of("S: 220 hi", "C: EHLO relay.example", "S: 250-hi", "S: 250 " + extension));
    script.addAll(List.of(more));
    return script.toArray(String[]::new);
  }

  @ParameterizedTest
  @EnumSource(value = Connector.Tls.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
  void afterTlsAllIsLearnedAnew(Connector.Tls tls) {
    play.via.tls = tls;
    play.network.at("192.0.2.1:25", offering("STARTTLS", "C: STARTTLS", "S: 220 go", "<tls>", "C: EHLO relay.example", "S: 250-hi", "S: 250 PIPELINING", "C: MAIL*", "C: RCPT*", "C: DATA", "S: 550 no", "S: 503 no", "S: 503 no"));
    var opening = (Opening.Opened) play.dial();
    assertThat(opening.conversation().tls().protocol()).isEqualTo("TLSv1.3");
    assertThat(opening.dialogue()).anyMatch(line -> line.startsWith("* encrypted with TLSv1.3 TLS_AES_128_GCM_SHA256, "));
    opening.conversation().send(new Sample.Letter().order());
    play.network.verify();
  }

  @Test
  void whereTlsIsOffItIsNotStarted() {
    play.network.at("192.0.2.1:25", offering("STARTTLS"));
    assertThat(opened(play.dial()).tls()).isNull();
  }

  @Test
  void withoutTlsOfferedOpportunisticGoesInClear() {
    play.via.tls = Connector.Tls.OPPORTUNISTIC;
    play.network.at("192.0.2.1:25", offering("SIZE"));
    assertThat(opened(play.dial()).tls()).isNull();
  }

  @ParameterizedTest
  @EnumSource(value = Connector.Tls.class, names = {"REQUIRED", "VERIFY"})
  void withoutTlsOfferedTheOthersWait(Connector.Tls tls) {
    play.via.tls = tls;
    play.network.at("192.0.2.1:25", offering("SIZE"));
    var failed = failed(play.dial());
    assertThat(brief(failed.outcome())).isEqualTo("Deferred TLS 4.7.4");
    assertThat(failed.outcome().text()).isEqualTo("host mx.example[192.0.2.1]:25 offers no TLS, which connector provider demands");
  }

  @Test
  void opportunisticTlsThatFailsIsTriedInClearAndSaidSo() {
    play.via.tls = Connector.Tls.OPPORTUNISTIC;
    for (String[] trouble :
        List.of(
            new String[] {"S: 220 go", "<tls fails>"}, new String[] {"S: 454 later"}, new String[] {"S: 501 no"}, new String[] {"<close>"}, new String[] {"<timeout>"})) {
      List<String> script = new ArrayList<>(List.of(offering("STARTTLS", "C: STARTTLS")));
      script.addAll(List.of(trouble));
      play.network.at("192.0.2.1:25", script.toArray(String[]::new)).at("192.0.2.1:25", offering("STARTTLS"));
      var opening = (Opening.Opened) play.dial();
      assertThat(opening.conversation().tls()).isNull();
      assertThat(opening.dialogue()).contains("* TLS failed: once more in clear (RFC 7435)");
    }
    play.network.verify();
  }

  @ParameterizedTest
  @EnumSource(value = Connector.Tls.class, names = {"REQUIRED", "VERIFY"})
  void requiredTlsThatFailsIsNeverTriedInClear(Connector.Tls tls) {
    play.via.tls = tls;
    play.network.at("192.0.2.1:25", offering("STARTTLS", "C: STARTTLS", "S: 220 go", "<tls fails>"));
    assertThat(brief(failed(play.dial()).outcome())).isEqualTo("Deferred TLS 4.7.5");
    assertThat(play.network.dialled()).hasSize(1);
    play.network.at("192.0.2.1:25", offering("STARTTLS", "C: STARTTLS", "S: 454 4.7.0 later"));
    assertThat(brief(failed(play.dial()).outcome())).isEqualTo("Deferred TLS 4.7.0");
  }

  @ParameterizedTest
  @EnumSource(value = Connector.Tls.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
  void repliesThatCameBeforeTheHandshakeAreAnAttack(Connector.Tls tls) {
    play.via.tls = tls;
    play.network.at(
        "192.0.2.1:25",
        offering("STARTTLS", "C: STARTTLS", "S> 220 go\\r\\n250-mx.example\\r\\n250 AUTH PLAIN\\r\\n"));
    var failed = failed(play.dial());
    assertThat(brief(failed.outcome())).isEqualTo("Deferred TLS 4.7.5");
    assertThat(failed.outcome().text()).contains("an injection");
    assertThat(play.peer().closed()).isTrue();
    assertThat(play.network.dialled()).hasSize(1);
  }

  @Test
  void anImplicitHandshakeComesFirstAndHasNoWayBack() {
    play.via.tls = Connector.Tls.OPPORTUNISTIC;
    play.hosts = List.of(new NextHop("mx.example", 465, true));
    play.network.at("192.0.2.1:465", "<tls>", "S: 220 hi", "C: EHLO relay.example", "S: 250-hi", "S: 250 STARTTLS");
    assertThat(opened(play.dial()).tls()).isNotNull();
    play.network.at("192.0.2.1:465", "<tls fails>");
    assertThat(brief(failed(play.dial()).outcome())).isEqualTo("Deferred TLS 4.7.5");
    assertThat(play.network.dialled()).hasSize(2);
  }

  // Login.

  private String[] secured(String mechanisms, String... more) {
    play.via.tls = Connector.Tls.REQUIRED;
    play.via.auth = new Connector.Auth("account", Sample.secret("hunter2"));
    List<String> script = new ArrayList<>(List.of(offering("STARTTLS", "C: STARTTLS", "S: 220 go", "<tls>", "C: EHLO relay.example", "S: 250-hi", "S: 250 " + mechanisms)));
    script.addAll(List.of(more));
    return script.toArray(String[]::new);
  }

  @Test
  void plainIsOneCommandAndItsSecretIsNotShown() {
    // RFC 4616: NUL, account, NUL, password.
    play.network.at("192.0.2.1:25", secured("AUTH LOGIN PLAIN", "C: AUTH PLAIN AGFjY291bnQAaHVudGVyMg==", "S: 235 2.7.0 ok"));
    var opening = (Opening.Opened) play.dial();
    assertThat(opening.dialogue()).contains("C: AUTH PLAIN ***", "S: 235 2.7.0 ok");
    assertThat(String.join("\n", opening.dialogue())).doesNotContain("hunter2", "AGFjY291bnQA");
    play.network.verify();
  }

  @Test
  void loginIsAQuestionAndAnswerGame() {
    play.network.at(
        "192.0.2.1:25",
        secured("AUTH LOGIN", "C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6", "C: YWNjb3VudA==", "S: 334 UGFzc3dvcmQ6", "C: aHVudGVyMg==", "S: 235 ok"));
    var opening = (Opening.Opened) play.dial();
    assertThat(opening.dialogue()).containsSubsequence("C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6", "C: ***", "S: 334 UGFzc3dvcmQ6", "C: ***", "S: 235 ok");
    play.network.verify();
  }

  @Test
  void longCredentialsWaitForTheirTurn() {
    String[] script = secured("AUTH PLAIN", "C: AUTH PLAIN", "S: 334 ", "C: AGFjY291bnQAeHh4*", "S: 235 ok");
    play.via.auth = new Connector.Auth("account", Sample.secret("x".repeat(500)));
    play.network.at("192.0.2.1:25", script);
    opened(play.dial());
    play.network.verify();
  }

  @Test
  void aRefusedLoginIsTheConfigurationsFaultAndNoOtherHostIsAsked() {
    play.resolver.address("mx.example", "192.0.2.2");
    play.network.at("192.0.2.1:25", secured("AUTH PLAIN", "C: AUTH*", "S: 535 5.7.8 wrong password"));
    var failed = failed(play.dial());
    assertThat(brief(failed.outcome())).isEqualTo("Deferred HELLO 4.7.8");
    assertThat(failed.outcome().text())
        .isEqualTo("host mx.example[192.0.2.1]:25 refused the login of connector provider as account: 535 5.7.8 wrong password");
    assertThat(play.network.dialled()).hasSize(1);
  }

  @Test
  void aLoginThatFailsForNowMaySucceedElsewhere() {
    play.resolver.address("mx.example", "192.0.2.2");
    play.network.at("192.0.2.1:25", secured("AUTH PLAIN", "C: AUTH*", "S: 454 4.7.0 later")).at("192.0.2.2:25", secured("AUTH PLAIN", "C: AUTH*", "S: 235 ok"));
    opened(play.dial());
    play.network.verify();
  }

  @ParameterizedTest
  @CsvSource({"S: 535 no hunter2 here", "S: 535-no AGFjY291bnQAaHVudGVyMg== here"})
  void aSecretThatTheNextHopRepeatsIsNotShown(String reply) {
    String[] script = reply.contains("535-") ? secured("AUTH PLAIN", "C: AUTH*", reply, "S: 535 no") : secured("AUTH PLAIN", "C: AUTH*", reply);
    play.network.at("192.0.2.1:25", script);
    var failed = failed(play.dial());
    assertThat(failed.outcome() + String.join("\n", failed.dialogue())).doesNotContain("hunter2", "AGFjY291bnQAaHVudGVyMg");
  }

  @Test
  void aLoginGoesOverTlsOnly() {
    play.via.tls = Connector.Tls.OPPORTUNISTIC;
    play.via.auth = new Connector.Auth("account", Sample.secret("hunter2"));
    play.network.at("192.0.2.1:25", offering("AUTH PLAIN"));
    var failed = failed(play.dial());
    assertThat(brief(failed.outcome())).isEqualTo("Deferred HELLO 4.7.11");
    assertThat(failed.outcome().text()).isEqualTo("the login of connector provider is sent over TLS only, and there is none with host mx.example[192.0.2.1]:25");
  }

  @Test
  void aLoginThatWeCannotDoIsSaidSo() {
    play.network.at("192.0.2.1:25", secured("AUTH GSSAPI NTLM"));
    assertThat(failed(play.dial()).outcome().text()).isEqualTo("host mx.example[192.0.2.1]:25 offers no login by PLAIN or LOGIN, only: GSSAPI NTLM");
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
    assertThat(failed.outcome().text()).isEqualTo("the password of connector provider cannot be read: /etc/poststation/provider.secret does not exist");
  }

  @Test
  void allOfItIsBoundedInTime() {
    play.resolver.address("mx.example", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5");
    for (int i = 1; i <= 5; i++) {
      play.network.at("192.0.2." + i + ":25", "S: 220 hi", "C: EHLO*", "<timeout>");
    }
    failed(play.dial());
    assertThat(Duration.ofNanos(play.time.nanos())).isLessThan(Duration.ofMinutes(21));
  }

  @Test
  void addressesAreNamedAsPeopleWriteThem() throws Exception {
    assertThat(Relay.text(InetAddress.getByName("2001:db8:0:0:1:0:0:1"))).isEqualTo("2001:db8::1:0:0:1");
    assertThat(Relay.text(InetAddress.getByName("2001:db8:0:1:1:1:1:1"))).isEqualTo("2001:db8:0:1:1:1:1:1");
    assertThat(Relay.text(InetAddress.getByName("::"))).isEqualTo("::");
    assertThat(Relay.text(InetAddress.getByName("::1"))).isEqualTo("::1");
    assertThat(Relay.text(InetAddress.getByName("1::"))).isEqualTo("1::");
    assertThat(Relay.text(InetAddress.getByName("192.0.2.1"))).isEqualTo("192.0.2.1");
  }
}
