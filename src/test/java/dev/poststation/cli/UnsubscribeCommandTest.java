package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.content.UnsubscribeToken;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnsubscribeCommandTest {
  private static final String OLD = "0123456789abcdef";

  @TempDir Path home;

  @BeforeEach
  void configure() throws IOException {
    for (String secret : new String[] {"fedcba9876543210", OLD}) {
      Path file = Files.writeString(home.resolve(secret), secret + "\n");
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
    Files.writeString(
        home.resolve("poststation.conf"),
        """
        hostname = "relay.test"
        data = "data"
        clients = [ { name = lan, networks = ["10.0.0.0/8"] } ]
        connectors { next { hosts = ["127.0.0.1:9"] } }
        routes = [ { via = [next] } ]
        content = [
          { use = list-unsubscribe, mailto = "stop@example.com"
            secrets = ["file:fedcba9876543210", "file:0123456789abcdef"] }
        ]
        """);
  }

  private Ran run(String words) {
    return Ran.with(home.resolve("poststation.conf"), "unsubscribe " + words);
  }

  private static String token(String secret) {
    var when = Instant.parse("2026-12-01T11:00:00Z");
    return new UnsubscribeToken("06A1B2C3D4E5F", "news@example.com", "b@there.test", when)
        .text(secret, Os.real().chance());
  }

  @Test
  void aTokenOfAnyOfTheSecretsTellsWhoWantsNoMoreOfWhichMail() {
    assertThat(run(token(OLD)).out())
        .isEqualTo(
            """
            recipient  b@there.test
            sender     news@example.com
            mail       06A1B2C3D4E5F of 2026-12-01T11:00:00Z
            """);
    assertThat(run("--recipient " + token("fedcba9876543210")).out()).isEqualTo("b@there.test\n");
    assertThat(run("--json " + token(OLD)).out()).contains("\"recipient\" : \"b@there.test\"");
  }

  @Test
  void noTokenLooksLikeAnOption() {
    for (int i = 0; i < 1000; i++) {
      assertThat(token(OLD)).matches("[A-Za-z].*");
    }
  }

  @Test
  void aTokenThatNobodyMadeHereIsNone() {
    for (String other : new String[] {token("another secret, not ours"), "garbage"}) {
      var ran = run(other);
      assertThat(ran.exit()).isEqualTo(Exit.NO);
      assertThat(ran.err()).contains("no token that use = list-unsubscribe");
    }
  }
}
