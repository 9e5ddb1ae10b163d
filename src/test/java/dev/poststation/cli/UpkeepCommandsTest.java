package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.admin.LiveRelay;
import dev.poststation.os.Os;
import dev.poststation.spool.Format;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Backup, restore and check as people use them, with a relay and without one, and with mistakes.
class UpkeepCommandsTest {
  @TempDir Path home;
  private Path file = Path.of("");
  private Path data = Path.of("");
  private Path backup = Path.of("");

  private record Ran(int exit, String out, String err) {
    /// Fails unless it ended with this code and one sentence with this in it.
    private void refused(int code, String said) {
      assertThat(exit).as(out + err).isEqualTo(code);
      assertThat(out).isEmpty();
      assertThat(err.lines()).hasSize(1);
      assertThat(err).contains(said).endsWith(".\n").doesNotContain("..\n");
    }

    private String good() {
      assertThat(exit).as(out + err).isZero();
      return out;
    }
  }

  @BeforeEach
  void withAMail() throws Exception {
    data = home.resolve("data");
    backup = home.resolve("backup");
    try (var relay = new LiveRelay(home)) {
      file = relay.file();
      relay.send("anna@here.example", "bob@there.example");
      run("backup", backup.toString()).good();
    }
  }

  private Ran run(String... words) {
    var out = new StringWriter();
    var err = new StringWriter();
    var program = new Program(Os.real(), new PrintWriter(out), new PrintWriter(err));
    String[] all = Arrays.copyOf(words, words.length + 2);
    all[words.length] = "--config";
    all[words.length + 1] = file.toString();
    return new Ran(program.run(all), out.toString(), err.toString());
  }

  private Ran restore(String... options) {
    String[] words = Arrays.copyOf(new String[] {"restore", backup.toString()}, 2 + options.length);
    System.arraycopy(options, 0, words, 2, options.length);
    return run(words);
  }

  private void moveAway() throws Exception {
    Files.move(data, home.resolve("former"));
  }

  @Test
  void withoutARelayItAllWorksOnTheFiles() throws Exception {
    assertThat(run("backup", home.resolve("second").toString()).good())
        .startsWith("Backup of the spool, ")
        .endsWith(" files: " + home.resolve("second") + "\n");
    assertThat(run("spool", "check").good())
        .startsWith("The spool in " + data + ": 1 mail, 1 recipient, 1 chunk of content (")
        .endsWith("Nothing is wrong.\n");
    moveAway();
    assertThat(restore().good())
        .contains("Restored into " + data + " what was there at ")
        .contains("Mail that was delivered since then is delivered again");
    assertThat(run("spool", "check").good()).contains(": 1 mail,");
  }

  @Test
  void heldMailIsSaidToBeHeld() throws Exception {
    moveAway();
    assertThat(restore("--hold").good())
        .contains("1 mail held: nothing is delivered until poststation queue release --all.")
        .doesNotContain("delivered again");
  }

  @Test
  void everyAnswerIsJsonOnWish() throws Exception {
    var json = new ObjectMapper();
    Files.createDirectories(data.resolve("damaged-20261124-100000"));
    var made = json.readTree(run("backup", home.resolve("b").toString(), "--json").good());
    assertThat(made.path("directory").asText()).isEqualTo(home.resolve("b").toString());
    assertThat(made.path("files").asInt()).isGreaterThan(4);
    assertThat(made.path("octets").asLong()).isPositive();
    assertThat(made.path("format").asInt()).isEqualTo(Format.KNOWN);
    assertThat(made.path("notInIt").path(0).asText()).isEqualTo("damaged-20261124-100000");
    var checked = json.readTree(run("spool", "check", "--json").good());
    assertThat(checked.path("clean").asBoolean()).isTrue();
    assertThat(checked.path("counters").asText()).isEqualTo("right");
    moveAway();
    var restored = json.readTree(restore("--hold", "--json").good());
    assertThat(restored.path("held").asInt()).isEqualTo(1);
    assertThat(restored.path("made").asText()).endsWith("Z");
    assertThat(restored.path("warnings")).isEmpty();
  }

  @Test
  void damagedFilesThatWereKeptAreSaidNotToBeInABackup() throws Exception {
    Files.createDirectories(data.resolve("damaged-20261124-100000"));
    assertThat(run("backup", home.resolve("b").toString()).good())
        .contains(
            "Not in it are the damaged files that were kept for you: damaged-20261124-100000");
  }

  @Test
  void mistakesAreOneSentenceAndAnExitCode() throws Exception {
    run("backup", backup.toString()).refused(2, "backup is not empty: name a new directory");
    run("backup", home.resolve("no/where").toString())
        .refused(2, "There is no directory " + home.resolve("no") + ": make it first, or mount");
    run("backup", data.resolve("b").toString()).refused(2, "must not be in " + data + " itself");
    restore().refused(2, "The directory " + data + " is not empty: it has admin.token");
    moveAway();
    run("backup", home.resolve("b").toString()).refused(2, "There is no spool in " + data);
    run("spool", "check").refused(2, "no relay has run with this configuration; name another");
    backup = home.resolve("former");
    restore().refused(2, "former is no backup, or not a whole one");
    backup = home.resolve("none");
    restore().refused(2, "There is no directory " + backup);
    assertThat(data).doesNotExist();
  }

  @Test
  void underARunningRelayNothingIsRestored() throws Exception {
    try (var _ = new LiveRelay(home)) {
      restore().refused(2, "A relay runs on " + data);
    }
  }

  @Test
  void aDirectoryThatIsInUseByWhatAnswersNotIsSaidToBe() throws Exception {
    try (var _ = Os.real().disk().lock(data.resolve("lock")).orElseThrow()) {
      String said = "The directory " + data + " is in use, but no relay answers: one that is just";
      run("spool", "check").refused(3, said);
      run("backup", home.resolve("b").toString()).refused(3, said);
    }
    assertThat(home.resolve("b")).doesNotExist();
    assertThat(home.resolve("b.incomplete")).doesNotExist();
  }

  @Test
  void aBackupIsMadeThoughTheFileHasMistakes() throws Exception {
    Files.writeString(file, Files.readString(file).replace("via = [next]", "via = [nxet]"));
    String told =
        "The configuration has errors, which poststation check tells; the command works on data ="
            + " \""
            + data
            + "\" all the same.\n";
    var made = run("backup", home.resolve("b").toString());
    made.good();
    assertThat(made.err()).isEqualTo(told);
    var checked = run("spool", "check");
    assertThat(checked.exit()).isEqualTo(2);
    assertThat(checked.err()).contains("nxet");
    moveAway();
    var restored = restore();
    restored.good();
    assertThat(restored.err()).isEqualTo(told);
  }

  @Test
  void aRelayThatRunsIsAskedThoughTheFileHasMistakesAndThatIsSaid() throws Exception {
    try (var relay = new LiveRelay(home)) {
      relay.write(relay.read().replace("via = [next]", "via = [nxet]"));
      for (var line : List.of("backup " + home.resolve("b"), "spool check")) {
        var ran = run(line.split(" "));
        ran.good();
        assertThat(ran.err()).as(line).startsWith("The configuration has errors, which");
      }
    }
  }

  @Test
  void aCheckSaysTheSameOfTheSpoolInJsonWhetherARelayRunsOrNot() throws Exception {
    var json = new ObjectMapper();
    List<String> without = new ArrayList<>();
    json.readTree(run("spool", "check", "--json").good())
        .fieldNames()
        .forEachRemaining(without::add);
    try (var _ = new LiveRelay(home)) {
      assertThat(json.readTree(run("spool", "check", "--json").good()).fieldNames())
          .toIterable()
          .containsExactlyElementsOf(without);
    }
  }
}
