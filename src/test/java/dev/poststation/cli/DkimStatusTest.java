package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.admin.LiveRelay;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a relay that runs tells of the keys that sign.
class DkimStatusTest {
  private static final String CONFIGURATION =
      """
      connectors { internet { type = mx } }
      routes = [ { via = [internet] } ]
      dns { servers = ["127.0.0.1:1"] }
      dkim { "x.test" { algorithms = [ed25519-sha256] } }
      """;

  @TempDir Path directory;

  @Test
  void keysThatAreMadeBeforeTheFirstStartAreThereWhenItStarts() throws Exception {
    Path before =
        Files.writeString(
            directory.resolve("before.conf"),
            CONFIGURATION
                + "data = data, clients = [ { name = lan, networks = [\"10.0.0.0/8\"] } ]\n");
    assertThat(Ran.with(before, "dkim create x.test").exit()).isZero();
    try (var relay = new LiveRelay(directory, CONFIGURATION)) {
      assertThat(Ran.with(relay.file(), "status").out())
          .contains("it has no DKIM key that is active; poststation dkim rotate x.test");
    }
  }

  @Test
  void statusTellsOfADomainWithoutKeysAndOfThoseThatCommandsMake() throws Exception {
    try (var relay = new LiveRelay(directory, CONFIGURATION)) {
      assertThat(Ran.with(relay.file(), "status").out())
          .contains(
              "Mail of x.test is not signed: it has no DKIM key that is active; poststation dkim"
                  + " create x.test");
      assertThat(Ran.with(relay.file(), "dkim create x.test").exit()).isZero();
      assertThat(Ran.with(relay.file(), "dkim rotate x.test --without-dns").exit()).isZero();
      assertThat(Ran.with(relay.file(), "dkim list").out()).containsPattern("x.test +ps.* active");
      assertThat(Files.exists(directory.resolve("data/dkim/x.test/keys"))).isTrue();
    }
    try (var relay = new LiveRelay(directory, CONFIGURATION)) {
      assertThat(Ran.with(relay.file(), "status --json").out())
          .contains("\"dkim\" : [ {", "\"state\" : \"active\"", "\"dns\" : \"unknown\"");
      assertThat(relay.relay().metrics().scrape())
          .containsPattern(
              "poststation_dkim_key_published\\{domain=\"x.test\",selector=\"ps[0-9]+\","
                  + "state=\"active\"\\} -1.0");
    }
  }
}
