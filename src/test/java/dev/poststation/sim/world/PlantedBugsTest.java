package dev.poststation.sim.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Proof that the simulation can fail: the program is altered, and nothing else; worlds of fresh
/// seeds show it: mostly within a minute, on a machine that does much else within a few.
@Tag("slow")
class PlantedBugsTest {
  private static final Path MAIN = Path.of("src/main/java/dev/poststation");

  /// How long worlds are tried; the first that breaks ends it.
  private static final int SECONDS = 240;

  private static final int SECONDS_AT_MOST = 600;

  @TempDir Path directory;

  private record Ended(int code, String said) {}

  /// What worlds make of a program in which `original` is replaced.
  private Ended withBug(String file, String original, String replacement)
      throws IOException, InterruptedException {
    String source = Files.readString(MAIN.resolve(file));
    assertThat(source).as("what is altered in " + file).containsOnlyOnce(original);
    Path altered = directory.resolve(Path.of(file).getFileName());
    Files.writeString(altered, source.replace(original, replacement));
    Path classes = Files.createDirectories(directory.resolve("classes"));
    String path = System.getProperty("java.class.path");
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-proc:none",
                "-nowarn",
                "-d",
                classes.toString(),
                "-cp",
                path,
                altered.toString());
    assertThat(compiled).isZero();
    return worlds(classes + File.pathSeparator + path);
  }

  private Ended worlds(String path) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(
        List.of(
            "-Xmx1g",
            "-Djdk.trackAllThreads=false",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            path,
            Simulation.class.getName(),
            "--seconds",
            String.valueOf(SECONDS)));
    Path said = directory.resolve("said");
    var process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    try {
      assertThat(process.waitFor(SECONDS_AT_MOST, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    String text = Files.readString(said, StandardCharsets.UTF_8);
    System.out.println(text);
    return new Ended(process.exitValue(), text);
  }

  @Test
  void aMailThatIsSettledBeforeItIsSentIsMissed() throws Exception {
    var ended =
        withBug(
            "queue/Carrier.java",
            "var result = ready.send(order(job));",
            """
            var outcomes =
                new java.util.ArrayList<dev.poststation.message.Outcome>();
            for (var recipient : job.recipients()) {
              outcomes.add(
                  new dev.poststation.message.Outcome.Delivered(
                      dev.poststation.smtp.Reply.of(250, "2.0.0", "Ok"), null, true));
            }
            var result = new Attempt.Result(outcomes, true, 0, List.of());
            settled(new Spoken(ready, List.of(), result, 0), job, picked, false);
            ready.send(order(job));
            if (!outcomes.isEmpty()) {
              return true;
            }
            """);
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.said()).contains("BROKEN");
  }

  @Test
  void aMailThatIsAcknowledgedBeforeTheSyncIsMissedAfterAPowerCut() throws Exception {
    var ended =
        withBug(
            "spool/Writer.java",
            "batch.finished(ids.greatest()).write(durable);",
            "batch.finished(ids.greatest()).write(false);");
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.said()).contains("BROKEN");
  }

  @Test
  void aWakeUpOfTheCommitterThatIsLostIsNoticedByClients() throws Exception {
    var ended =
        withBug("spool/Committer.java", "    if (wake) {\n      signal.raise();\n    }", "");
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.said()).contains("BROKEN");
  }

  @Test
  void aWakeUpOfAConnectionThatIsLostIsNoticedByMailThatIsLate() throws Exception {
    var ended =
        withBug(
            "queue/DestinationQueue.java",
            "help.idle.signal().raise();\n    } else if (help.another != null) {",
            "} else if (help.another != null) {");
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.said()).contains("BROKEN");
  }
}
