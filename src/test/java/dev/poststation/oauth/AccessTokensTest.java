package dev.poststation.oauth;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.sim.ToyTokenServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How tokens are kept, renewed and lost.
class AccessTokensTest {
  private static final Duration HOUR = Duration.ofMinutes(60);

  @Test
  void aTokenIsAskedForOnceAndGivenToAllUntilShortlyBeforeItExpires() throws Exception {
    var desk = new Desk(Desk.MICROSOFT).start();
    assertThat(desk.token()).isEqualTo("access-1");
    desk.time.advance(Duration.ofMinutes(59));
    assertThat(desk.token()).isEqualTo("access-1");
    desk.time.advance(Duration.ofMinutes(1));
    assertThat(desk.token()).isEqualTo("access-2");
    assertThat(desk.server.asked().getFirst())
        .containsEntry("grant_type", "client_credentials")
        .containsEntry("client_id", "app-1")
        .containsEntry("client_secret", "s3cret")
        .containsEntry("scope", "https://outlook.office365.com/.default");
  }

  @Test
  void aRenewalThatWaitedWhileALoginGotATokenAsksForNoOther() throws Exception {
    var desk = new Desk(Desk.MICROSOFT).start();
    var server = Halted.of(desk);
    var login = new FutureTask<>(desk::token);
    var loggingIn = Thread.ofPlatform().start(login);
    server.asked.await();
    var renewing = Thread.ofPlatform().start(desk.tokens::look);
    eventually("it waits", () -> renewing.getState() == Thread.State.WAITING);
    server.answers.countDown();
    loggingIn.join();
    renewing.join();
    assertThat(login.get()).isEqualTo("access-1");
    assertThat(desk.server.asked()).hasSize(1);
    assertThat(desk.token()).isEqualTo("access-1");
  }

  @Test
  void itIsRenewedTenMinutesBeforeSoThatAShortOutageIsNotNoticed() throws Exception {
    var desk = new Desk(Desk.MICROSOFT).start();
    desk.token();
    desk.time.advance(Duration.ofMinutes(49));
    assertThat(desk.tokens.rest().toSeconds()).isEqualTo(59);
    desk.time.advance(Duration.ofMinutes(1));
    desk.server.down(true);
    desk.tokens.look();
    assertThat(desk.token()).isEqualTo("access-1");
    assertThat(desk.events).isEmpty();
    assertThat(desk.tokens.concerns())
        .singleElement()
        .asString()
        .startsWith("The token of connector m365 as scanner@example.com cannot be renewed since ");
    desk.server.down(false);
    desk.time.advance(Duration.ofMinutes(1));
    desk.tokens.look();
    assertThat(desk.token()).isEqualTo("access-2");
    assertThat(desk.tokens.concerns()).isEmpty();
    assertThat(desk.events).isEmpty();
  }

  @Test
  void whenThereIsNoneItIsToldOnceAndOnceWhenItIsBack() throws Exception {
    var desk = new Desk(Desk.MICROSOFT).start();
    desk.server.down(true);
    for (int i = 0; i < 240; i++) {
      assertThat(desk.problem()).endsWith("Connection refused");
      desk.time.advance(Duration.ofSeconds(15));
      desk.tokens.look();
    }
    assertThat(desk.events).hasSize(1);
    assertThat(desk.server.asked()).hasSizeBetween(50, 70);
    assertThat(desk.state().standing()).isEqualTo(TokenState.Standing.PAUSED);
    assertThat(desk.tokens.pause(desk.account())).isPresent();
    desk.server.down(false);
    desk.time.advance(Duration.ofMinutes(1));
    desk.tokens.look();
    assertThat(desk.events).hasSize(2);
    assertThat(desk.events.getLast().problem()).isNull();
    assertThat(desk.back).containsExactly("m365");
    assertThat(desk.tokens.pause(desk.account())).isEmpty();
    assertThat(desk.token()).isEqualTo("access-1");
  }

  @Test
  void whatOnlyAPersonCanMendIsAskedForSeldomButAtOnceAfterAReload() throws Exception {
    var desk = new Desk(Desk.MICROSOFT).start();
    desk.server.answers(
        Optional.of(
            ToyTokenServer.error(
                401,
                "invalid_client",
                "AADSTS7000222: The provided client secret keys for app 'app-1' are expired.")));
    String problem = desk.problem();
    for (int i = 0; i < 60; i++) {
      assertThat(desk.problem()).isEqualTo(problem);
      desk.time.advance(Duration.ofMinutes(1));
    }
    assertThat(desk.server.asked()).hasSizeBetween(10, 20);
    assertThat(desk.events).hasSize(1);
    desk.server.answers(Optional.empty());
    desk.reload(Desk.MICROSOFT);
    assertThat(desk.token()).isEqualTo("access-1");
  }

  @Test
  void aServerThatWantsToBeLeftAloneIs() {
    var desk = new Desk(Desk.MICROSOFT).start();
    desk.server.answers(
        Optional.of(
            new TokenSite.Answer(429, "", Optional.empty(), Optional.of(Duration.ofMinutes(20)))));
    assertThat(desk.problem()).isEqualTo("the token server answers 429 without a reason");
    desk.time.advance(Duration.ofMinutes(9));
    desk.problem();
    assertThat(desk.server.asked()).hasSize(1);
  }

  @Test
  void aServerThatWantsToBeLeftAloneForADayIsAskedAfterTenMinutes() {
    var desk = new Desk(Desk.MICROSOFT).start();
    desk.server.answers(
        Optional.of(
            new TokenSite.Answer(503, "", Optional.empty(), Optional.of(Duration.ofDays(1)))));
    desk.problem();
    desk.time.advance(Duration.ofMinutes(10));
    desk.problem();
    assertThat(desk.server.asked()).hasSize(2);
  }

  @Test
  void aTokenThatIsRefusedWhileNoOtherCanBeHadMakesAPauseAtOnce() throws Exception {
    var desk = new Desk(Desk.MICROSOFT).start();
    String token = desk.token();
    desk.time.advance(Duration.ofMinutes(50));
    desk.server.down(true);
    desk.tokens.look();
    assertThat(desk.tokens.pause(desk.account())).isEmpty();
    desk.tokens.refused(desk.account(), token);
    assertThat(desk.tokens.pause(desk.account()))
        .hasValueSatisfying(why -> assertThat(why).endsWith("Connection refused"));
    assertThat(desk.events).hasSize(1);
    desk.server.down(false);
    desk.time.advance(Duration.ofMinutes(1));
    desk.tokens.look();
    assertThat(desk.events).hasSize(2);
    assertThat(desk.back).containsExactly("m365");
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "[]", "\"text\"", "{", "", "{\"access_token\":null}", "7"})
  void whateverIsAnsweredInPlaceOfATokenPausesWithAReason(String body) {
    var desk = new Desk(Desk.MICROSOFT).start();
    desk.server.answers(Optional.of(ToyTokenServer.answer(200, body)));
    assertThat(desk.problem())
        .matches("https://\\S+ (answers what is no JSON object|gives no access_token)");
    assertThat(desk.events).hasSize(1);
    assertThat(desk.tokens.pause(desk.account())).isPresent();
  }

  @Test
  void aFaultOfOursPausesWithAReasonToo() {
    var desk = new Desk(Desk.MICROSOFT).start();
    desk.server.answers(Optional.of(ToyTokenServer.answer(401, "null")));
    assertThat(desk.problem()).isEqualTo("the token server answers 401 without a reason");
    desk.time.advance(HOUR);
    desk.server.breaks();
    assertThat(desk.problem()).startsWith("internal error of this relay while it asked for");
    assertThat(desk.tokens.pause(desk.account())).isPresent();
    assertThat(desk.events).hasSize(1);
    desk.server.answers(Optional.empty());
  }

  @Test
  void anAccountThatAReloadTookAwayDoesNotComeBackByMailThatWasOnItsWay() {
    var desk = new Desk(Desk.MICROSOFT).start();
    var account = desk.account();
    desk.reload("hosts = [\"192.0.2.1\"]");
    assertThatThrownBy(() -> desk.tokens.token(account))
        .hasMessage("the account is not in the configuration any more");
    desk.tokens.look();
    assertThat(desk.tokens.states()).isEmpty();
    assertThat(desk.server.asked()).isEmpty();
  }

  @Test
  void aRefreshTokenGoesToNoOtherServerThanTheOneThatGaveIt() throws Exception {
    var desk = new Desk(Desk.BY_LOGIN).start();
    desk.server.rotates();
    desk.tokens.loggedIn(desk.state().account(), "refresh-0");
    desk.token();
    int before = desk.server.asked().size();
    desk.reload(
        Desk.BY_LOGIN.replace(
            "grant = device", "grant = device, token-url = \"https://x.test/t\""));
    assertThat(desk.problem())
        .isEqualTo(
            "the login was for client-id app-1 at"
                + " https://login.microsoftonline.com/example.com/oauth2/v2.0/token, and the"
                + " configuration names another: poststation oauth login m365");
    assertThat(desk.server.asked()).hasSize(before);
    desk.reload(Desk.BY_LOGIN.replace("app-1", "app-2"));
    assertThat(desk.problem()).startsWith("the login was for client-id app-1 at ");
    desk.reload(Desk.BY_LOGIN);
    assertThat(desk.token()).startsWith("access-");
  }

  @Test
  void savedTokensThatCannotBeReadAreNotWrittenOver() throws Exception {
    var former = new Desk(Desk.BY_LOGIN).start();
    former.tokens.loggedIn(former.state().account(), "refresh-0");
    String before = former.saved();
    String file = "/data/oauth.tokens";
    var desk = new Desk(Desk.BY_LOGIN, Map.of(file, before), file).start();
    assertThat(desk.problem())
        .startsWith("/data/oauth.tokens: it cannot be read, and is not written over: ");
    assertThat(desk.tokens.concerns())
        .anyMatch(concern -> concern.contains("let it be readable for the user of the relay"));
    var other = new AccountName("m365", "scanner@example.com");
    assertThatThrownBy(() -> desk.tokens.loggedIn(other, "refresh-9"))
        .hasMessageContaining("is not written over");
    desk.disk.forbid(file, false);
    assertThat(desk.saved()).isEqualTo(before);
    desk.time.advance(HOUR);
    desk.tokens.look();
    assertThat(desk.saved()).contains("refresh-9");
    assertThat(desk.tokens.concerns()).noneMatch(concern -> concern.contains("oauth.tokens"));
  }

  @Test
  void ofADamagedFileNothingIsLost() throws Exception {
    var former = new Desk(Desk.BY_LOGIN).start();
    former.tokens.loggedIn(former.state().account(), "refresh-0");
    String half = former.saved() + "other\tanna@example.com\tapp-1\thttps://x";
    var desk = new Desk(Desk.BY_LOGIN, Map.of("/data/oauth.tokens", half)).start();
    desk.server.rotates();
    assertThat(desk.token()).isEqualTo("access-1");
    assertThat(desk.saved()).contains("refresh-1").doesNotContain("other");
    var kept =
        desk.disk.list(Path.of("/data")).stream()
            .filter(file -> file.toString().contains("oauth.tokens.damaged-"))
            .toList();
    assertThat(kept).hasSize(1);
    assertThat(new String(desk.disk.read(kept.getFirst()), StandardCharsets.UTF_8)).isEqualTo(half);
    assertThat(desk.tokens.concerns()).anyMatch(concern -> concern.contains(kept.getFirst() + ""));
  }

  /// The server has ended the old token by then, and sent the new one.
  @Test
  void theEndOfTheRelayWaitsForTheAnswerThatHasANewRefreshToken() throws Exception {
    var desk = new Desk(Desk.BY_LOGIN).start();
    desk.server.rotates();
    desk.tokens.loggedIn(desk.state().account(), "refresh-0");
    var server = Halted.of(desk);
    var renewing = Thread.ofPlatform().start(desk.tokens::look);
    server.asked.await();
    var atTheEnd = new AtomicReference<String>();
    var closing =
        Thread.ofPlatform()
            .start(
                () -> {
                  desk.tokens.close();
                  atTheEnd.set(desk.saved());
                });
    eventually(
        "it waits, or has ended",
        () -> closing.getState() == Thread.State.WAITING || !closing.isAlive());
    server.answers.countDown();
    renewing.join();
    closing.join();
    assertThat(atTheEnd.get()).contains("refresh-1");
    assertThat(desk.problem()).isNotEmpty();
  }

  /// What the server gives in exchange for the token of the login before comes later.
  @Test
  void aLoginIsNotReplacedByWhatARenewalBringsThatWasUnderWay() throws Exception {
    var desk = new Desk(Desk.BY_LOGIN).start();
    desk.server.rotates();
    desk.tokens.loggedIn(desk.state().account(), "refresh-0");
    var server = Halted.of(desk);
    var renewing = Thread.ofPlatform().start(desk.tokens::look);
    server.asked.await();
    var account = desk.state().account();
    var login = new FutureTask<>(() -> loggedIn(desk, account));
    var loggingIn = Thread.ofPlatform().start(login);
    eventually(
        "it waits, or has ended",
        () -> loggingIn.getState() == Thread.State.WAITING || !loggingIn.isAlive());
    server.answers.countDown();
    renewing.join();
    assertThat(login.get()).contains("refresh-new").doesNotContain("refresh-1");
    assertThat(desk.saved()).contains("refresh-new").doesNotContain("refresh-1");
    assertThat(desk.problem()).doesNotContain("access-");
    assertThat(desk.server.asked().getLast()).containsEntry("refresh_token", "refresh-new");
  }

  /// What is on disk when the login has been taken.
  private static String loggedIn(Desk desk, AccountName account) throws IOException {
    desk.tokens.loggedIn(account, "refresh-new");
    return desk.saved();
  }

  /// A token server that answers when it is let.
  private record Halted(CountDownLatch asked, CountDownLatch answers) {
    static Halted of(Desk desk) {
      var halted = new Halted(new CountDownLatch(1), new CountDownLatch(1));
      desk.server.before(
          () -> {
            halted.asked.countDown();
            await(halted.answers);
          });
      return halted;
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aTokenThatTheNextHopRefusesIsNotGivenAgain() throws Exception {
    var desk = new Desk(Desk.MICROSOFT).start();
    desk.tokens.refused(desk.account(), desk.token());
    assertThat(desk.token()).isEqualTo("access-2");
    desk.tokens.refused(desk.account(), "access-1");
    assertThat(desk.token()).isEqualTo("access-2");
  }

  @Test
  void whoWasLetSendNothingIsTriedAtOnceWhenAnAdministratorHasANewTokenGot() throws Exception {
    var desk = new Desk(Desk.MICROSOFT).start();
    desk.token();
    desk.tokens.barred(desk.account(), "403 ErrorAccessDenied");
    assertThat(desk.tokens.renew(List.of(desk.state().account()))).isTrue();
    assertThat(desk.back).containsExactly("m365");
    desk.tokens.welcome(desk.account());
    desk.tokens.renew(List.of(desk.state().account()));
    assertThat(desk.back).hasSize(1);
  }

  @Test
  void aReloadKeepsTheTokenUnlessItIsGotInAnotherWay() throws Exception {
    var desk = new Desk(Desk.MICROSOFT).start();
    desk.token();
    desk.reload(Desk.MICROSOFT);
    assertThat(desk.token()).isEqualTo("access-1");
    desk.reload(Desk.MICROSOFT.replace("app-1", "app-2"));
    assertThat(desk.token()).isEqualTo("access-2");
  }

  @Test
  void beforeSomebodyLogsInTheConnectorPausesAndSaysWhatToType() throws Exception {
    var desk = new Desk(Desk.BY_LOGIN).start();
    assertThat(desk.problem()).isEqualTo("nobody has logged in yet: poststation oauth login m365");
    desk.tokens.loggedIn(desk.state().account(), "refresh-0");
    assertThat(desk.token()).isEqualTo("access-1");
    assertThat(desk.back).containsExactly("m365");
    assertThat(desk.server.asked().getLast())
        .containsEntry("grant_type", "refresh_token")
        .containsEntry("refresh_token", "refresh-0")
        .containsEntry("scope", "https://outlook.office.com/SMTP.Send offline_access")
        .doesNotContainKey("client_secret");
  }

  @Test
  void aNewRefreshTokenIsOnDiskForItsOwnerBeforeItIsUsedAndOutlivesARestart() throws Exception {
    var desk = new Desk(Desk.BY_LOGIN).start();
    desk.server.rotates();
    desk.tokens.loggedIn(desk.state().account(), "refresh-0");
    desk.token();
    assertThat(desk.saved()).contains("refresh-1").doesNotContain("refresh-0", "access-");
    assertThat(desk.disk.readableByOthers(Path.of("/data/oauth.tokens"))).isFalse();
    desk.time.advance(HOUR);
    desk.token();
    assertThat(desk.saved()).contains("refresh-2").doesNotContain("refresh-1");

    var next = new Desk(Desk.BY_LOGIN, desk.disk).start();
    next.server.rotates();
    next.server.revoke();
    assertThat(next.problem())
        .isEqualTo(
            "the token server says invalid_grant (Token has been expired or revoked): the login is"
                + " no longer good; log in anew: poststation oauth login m365");
    assertThat(next.server.asked().getFirst()).containsEntry("refresh_token", "refresh-2");
  }

  @Test
  void aRefreshTokenOfTheConfigurationIsUsedUntilANewOneComesAndAgainWhenItIsAnother()
      throws Exception {
    String auth =
        Desk.BY_LOGIN.replace(
            "grant = device", "grant = refresh-token, refresh-token = \"file:/etc/refresh\"");
    var desk = new Desk(auth).start();
    desk.server.rotates();
    desk.token();
    assertThat(desk.server.asked().getFirst()).containsEntry("refresh_token", "refresh-0");
    desk.time.advance(HOUR);
    desk.token();
    assertThat(desk.server.asked().getLast()).containsEntry("refresh_token", "refresh-1");
    desk.disk.with("/etc/refresh", "another\n");
    desk.time.advance(HOUR);
    desk.problem();
    assertThat(desk.server.asked().getLast()).containsEntry("refresh_token", "another");
  }

  @Test
  void whatTheServerRepeatsOfTheSecretIsNotShownHoweverItIsWritten() {
    var desk = new Desk(Desk.MICROSOFT, Map.of("/etc/oauth.secret", "s3cret~Value/17")).start();
    for (String shown :
        List.of("s3cret~Value/17", "czNjcmV0flZhbHVlLzE3", "s3cret%7EValue%2F17", "S3CRET~VALUE")) {
      desk.server.answers(
          Optional.of(
              ToyTokenServer.error(401, "invalid_client", "Bad secret '" + shown + "' sent.")));
      desk.time.advance(HOUR);
      assertThat(desk.problem())
          .startsWith("the token server says invalid_client (Bad secret *** sent)");
      assertThat(desk.state().problem()).doesNotContain(shown);
    }
  }

  @Test
  void nothingSecretStandsInATextOfOurs() throws Exception {
    var desk = new Desk(Desk.BY_LOGIN).start();
    desk.tokens.loggedIn(desk.state().account(), "refresh-0");
    desk.token();
    assertThat(desk.state().toString() + desk.tokens.states() + desk.tokens.concerns())
        .doesNotContain("refresh-0", "access-1");
    assertThat(new Granted("access-1", HOUR, "refresh-0").toString())
        .doesNotContain("refresh-0", "access-1");
  }
}
