package dev.poststation.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.ToyTokenServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

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
    desk.time.advance(Duration.ofMinutes(19));
    desk.problem();
    assertThat(desk.server.asked()).hasSize(1);
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
