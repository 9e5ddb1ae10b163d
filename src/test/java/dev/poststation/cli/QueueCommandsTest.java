package dev.poststation.cli;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.admin.LiveRelay;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Which mails the commands of the queue mean, and what they say of those that they do not.
class QueueCommandsTest {
  private static final String NONE = "06A1B2C3D4E5F";

  @TempDir Path directory;
  private LiveRelay relay;
  private String id = "";

  @BeforeEach
  void aMailThatWaits() throws Exception {
    relay = new LiveRelay(directory);
    id = relay.send("anna@here.example", "bob@there.example");
    eventually("tried", () -> run("queue show " + id).out().contains("refused"));
    eventually("waits", () -> !run("queue list").out().contains("active"));
  }

  @AfterEach
  void end() {
    relay.close();
  }

  private Ran run(String line) {
    return Ran.with(relay.file(), line);
  }

  @Test
  void anIdThatIsNotInTheQueueIsNamed() throws Exception {
    var ran = run("queue hold " + id + " " + NONE);

    assertThat(ran.out())
        .isEqualTo("hold: 1 of 2 mails; " + NONE + " is not in the queue\n" + id + "\n");
    assertThat(ran.exit()).isEqualTo(Exit.NO);
    ran = run("queue hold " + id + " " + NONE + " 06A1B2C3D4E6F");
    assertThat(ran.out())
        .isEqualTo(
            "hold: 0 of 3 mails; "
                + NONE
                + ", 06A1B2C3D4E6F are not in the queue; the others are"
                + " held already, or gone\n");
    assertThat(ran.exit()).isEqualTo(Exit.NO);
    assertThat(run("queue release " + NONE).out())
        .isEqualTo("release: 0 of 1 mail; " + NONE + " is not in the queue\n");
    var json = new ObjectMapper().readTree(run("queue release --json " + id + " " + NONE).out());
    assertThat(json.path("done").asInt()).isEqualTo(1);
    assertThat(json.path("missing").path(0).asText()).isEqualTo(NONE);
    assertThat(json.path("missing")).hasSize(1);
  }

  @Test
  void withoutATextTheTraceGivesNoReason() {
    run("queue hold " + id);
    run("queue release " + id + " --text mended");

    assertThat(run("trace " + id).out())
        .contains("An administrator: hold\n\n", "because     mended")
        .doesNotContain("by the administrator");
  }

  @Test
  void anIdThatAFilterLeavesOutIsNotMissing() {
    var ran = run("queue hold " + id + " --domain other.example");

    assertThat(ran.out()).isEqualTo("No mail matches.\n");
    assertThat(ran.exit()).isEqualTo(Exit.NO);
  }

  @ParameterizedTest
  @CsvSource({"retry, held", "hold, held", "release, deferred"})
  void aDryRunCountsNoMailThatTheCommandWouldLeaveAsItIs(String action, String place) {
    if (place.equals("held")) {
      assertThat(run("queue hold " + id).exit()).isZero();
    }
    var tried = run("queue " + action + " --domain there.example --dry-run");
    var done = run("queue " + action + " --domain there.example");

    assertThat(tried.out())
        .startsWith("0 of 1 mail would be meant; the others are ")
        .doesNotContain(id);
    assertThat(tried.exit()).isEqualTo(Exit.NO);
    assertThat(done.out()).startsWith(action + ": 0 of 1 mail; the others are ");
    assertThat(done.exit()).isEqualTo(Exit.NO);
  }

  @Test
  void aDryRunShowsThoseThatItIsAboutAndNamesThoseThatAreNotThere() throws Exception {
    String second = relay.send("anna@here.example", "carl@there.example");
    assertThat(run("queue hold " + second).exit()).isZero();

    var ran = run("queue release --all --dry-run");
    assertThat(ran.out())
        .startsWith("1 of 2 mails would be meant; the others are not held, or gone:\n")
        .contains(second)
        .doesNotContain(id);
    assertThat(ran.exit()).isZero();
    var json = new ObjectMapper().readTree(run("queue release --all --dry-run --json").out());
    assertThat(json.path("matched").asInt()).isEqualTo(2);
    assertThat(json.path("would").asInt()).isEqualTo(1);
    assertThat(json.path("done").asInt()).isZero();
    assertThat(json.path("ids")).hasSize(1);
    assertThat(json.path("mails")).hasSize(1);
    ran = run("queue release --dry-run " + second + " " + NONE);
    assertThat(ran.out())
        .startsWith("1 of 2 mails would be meant; " + NONE + " is not in the queue:\n");
    assertThat(ran.exit()).isEqualTo(Exit.NO);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--domain @there.example",
        "--domain there.example.",
        "--domain @There.Example.",
        "--recipient @there.example.",
        "--recipient bob@there.example.",
        "--sender @here.example."
      })
  void aDomainMayBeWrittenAsInAnAddressAndWithItsLastDot(String filter) {
    assertThat(run("queue list " + filter).out()).contains(id);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bob@there.example", "@", "."})
  void whatIsNoDomainIsSaidToBeNone(String domain) {
    var ran = run("queue list --domain " + domain);

    assertThat(ran.err())
        .isEqualTo("domain: \"" + domain + "\" is no domain: write it as in there.example.\n");
    assertThat(ran.exit()).isEqualTo(Exit.WRONG);
  }
}
