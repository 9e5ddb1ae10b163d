package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What the users file says is what holds for clients, while the relay runs: the whole relay, over
/// SMTP.
class LoggedInTest {
  private static final String PASSWORD = "correct horse";

  private final WholeRelay relay =
      new WholeRelay(
          """
          listeners { proxies { bind = "192.0.2.200:25", xclient = ["10.0.0.1"], auth = off } }
          clients = [
            { name = anna, users = ["anna"], senders = own }
            { name = staff, users = ["*"], connections = 2 }
            { name = lan, networks = ["10.0.0.0/8"], connections = 1 }
          ]
          """);

  @BeforeEach
  void start() {
    relay.password("user add anna --own anna@example.com", PASSWORD);
    relay.password("user add bert", PASSWORD);
    relay.start();
  }

  @AfterEach
  void stop() {
    relay.close();
  }

  private String login(String user, String password) {
    return relay.login("198.51.100.7", user, password);
  }

  @Test
  void whoeverIsInTheFileLogsInByEachMechanismAndMaySend() {
    try (var client = relay.secure("198.51.100.7")) {
      assertThat(client.ask("MAIL FROM:<anna@example.com>")).startsWith("250 ");
      assertThat(client.ask("RCPT TO:<x@there.example>")).startsWith("554 5.7.1 ");
      client.ask("RSET");
      assertThat(client.scram("Anna", PASSWORD)).startsWith("235 ");
      assertThat(client.mail("anna@example.com", "x@there.example")).startsWith("250 ");
      assertThat(client.mail("bert@example.com", "x@there.example")).startsWith("550 5.7.1 ");
    }
    assertThat(login("bert", PASSWORD)).startsWith("235 ");
    assertThat(relay.log("event=auth")).hasSize(2).allMatch(line -> line.contains("label=main"));
    assertThat(relay.log("event=queued")).singleElement().asString().contains("user=anna");
  }

  @Test
  void eachDeviceHasItsOwnPasswordWhichCanBeTakenAwayAlone() {
    relay.password("user password anna --label scanner --application", "a paper jam");
    try (var client = relay.secure("198.51.100.7")) {
      assertThat(client.scram("anna", "a paper jam")).startsWith("235 ");
    }
    assertThat(login("anna", "a paper jam")).startsWith("235 ");
    assertThat(login("anna", PASSWORD)).startsWith("235 ");
    relay.command("user password anna --revoke scanner");
    assertThat(login("anna", "a paper jam")).startsWith("535 5.7.8 ");
    assertThat(login("anna", PASSWORD)).startsWith("235 ");
    assertThat(relay.log("label=scanner")).hasSize(2);
  }

  @Test
  void anotherPasswordHoldsFromTheNextLoginOn() {
    relay.password("user password anna", "battery staple");
    assertThat(login("anna", PASSWORD)).startsWith("535 5.7.8 ");
    assertThat(login("anna", "battery staple")).startsWith("235 ");
  }

  @Test
  void twoPasswordsHoldAtOnceWhileOneIsChanged() {
    relay.password("user password anna --keep-old 7d", "battery staple");
    assertThat(login("anna", PASSWORD)).startsWith("235 ");
    assertThat(login("anna", "battery staple")).startsWith("235 ");
    relay.pass(Duration.ofDays(7));
    assertThat(login("anna", PASSWORD)).startsWith("535 5.7.8 ");
    assertThat(login("anna", "battery staple")).startsWith("235 ");
  }

  @Test
  void whoIsDisabledOrDeletedIsToldThatHisPasswordIsWrong() {
    relay.command("user disable anna");
    String disabled = login("anna", PASSWORD);
    assertThat(disabled).startsWith("535 5.7.8 ");
    relay.command("user enable anna");
    assertThat(login("anna", PASSWORD)).startsWith("235 ");
    relay.command("user delete anna");
    assertThat(login("anna", PASSWORD)).isEqualTo(disabled);
  }

  @Test
  void whoIsDisabledSendsNothingMoreInASessionThatRuns() {
    try (var client = relay.secure("198.51.100.7")) {
      client.plain("anna", PASSWORD);
      assertThat(client.mail("anna@example.com", "x@there.example")).startsWith("250 ");
      relay.command("user disable anna");
      relay.pass(Duration.ofSeconds(2));
      assertThat(client.ask("MAIL FROM:<anna@example.com>"))
          .isEqualTo("421 4.7.0 Your login is not valid any more: connect and log in again");
      assertThat(client.over()).isTrue();
    }
    assertThat(relay.log("event=reject")).singleElement().asString().contains("user anna is dis");
  }

  @Test
  void whosePasswordIsChangedLogsInAnew() {
    try (var client = relay.secure("198.51.100.7");
        var other = relay.secure("198.51.100.8")) {
      client.scram("anna", PASSWORD);
      other.plain("bert", PASSWORD);
      relay.password("user password anna", "battery staple");
      relay.pass(Duration.ofSeconds(2));
      assertThat(client.ask("MAIL FROM:<anna@example.com>")).startsWith("421 4.7.0 ");
      assertThat(other.mail("bert@example.com", "x@there.example")).startsWith("250 ");
    }
  }

  /// A client that began AUTH with the old password does not end it after the change.
  @Test
  void whosePasswordIsChangedDuringTheLoginIsNotLetStay() {
    try (var client = relay.secure("198.51.100.7")) {
      client.scram(
          "anna",
          PASSWORD,
          () -> {
            relay.password("user password anna", "battery staple");
            relay.pass(Duration.ofSeconds(2));
          });
      assertThat(client.ask("MAIL FROM:<anna@example.com>")).startsWith("421 4.7.0 ");
    }
  }

  @Test
  void anotherPasswordOfTheUserTakesNobodyOut() {
    try (var client = relay.secure("198.51.100.7")) {
      client.plain("anna", PASSWORD);
      relay.password("user password anna --label scanner --application", "a paper jam");
      relay.pass(Duration.ofSeconds(2));
      assertThat(client.mail("anna@example.com", "x@there.example")).startsWith("250 ");
      relay.command("user password anna --revoke scanner");
      relay.pass(Duration.ofSeconds(2));
      assertThat(client.mail("anna@example.com", "x@there.example")).startsWith("250 ");
    }
  }

  /// As long as the old password is kept, whoever came in by it stays, and not longer.
  @Test
  void aPasswordThatIsKeptForAWhileIsGoodForSessionsThatRun() {
    try (var client = relay.secure("198.51.100.7")) {
      client.plain("anna", PASSWORD);
      relay.password("user password anna --keep-old 3m", "battery staple");
      relay.pass(Duration.ofMinutes(2));
      assertThat(client.mail("anna@example.com", "x@there.example")).startsWith("250 ");
      relay.pass(Duration.ofMinutes(2));
      assertThat(client.ask("MAIL FROM:<anna@example.com>")).startsWith("421 4.7.0 ");
    }
  }

  @Test
  void authIsOfferedAsSoonAsThereIsAUserAndNotBefore() {
    relay.command("user delete anna");
    relay.command("user delete bert");
    relay.pass(Duration.ofSeconds(2));
    try (var client = relay.secure("198.51.100.7")) {
      assertThat(client.plain("anna", PASSWORD)).startsWith("502 5.5.1 ");
    }
    relay.password("user add anna", PASSWORD);
    relay.pass(Duration.ofSeconds(2));
    assertThat(login("anna", PASSWORD)).startsWith("235 ");
  }

  @Test
  void aUsersOwnAddressesAreThoseOfTheFileNow() {
    try (var client = relay.secure("198.51.100.7")) {
      client.plain("anna", PASSWORD);
      assertThat(client.ask("MAIL FROM:<info@example.com>")).startsWith("550 5.7.1 ");
      relay.command("user change anna --add-own info@example.com");
      relay.pass(Duration.ofSeconds(2));
      assertThat(client.mail("info@example.com", "x@there.example")).startsWith("250 ");
    }
  }

  /// Who logged in at a proxy that the listener believes.
  @Test
  void theUserOfAProxyDecidesWhichEntryMatches() {
    try (var proxy = relay.call("10.0.0.1", 25)) {
      proxy.hear();
      proxy.ask("EHLO proxy.example");
      String to = " ADDR=198.51.100.7 HELO=phone.example PROTO=ESMTP";
      proxy.ask("XCLIENT LOGIN=anna" + to);
      assertThat(proxy.mail("anna@example.com", "x@there.example")).startsWith("250 ");
      assertThat(proxy.mail("bert@example.com", "x@there.example")).startsWith("550 5.7.1 ");
      proxy.ask("XCLIENT LOGIN=[UNAVAILABLE]" + to);
      assertThat(proxy.mail("anna@example.com", "x@there.example")).startsWith("554 5.7.1 ");
      proxy.ask("RSET");
      proxy.ask("XCLIENT LOGIN=bert" + to);
      assertThat(proxy.mail("bert@example.com", "x@there.example")).startsWith("250 ");
    }
    assertThat(relay.log("event=queued"))
        .extracting(line -> line.replaceFirst(".* client=(\\S+) .*", "$1"))
        .containsExactly("anna", "staff");
  }

  private static String vouched(String user) {
    return "XCLIENT LOGIN=" + user + " ADDR=198.51.100.7 HELO=phone.example PROTO=ESMTP";
  }

  @Test
  void whomAProxyNamesSendsNothingOnceTheUsersFileHasHimDisabled() {
    try (var proxy = relay.call("10.0.0.1", 25)) {
      proxy.hear();
      proxy.ask("EHLO proxy.example");
      proxy.ask(vouched("bert"));
      assertThat(proxy.mail("bert@example.com", "x@there.example")).startsWith("250 ");
      relay.command("user disable bert");
      relay.pass(Duration.ofSeconds(2));
      String disabled = "525 5.7.13 This user is disabled";
      assertThat(proxy.ask("MAIL FROM:<bert@example.com>")).isEqualTo(disabled);
      proxy.ask(vouched("Bert"));
      assertThat(proxy.ask("MAIL FROM:<bert@example.com>")).isEqualTo(disabled);
      proxy.ask(vouched("anna")); // Those for whom the proxy speaks next are none the worse.
      assertThat(proxy.mail("anna@example.com", "x@there.example")).startsWith("250 ");
      relay.command("user enable bert");
      relay.pass(Duration.ofSeconds(2));
      proxy.ask(vouched("bert"));
      assertThat(proxy.mail("bert@example.com", "x@there.example")).startsWith("250 ");
    }
    assertThat(relay.log("event=reject"))
        .hasSize(2)
        .allMatch(line -> line.contains("disabled in the users file, and named by XCLIENT"));
  }

  @Test
  void mailOutOfSequenceIsToldSoAlsoToWhoIsDisabled() {
    relay.command("user disable bert");
    relay.pass(Duration.ofSeconds(2));
    try (var proxy = relay.call("10.0.0.1", 25)) {
      proxy.hear();
      proxy.ask("EHLO proxy.example");
      proxy.ask("XCLIENT LOGIN=bert ADDR=198.51.100.7 PROTO=ESMTP");
      assertThat(proxy.ask("MAIL FROM:<bert@example.com>")).startsWith("503 5.5.1 ");
      proxy.ask("EHLO phone.example");
      assertThat(proxy.ask("MAIL FROM:<bert@example.com>")).startsWith("525 5.7.13 ");
      relay.command("user enable bert");
      relay.pass(Duration.ofSeconds(2));
      assertThat(proxy.ask("MAIL FROM:<bert@example.com>")).startsWith("250 ");
      relay.command("user disable bert");
      relay.pass(Duration.ofSeconds(2));
      assertThat(proxy.ask("MAIL FROM:<bert@example.com>")).startsWith("503 5.5.1 ");
    }
  }

  @Test
  void whomAProxyNamesAndTheUsersFileDoesNotHaveIsBelieved() {
    relay.command("user delete bert");
    relay.pass(Duration.ofSeconds(2));
    try (var proxy = relay.call("10.0.0.1", 25)) {
      proxy.hear();
      proxy.ask("EHLO proxy.example");
      for (String user : List.of("bert", "carla")) {
        proxy.ask(vouched(user));
        assertThat(proxy.mail("bert@example.com", "x@there.example")).startsWith("250 ");
      }
    }
  }

  /// He may be disabled there.
  @Test
  void whomAProxyNamesWaitsWhileNobodyCanReadTheUsersFile() {
    relay.disk.with("/broken", "nonsense\n");
    relay.change("users { iterations", "users { file = \"/broken\", iterations");
    relay.reload();
    relay.pass(Duration.ofSeconds(2));
    try (var proxy = relay.call("10.0.0.1", 25)) {
      proxy.hear();
      proxy.ask("EHLO proxy.example");
      proxy.ask(vouched("bert"));
      assertThat(proxy.ask("MAIL FROM:<bert@example.com>")).startsWith("454 4.7.0 ");
    }
  }

  /// The session of a proxy is one of whom it speaks for now.
  @Test
  void aProxyThatSpeaksForTheNextClientTakesNoPlaceOfTheOneBefore() {
    try (var proxy = relay.call("10.0.0.1", 25)) {
      proxy.hear();
      proxy.ask("EHLO proxy.example");
      for (String address : List.of("10.0.0.5", "10.0.0.6")) {
        proxy.ask("XCLIENT ADDR=" + address + " HELO=printer.example PROTO=ESMTP");
        assertThat(proxy.mail("a@example.com", "x@there.example")).startsWith("250 ");
      }
      assertThat(firstMail("10.0.0.5")).startsWith("250 ");
      assertThat(firstMail("10.0.0.6")).startsWith("421 4.7.0 ");
    }
  }

  /// RFC 3207 4.2: who it was said to be is forgotten.
  @Test
  void whoBeginsTlsTakesNoPlaceOfTheUserItWasBefore() {
    try (var proxy = relay.call("10.0.0.1", 25);
        var first = relay.secure("198.51.100.1");
        var second = relay.secure("198.51.100.2")) {
      proxy.hear();
      proxy.ask("EHLO proxy.example");
      proxy.ask("XCLIENT LOGIN=bert ADDR=198.51.100.7 HELO=phone.example PROTO=ESMTP");
      assertThat(proxy.mail("b@example.com", "x@there.example")).startsWith("250 ");
      assertThat(proxy.ask("STARTTLS")).startsWith("220 ");
      proxy.secure();
      for (var client : List.of(first, second)) {
        client.plain("bert", PASSWORD);
        assertThat(client.mail("b@example.com", "x@there.example")).startsWith("250 ");
      }
    }
  }

  private String firstMail(String address) {
    try (var client = relay.call(address)) {
      client.hear();
      client.ask("EHLO printer.example");
      return client.ask("MAIL FROM:<a@example.com>");
    }
  }

  @Test
  void anotherConnectionOfAClientGetsAPlaceWhenOneHasLeft() {
    var first = relay.call("10.0.0.5");
    first.hear();
    first.ask("EHLO printer.example");
    assertThat(first.mail("a@example.com", "x@there.example")).startsWith("250 ");
    var second = relay.call("10.0.0.5");
    second.hear();
    second.ask("EHLO printer.example");
    assertThat(second.ask("MAIL FROM:<a@example.com>")).startsWith("421 4.7.0 ");
    assertThat(second.over()).isTrue();
    try (var other = relay.call("10.0.0.6")) {
      other.hear();
      other.ask("EHLO printer.example");
      assertThat(other.mail("a@example.com", "x@there.example")).startsWith("250 ");
    }
    first.close();
    try (var third = relay.call("10.0.0.5")) {
      third.hear();
      third.ask("EHLO printer.example");
      assertThat(third.mail("a@example.com", "x@there.example")).startsWith("250 ");
    }
    assertThat(relay.log("event=reject")).singleElement().asString().contains("connections of");
  }

  @Test
  void aUserHasItsConnectionsWhereverItComesFrom() {
    for (int i = 0; i < 2; i++) {
      var client = relay.secure("198.51.100." + i);
      client.plain("bert", PASSWORD);
      assertThat(client.mail("b@example.com", "x@there.example")).startsWith("250 ");
    }
    try (var client = relay.secure("198.51.100.3")) {
      client.plain("bert", PASSWORD);
      assertThat(client.mail("b@example.com", "x@there.example")).startsWith("421 4.7.0 ");
    }
  }
}
