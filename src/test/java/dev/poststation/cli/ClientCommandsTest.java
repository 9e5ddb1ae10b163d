package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.admin.LiveRelay;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The entries of `clients` with their last use.
class ClientCommandsTest {
  private static final String CLIENTS =
      """
      clients = [ { name = local, networks = ["127.0.0.1"], zone-label = vlan1, owner = "mail team" }
                  { name = old, networks = ["127.0.0.2"], comment = "floor 3", expires = "2026-01-31" } ]
      """;

  @TempDir Path directory;

  @Test
  void eachIsListedWithItsLastUseWithAndWithoutARelay() throws Exception {
    Path file;
    try (var relay = new LiveRelay(directory, CLIENTS)) {
      file = relay.file();
      assertThat(Ran.with(file, "client list").out())
          .startsWith("NAME   LINE ")
          .containsPattern("local  \\S+:[0-9]+ +vlan1 +mail team +- +never +never in ")
          .containsPattern("old +\\S+:[0-9]+ +- +- +floor 3 +2026-01-31 [(]expired[)] +never in ");
      assertThat(Ran.with(file, "status").out())
          .contains("1 entry of clients expired, and can be removed: old\n");
      assertThat(Ran.with(file, "client list --in-clear").out())
          .matches(
              "There is no client that has handed in a mail without TLS; the relay notes that since"
                  + " 20\\S+Z[.]\n");
      relay.send("a@here.example", "b@there.example");
      assertThat(Ran.with(file, "client list --in-clear").out())
          .containsPattern(" LAST USED +LAST IN CLEAR\nlocal .* ago +\\S.* ago\n$");
      assertThat(Ran.with(file, "client list").out()).containsPattern("local .* ago\\n");
      assertThat(Ran.with(file, "client list --unused 90d").out())
          .containsPattern("old +\\S+:[0-9]+ .* never in ")
          .doesNotContain("local")
          .containsPattern(
              "The relay notes uses since 20\\S+Z: what is \"never\" there may be so because an"
                  + " entry is younger than 90d[.]\n$");
      assertThat(Ran.with(file, "client list --unused soon"))
          .isEqualTo(
              new Ran(Exit.WRONG, "", "--unused: \"soon\" is no time span: write, say, 90d.\n"));
    }
    assertThat(Ran.with(file, "client list").out()).containsPattern("local .* ago\\n");
    Path used = directory.resolve("data/clients.used");
    Files.delete(used);
    assertThat(Ran.with(file, "client list --in-clear").out())
        .isEqualTo("No relay has noted yet who hands in mail without TLS.\n");
    Files.writeString(
        used,
        "local 2020-01-01T00:00:00Z 2020-02-01T00:00:00Z 2020-01-31T00:00:00Z\n"
            + "old 2020-01-01T00:00:00Z -\n");
    assertThat(Ran.with(file, "client list --unused 90d --json").out())
        .contains("\"name\" : \"local\"", "\"name\" : \"old\"", "\"lastUsed\" : null")
        .contains("\"lastUsed\" : \"2020-02-01T00:00:00Z\"", "\"expired\" : true")
        .contains("\"lastInClear\" : \"2020-01-31T00:00:00Z\"", "\"lastInClear\" : null");
  }

  @Test
  void theGroupSaysWhatItHas() {
    assertThat(Ran.plain("client").err())
        .isEqualTo(
            "Which command of client? list, export, import: see poststation client COMMAND"
                + " --help\n");
  }
}
