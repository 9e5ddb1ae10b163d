package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Who guesses passwords, and who is only near: the whole relay, over SMTP, in virtual time.
class GuessingTest {
  private static final String HOME = "198.51.100.7";
  private static final String STRANGE = "203.0.113.9";
  private static final String PASSWORD = "correct horse";

  private final WholeRelay relay =
      new WholeRelay(
          """
          clients = [ { name = staff, users = ["*"] } ]
          limits { auth-failures = 3 }
          users { block-after = 4 }
          """);

  @BeforeEach
  void start() {
    relay.password("user add anna", PASSWORD);
    relay.password("user add bert --cram-md5", PASSWORD);
    relay.password("user add cora", PASSWORD);
    relay.command("user disable cora");
    relay.start();
  }

  @AfterEach
  void stop() {
    relay.close();
  }

  private void guess(String from, String user, int times) {
    for (int i = 0; i < times; i++) {
      assertThat(relay.login(from, user, "guess " + i)).startsWith("535 5.7.8 ");
    }
  }

  @Test
  void guessesAreAnsweredLaterAndLaterAndNotEvenTheFirstAtOnce() {
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      try (var client = relay.secure(STRANGE)) {
        assertThat(client.plain("anna", "guess")).startsWith("535 5.7.8 ");
        waits.add(client.waited().toMillis());
      }
    }
    assertThat(waits).containsExactly(250L, 250L, 500L, 1000L);
  }

  @Test
  void aSessionEndsAfterSomeGuesses() {
    try (var client = relay.secure(STRANGE)) {
      assertThat(client.plain("anna", "1")).startsWith("535 5.7.8 ");
      assertThat(client.scram("anna", "2")).startsWith("535 5.7.8 ");
      assertThat(client.plain("anna", "3")).startsWith("421 4.7.0 ");
      assertThat(client.over()).isTrue();
    }
  }

  @Test
  void anAddressThatGuessesIsBlockedForAWhileWithTheRightPasswordToo() {
    guess(STRANGE, "anna", 2);
    guess(STRANGE, "nobody", 2);

    assertThat(relay.login(STRANGE, "anna", PASSWORD)).startsWith("454 4.7.0 ");
    assertThat(relay.login(STRANGE, "bert", "guess")).startsWith("454 4.7.0 ");
    try (var client = relay.secure(STRANGE)) {
      assertThat(client.scram("bert", PASSWORD)).startsWith("454 4.7.0 ");
    }
    assertThat(relay.login("203.0.113.10", "bert", PASSWORD)).startsWith("235 ");
    assertThat(relay.log("event=block"))
        .singleElement()
        .asString()
        .contains("address=203.0.113.9 failures=4 until=");

    relay.pass(Duration.ofMinutes(16));
    assertThat(relay.login(STRANGE, "anna", PASSWORD)).startsWith("235 ");
  }

  @Test
  void whoeverIsBlockedIsLetInAgainByAnAdministrator() {
    guess(STRANGE, "anna", 4);
    guess(STRANGE, "nobody", 2);
    assertThat(relay.login(STRANGE, "bert", PASSWORD)).startsWith("454 4.7.0 ");
    assertThat(relay.relay().guard().blocks()).hasSize(2);
    assertThat(relay.relay().guard().unblock(World.address(STRANGE))).isEqualTo(2);
    assertThat(relay.login(STRANGE, "bert", PASSWORD)).startsWith("235 ");
  }

  @Test
  void aUserIsBlockedForStrangersAndNeverWhereHeIsAtHome() {
    assertThat(relay.login(HOME, "anna", PASSWORD)).startsWith("235 ");
    for (int i = 0; i < 10; i++) {
      guess("203.0.113." + i, "anna", 4);
    }

    assertThat(relay.login("192.0.2.77", "anna", PASSWORD)).startsWith("454 4.7.0 ");
    assertThat(relay.login(HOME, "anna", PASSWORD)).startsWith("235 ");
    assertThat(relay.login("192.0.2.77", "bert", PASSWORD)).startsWith("235 ");
    assertThat(relay.log("event=block user="))
        .singleElement()
        .asString()
        .contains("user=anna failures=40 until=");
  }

  @Test
  void aNewPasswordIsGoodAtHomeThoughStrangersAndATelephoneWithTheOneOfBeforeHaveFailed() {
    assertThat(relay.login(HOME, "anna", PASSWORD)).startsWith("235 ");
    for (int i = 0; i < 10; i++) {
      guess("203.0.113." + i, "anna", 4);
    }
    relay.password("user password anna", "battery staple");
    for (int i = 0; i < 3; i++) {
      assertThat(relay.login(HOME, "anna", PASSWORD)).startsWith("454 4.7.0 ");
    }
    assertThat(relay.login("192.0.2.77", "anna", "battery staple")).startsWith("454 4.7.0 ");
    assertThat(relay.login(HOME, "anna", "battery staple")).startsWith("235 ");
  }

  /// Who shares the address of a user learns nothing by it.
  @Test
  void whereAnAddressIsBlockedTheUserAtHomeGetsInAndWhoGuessesHimIsToldThatHeIsBlocked() {
    assertThat(relay.login(HOME, "anna", PASSWORD)).startsWith("235 ");
    guess(HOME, "bert", 2);
    guess(HOME, "nobody", 2);

    for (String user : List.of("anna", "bert", "cora", "nobody")) {
      try (var client = relay.secure(HOME)) {
        assertThat(client.cram(user, "guess")).as(user).startsWith("454 4.7.0 ");
        assertThat(client.waited()).as(user).isEqualTo(Duration.ofSeconds(8));
        assertThat(client.plain(user, "guess")).as(user).startsWith("454 4.7.0 ");
        assertThat(client.waited()).as("the same once more").isEqualTo(Duration.ofSeconds(8));
        assertThat(client.challenge(user, "guess")).as(user).endsWith(",i=4096");
      }
    }
    assertThat(relay.login(HOME, "bert", PASSWORD)).as("a newcomer").startsWith("454 4.7.0 ");
    assertThat(relay.login(HOME, "anna", PASSWORD)).startsWith("235 ");
    try (var client = relay.secure(HOME)) {
      assertThat(client.scram("anna", PASSWORD)).startsWith("235 ");
    }
    assertThat(relay.log("problem=\"wrong name or password\"")).as("hers is in the log").hasSize(6);
  }

  @Test
  void aUserAtHomeIsGuessedNoOftenerWhereTheAddressIsBlocked() {
    assertThat(relay.login(HOME, "anna", PASSWORD)).startsWith("235 ");
    guess(HOME, "bert", 2);
    guess(HOME, "nobody", 2);
    for (int i = 0; i < 4; i++) {
      assertThat(relay.login(HOME, "anna", "guess")).startsWith("454 4.7.0 ");
    }
    assertThat(relay.login(HOME, "anna", PASSWORD)).startsWith("454 4.7.0 ");
  }

  /// A proof that is right is not answered by ours.
  @Test
  void whoIsBlockedIsNotToldWhetherHisProofWasRight() {
    guess(STRANGE, "anna", 2);
    guess(STRANGE, "nobody", 2);
    for (String password : List.of("guess", PASSWORD)) {
      try (var client = relay.secure(STRANGE)) {
        assertThat(client.scram("bert", password)).startsWith("454 4.7.0 ");
        assertThat(client.cram("bert", password)).startsWith("454 4.7.0 ");
        assertThat(client.login("bert", password)).matches("(454|421) 4.7.0 .*");
      }
    }
  }

  /// It began before there was a block.
  @Test
  void aProofThatComesAfterABlockBeganIsNotLookedAt() {
    try (var client = relay.secure(STRANGE)) {
      assertThat(
              client.scram(
                  "bert",
                  PASSWORD,
                  () -> {
                    guess(STRANGE, "anna", 2);
                    guess(STRANGE, "nobody", 2);
                  }))
          .startsWith("454 4.7.0 ");
    }
  }

  /// The session of a device that tries one mechanism in vain before it takes another.
  @Test
  void whoFailsBeforeHeSucceedsInOneSessionIsNeverBlocked() {
    for (int i = 0; i < 20; i++) {
      try (var client = relay.secure(STRANGE)) {
        assertThat(client.cram("anna", PASSWORD)).as("has no CRAM-MD5").startsWith("535 ");
        assertThat(client.waited()).hasMillis(250);
        assertThat(client.plain("anna", PASSWORD)).startsWith("235 ");
      }
    }
    assertThat(relay.log("event=block")).isEmpty();
  }

  @Test
  void anOldPasswordInOneDeviceBlocksThatUserThereAndNobodyElse() {
    assertThat(relay.login(HOME, "anna", PASSWORD)).startsWith("235 ");
    assertThat(relay.login(HOME, "bert", PASSWORD)).startsWith("235 ");
    guess(HOME, "bert", 4);

    assertThat(relay.login(HOME, "bert", PASSWORD)).startsWith("454 4.7.0 ");
    assertThat(relay.login(HOME, "anna", PASSWORD)).startsWith("235 ");
    assertThat(relay.login("198.51.100.8", "bert", PASSWORD)).startsWith("235 ");
  }

  /// As mail programs and swaks do.
  @Test
  void oneWrongPasswordByAllMechanismsOfASessionCountsOnce() {
    for (int i = 0; i < 3; i++) {
      try (var client = relay.secure(STRANGE)) {
        assertThat(client.cram("bert", "old")).startsWith("535 5.7.8 ");
        assertThat(client.plain("bert", "old")).startsWith("535 5.7.8 ");
        assertThat(client.login("bert", "old")).startsWith("535 5.7.8 ");
        assertThat(client.ask("QUIT")).startsWith("221 ");
      }
    }
    assertThat(relay.login(STRANGE, "bert", PASSWORD)).startsWith("235 ");
  }

  @Test
  void otherPasswordsByOtherMechanismsCountEach() {
    try (var client = relay.secure(STRANGE)) {
      assertThat(client.cram("bert", "1")).startsWith("535 5.7.8 ");
      assertThat(client.plain("bert", "2")).startsWith("535 5.7.8 ");
      assertThat(client.login("bert", "3")).startsWith("421 4.7.0 ");
    }
  }

  @Test
  void aDeviceThatFailsTooOftenPausesAStrangeAddressAndNoneWhereSomebodyIsAtHome() {
    for (String from : List.of(STRANGE, HOME)) {
      if (from.equals(HOME)) {
        assertThat(relay.login(HOME, "anna", PASSWORD)).startsWith("235 ");
      }
      try (var client = relay.secure(from)) {
        client.plain("bert", "1");
        client.plain("bert", "2");
        assertThat(client.plain("bert", "3")).startsWith("421 4.7.0 ");
      }
    }
    try (var client = relay.call(STRANGE)) {
      assertThat(client.hear())
          .isEqualTo(
              "421 4.7.0 Your last connection failed to log in too often: please try again later");
    }
    assertThat(relay.relay().offence(InetAddress.ofLiteral(STRANGE)))
        .as("what explain says")
        .isEqualTo("failed to log in too often");
    assertThat(relay.relay().offence(InetAddress.ofLiteral(HOME))).isEmpty();
    assertThat(relay.login(HOME, "anna", PASSWORD)).startsWith("235 ");
    assertThat(relay.log("limits.stranger-pause"))
        .singleElement()
        .asString()
        .contains("the last connection failed to log in too often");
  }

  @Test
  void whoIsAtHomeWhereIsKnownAfterARestart() {
    assertThat(relay.login(HOME, "anna", PASSWORD)).startsWith("235 ");
    relay.close();
    relay.start();
    guess(HOME, "bert", 2);
    guess(HOME, "nobody", 2);
    assertThat(relay.login(HOME, "cora", PASSWORD)).startsWith("454 4.7.0 ");
    assertThat(relay.login(HOME, "anna", PASSWORD)).startsWith("235 ");
  }

  /// One who is there, one who is disabled, and names that nobody has.
  @Test
  void nobodyFindsOutWhichUsersThereAre() {
    List<List<String>> told = new ArrayList<>();
    for (String user : List.of("anna", "cora", "nobody", "nobody@example.com")) {
      List<String> answers = new ArrayList<>();
      try (var client = relay.secure("192.0.2." + (10 + told.size()))) {
        answers.add(client.plain(user, "guess"));
        answers.add(client.waited().toString());
        String challenge = client.challenge(user, "guess");
        assertThat(challenge)
            .matches("r=rOprNGfwEbeRWgbNEkqO[!-+\\--~]{20,},s=[A-Za-z0-9+/]{22}==,i=4096");
        answers.add(challenge.replaceAll("r=[^,]*,s=[^,]*", "") + challenge.length());
        answers.add(client.ask("*"));
        answers.add(client.scram(user, "guess"));
        answers.add(client.waited().toString());
      }
      told.add(answers);
    }
    assertThat(told).allMatch(answers -> answers.equals(told.getFirst()), told.toString());
  }

  @Test
  void aNameThatNobodyHasGetsItsOwnSaltWhichIsAlwaysTheSame() {
    List<String> salts = new ArrayList<>();
    for (String user : List.of("nobody", "NoBody", "nothing", "anna")) {
      try (var client = relay.secure("192.0.2.9")) {
        salts.add(client.challenge(user, "guess").replaceFirst(".*,s=", ""));
      }
    }
    relay.close();
    relay.start();
    try (var client = relay.secure("192.0.2.9")) {
      salts.add(client.challenge("nobody", "guess").replaceFirst(".*,s=", ""));
    }
    assertThat(salts.get(1)).isEqualTo(salts.get(0)).isEqualTo(salts.get(4));
    assertThat(salts.get(2)).isNotEqualTo(salts.get(0));
    assertThat(salts.get(3)).isNotEqualTo(salts.get(0)).isNotEqualTo(salts.get(2));
  }

  /// A name is blocked whether somebody has it or not.
  @Test
  void aBlockDoesNotTellWhoIsThereEither() {
    for (String user : List.of("anna", "nobody")) {
      for (int i = 0; i < 10; i++) {
        guess((user.equals("anna") ? "203.0.113." : "203.0.114.") + i, user, 4);
      }
    }
    assertThat(relay.login("192.0.2.77", "anna", "guess"))
        .isEqualTo(relay.login("192.0.2.77", "nobody", "guess"))
        .startsWith("454 4.7.0 ");
  }
}
