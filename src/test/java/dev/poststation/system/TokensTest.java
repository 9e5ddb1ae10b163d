package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.account.AllAccounts;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.config.UsersSettings;
import dev.poststation.log.Event;
import dev.poststation.os.Os;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.sim.ToyIssuer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A client logs in over SMTP by a token, whose keys are fetched from its issuer.
@Tag("peer")
@Timeout(120)
final class TokensTest {
  private static final Os OS = Os.real();

  private static UsersSettings users(Home home, String keys) {
    String all =
        """
        hostname = "relay.here.test"
        data = "%s"
        clients = [ { name = local, networks = ["127.0.0.1"] } ]
        connectors { internet { type = mx } }
        routes = [ { via = [internet] } ]
        users { %s }
        """
            .formatted(home.path(), keys);
    return switch (new Loader(OS, Map.of()).parse(all, Path.of("test.conf"))) {
      case Loaded.Good good -> good.configuration().users();
      case Loaded.Bad bad -> throw new AssertionError(bad.problems().toString());
    };
  }

  private static String curl(RelayWithUsers relay, String user, String token) {
    try (var curl =
        Program.start(
            List.of(
                Peers.program("curl"),
                "--verbose",
                "--max-time",
                "20",
                "--insecure",
                "--ssl-reqd",
                "--url",
                "smtp://127.0.0.1:" + relay.port(),
                "--mail-from",
                "anna@example.com",
                "--mail-rcpt",
                "recipient@there.test",
                "--user",
                user,
                "--oauth2-bearer",
                token,
                "--upload-file",
                "-"))) {
      curl.input("Subject: token\r\n\r\nhello\r\n".getBytes(StandardCharsets.UTF_8));
      curl.awaitExit(Duration.ofMinutes(1));
      return curl.output();
    }
  }

  @Test
  void aTokenOfTheIssuerIsTakenAndOneForSomebodyElseIsNot() throws Exception {
    try (var home = Home.create("tokens");
        var issuer = ToyIssuer.start()) {
      var settings = users(home, issuer.settings());
      try (var accounts = new AllAccounts(OS, home.path(), () -> settings, new ScriptedResolver());
          var relay =
              RelayWithUsers.start(
                  accounts, "tls = required, auth = required", Certificate.in(home.path()))) {
        String token = issuer.token("anna@example.com", OS.time().now());
        assertThat(curl(relay, "anna@example.com", token)).contains("235 2.7.0", "250 2.0.0");
        var last = relay.journal.events(Event.Authenticated.class).getLast();
        assertThat(last.user()).isEqualTo("anna@example.com");
        assertThat(last.mechanism()).isEqualTo("OAUTHBEARER");
        assertThat(curl(relay, "berta@example.com", token)).contains("535 5.7.8");
      }
      issuer.close();
      try (var accounts = new AllAccounts(OS, home.path(), () -> settings, new ScriptedResolver());
          var relay =
              RelayWithUsers.start(
                  accounts, "tls = required, auth = required", Certificate.in(home.path()))) {
        String token = issuer.token("anna@example.com", OS.time().now());
        assertThat(curl(relay, "anna@example.com", token)).contains("454 4.7.0");
      }
    }
  }
}
