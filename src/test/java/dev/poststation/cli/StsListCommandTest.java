package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.admin.LiveRelay;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a relay has kept of MTA-STS is shown, and counted.
class StsListCommandTest {
  private static final String CONFIGURATION =
      """
      connectors { internet { type = mx, tls = mta-sts } }
      routes = [ { via = [internet] } ]
      """;

  @TempDir Path directory;

  @Test
  void aPolicyThatWasKeptBeforeTheStartIsShown() throws Exception {
    var data = Files.createDirectory(directory.resolve("data"));
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
    var fetched = Instant.now().minus(Duration.ofMinutes(90)).toString();
    Files.writeString(
        data.resolve("mta-sts.policies"),
        "example.com 20260831 enforce %s 604800 %s mx.example.com,*.example.net\n"
            .formatted(fetched, fetched));
    try (var relay = new LiveRelay(directory, CONFIGURATION)) {
      var ran = Ran.with(relay.file(), "mta-sts list");
      assertThat(ran.exit()).as(ran.toString()).isZero();
      assertThat(ran.out())
          .contains("DOMAIN", "LAST ERROR")
          .containsPattern(
              "example.com +enforce +1 h 30 m ago +in 6 d 22 h +20260831 +mx.example.com"
                  + " \\*.example.net");
      assertThat(Ran.with(relay.file(), "mta-sts list --json").out())
          .contains("\"domain\" : \"example.com\"", "\"problem\" : \"\"");
    }
  }

  @Test
  void whereNoneIsKeptThatIsSaid() throws Exception {
    try (var relay = new LiveRelay(directory, CONFIGURATION)) {
      assertThat(Ran.with(relay.file(), "mta-sts list").out())
          .isEqualTo("No MTA-STS policy is kept.\n");
    }
  }
}
