package dev.poststation.cli;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.admin.LiveRelay;
import dev.poststation.os.Os;
import dev.poststation.sim.PassingTime;
import dev.poststation.sim.ToyTokenServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Somebody logs in at a token server for a relay, or looks how it is with its tokens.
class OauthCommandsTest {
  @TempDir Path directory;
  private ToyTokenServer server;
  private LiveRelay relay;

  @BeforeEach
  void start() throws Exception {
    server = new ToyTokenServer().start();
    relay =
        new LiveRelay(
            directory,
            """
            connectors { mailbox { hosts = ["127.0.0.1:9"], auth {
              user = "scanner@example.com", grant = device, %s } } }
            routes = [ { via = [mailbox] } ]
            """
                .formatted(server.settings()));
  }

  @AfterEach
  void stop() {
    relay.close();
    server.close();
  }

  private Ran run(String line) {
    return Ran.with(relay.file(), line);
  }

  /// Nobody waits for the seconds between two questions.
  private Ran impatient(String line) {
    var real = Os.real();
    var time =
        new PassingTime(real.time()) {
          @Override
          public void sleep(Duration duration) {}
        };
    var os =
        new Os(time, real.network(), real.tasks(), real.chance(), real.disk(), real.processes());
    return Ran.on(os, line + " --config " + relay.file());
  }

  private String log() {
    try {
      return Files.readString(directory.resolve("mail.log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String saved() throws Exception {
    return Files.readString(directory.resolve("data/oauth.tokens"));
  }

  @Test
  void aLoginByCodeIsTakenOverAtOnceAndKeptForTheOwner() throws Exception {
    eventually("it pauses", () -> run("oauth list").out().contains("paused"));
    assertThat(run("oauth list").out())
        .contains("mailbox", "scanner@example.com", "poststation oauth login mailbox");
    assertThat(run("status").out())
        .contains("Warning: No mail leaves by connector mailbox as scanner@example.com");

    var ran = impatient("oauth login mailbox");
    assertThat(ran.exit()).as(ran.toString()).isZero();
    assertThat(ran.out())
        .contains("https://www.microsoft.com/link", "YZMYLD4K", "log in as scanner@example.com")
        .contains("Logged in; the relay has taken it over.")
        .contains("working")
        .doesNotContain("refresh-0", "access-", "device-1");
    assertThat(saved()).contains("mailbox\tscanner@example.com\tapp-1", "refresh-0");
    assertThat(Files.getPosixFilePermissions(directory.resolve("data/oauth.tokens")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(run("status").out())
        .contains("token of connector mailbox as scanner@example.com: expires in 59 m")
        .doesNotContain("Warning");
    eventually("it is in the log", () -> log().contains("state=back"));
    assertThat(log())
        .contains("event=token connector=mailbox user=scanner@example.com state=paused")
        .contains("event=token connector=mailbox user=scanner@example.com state=back")
        .doesNotContain("refresh-0", "access-");
  }

  @Test
  void aLoginByABrowserComesBackToThisMachine() throws Exception {
    var out = new StringWriter();
    var program = new Program(Os.real(), new PrintWriter(out), new PrintWriter(out));
    var running =
        Thread.ofVirtual()
            .start(
                () ->
                    program.run(
                        "oauth", "login", "mailbox", "--browser", "--config", relay.file() + ""));
    var page = Pattern.compile("https://\\S+/authorize\\?\\S+");
    eventually("the page is shown", () -> page.matcher(out.toString()).find());
    var matcher = page.matcher(out.toString());
    assertThat(matcher.find()).isTrue();
    var address = URI.create(matcher.group());
    assertThat(ToyTokenServer.parameters(address.getRawQuery()))
        .containsEntry("prompt", "consent")
        .containsEntry("client_id", "app-1")
        .containsEntry("code_challenge_method", "S256")
        .containsEntry("scope", "smtp offline_access");
    String back = server.loggedIn(address).replace("localhost", "127.0.0.1");
    try (var browser = HttpClient.newHttpClient()) {
      var favicon = URI.create(back.substring(0, back.indexOf('?')) + "favicon.ico");
      assertThat(
              browser
                  .send(HttpRequest.newBuilder(favicon).build(), BodyHandlers.ofString())
                  .statusCode())
          .isEqualTo(404);
      assertThat(
              browser
                  .send(HttpRequest.newBuilder(URI.create(back)).build(), BodyHandlers.ofString())
                  .body())
          .contains("this window can be closed");
    }
    running.join();
    assertThat(out.toString()).contains("Logged in; the relay has taken it over.");
    assertThat(saved()).contains("refresh-0");
  }

  @Test
  void whatIsNotTheAnswerOfThisLoginIsNotTakenForIt() throws Exception {
    var out = new StringWriter();
    var program = new Program(Os.real(), new PrintWriter(out), new PrintWriter(out));
    var running =
        Thread.ofVirtual()
            .start(
                () ->
                    program.run(
                        "oauth", "login", "mailbox", "--browser", "--config", relay.file() + ""));
    var page = Pattern.compile("https://\\S+/authorize\\?\\S+");
    eventually("the page is shown", () -> page.matcher(out.toString()).find());
    var matcher = page.matcher(out.toString());
    assertThat(matcher.find()).isTrue();
    String back = server.loggedIn(URI.create(matcher.group())).replace("localhost", "127.0.0.1");
    String place = back.substring(0, back.indexOf('?'));
    String state = back.substring(back.indexOf("&state=") + 7);
    try (var browser = HttpClient.newHttpClient()) {
      for (String forged :
          List.of("?code=x&state=y", "elsewhere?code=x&state=" + state, "?state=" + state)) {
        var request = HttpRequest.newBuilder(URI.create(place + forged)).build();
        assertThat(browser.send(request, BodyHandlers.ofString()).statusCode())
            .as(forged)
            .isEqualTo(404);
      }
      browser.send(HttpRequest.newBuilder(URI.create(back)).build(), BodyHandlers.ofString());
    }
    running.join();
    assertThat(out.toString()).contains("Logged in; the relay has taken it over.");
  }

  private void startAgain() {
    try {
      relay = relay.again();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aRelayThatIsStartedWhileSomebodyLogsInGetsTheToken() throws Exception {
    relay.close();
    var real = Os.real();
    var time =
        new PassingTime(real.time()) {
          private boolean begun;

          @Override
          public void sleep(Duration duration) {
            if (!begun) {
              begun = true;
              startAgain();
            }
          }
        };
    var os =
        new Os(time, real.network(), real.tasks(), real.chance(), real.disk(), real.processes());
    var ran = Ran.on(os, "oauth login mailbox --config " + relay.file());
    assertThat(ran.exit()).as(ran.toString()).isZero();
    assertThat(ran.out()).contains("Logged in; the relay has taken it over.");
  }

  @Test
  void aLoginIsNotHandedToARelayThatWouldSendItElsewhere() throws Exception {
    String text = Files.readString(relay.file());
    Files.writeString(relay.file(), text.replace("/token\"", "/other\""));
    var ran = impatient("oauth login mailbox");
    assertThat(ran.exit()).isEqualTo(Exit.WRONG);
    assertThat(ran.err()).contains("poststation reload, then again");
    Files.writeString(relay.file(), text);
    impatient("oauth login mailbox");
    Files.writeString(relay.file(), text.replace("/token\"", "/other\""));
    assertThat(run("check").out() + run("check").err())
        .contains("connector mailbox as scanner@example.com: the login was for client-id app-1 at")
        .contains("oauth login mailbox");
    Files.writeString(relay.file(), text);
    assertThat(run("check").out() + run("check").err()).doesNotContain("the login was for");
  }

  @Test
  void withoutARelayTheLoginWaitsForTheNextOne() throws Exception {
    relay.close();
    var ran = impatient("oauth login mailbox");
    assertThat(ran.exit()).as(ran.toString()).isZero();
    assertThat(ran.out()).contains("for the relay, which does not run now");
    assertThat(saved()).contains("refresh-0");
    assertThat(run("oauth list").exit()).isEqualTo(Exit.UNREACHABLE);
  }

  @Test
  void aLoginThatIsDeclinedSaysSo() {
    server.answers(
        Optional.of(ToyTokenServer.error(400, "authorization_declined", "AADSTS70000: declined")));
    var ran = impatient("oauth login mailbox");
    assertThat(ran.exit()).isEqualTo(Exit.NO);
    assertThat(ran.err()).contains("There is no login: the token server says").contains("declined");
  }

  @Test
  void whatCannotBeLoggedInIsToldWithWhatCan() {
    var ran = run("oauth login nothing");
    assertThat(ran.exit()).isEqualTo(Exit.WRONG);
    assertThat(ran.err()).contains("connectors that have some: mailbox");
    assertThat(run("oauth refresh nothing").exit()).isEqualTo(Exit.WRONG);
  }

  @Test
  void aRefreshAsksAtOnceAndSaysWhyNot() {
    impatient("oauth login mailbox");
    int before = server.tokens();
    assertThat(run("oauth refresh mailbox").exit()).isZero();
    assertThat(server.tokens()).isEqualTo(before + 1);
    server.revoke();
    var ran = run("oauth refresh mailbox");
    assertThat(ran.exit()).isEqualTo(Exit.NO);
    assertThat(ran.out()).contains("invalid_grant (Token has been expired or revoked)");
    assertThat(run("oauth list --json").out()).contains("\"state\" : \"working\"");
  }
}
