package dev.poststation.cli;

import dev.poststation.demo.Demo;
import dev.poststation.os.Os;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `train`: what the JVM keeps of it the launcher says.
@Command(
    name = "train",
    description = {
      "Have a made-up relay work for some seconds, and keep what the Java VM loads and learns"
          + " meanwhile beside the program: relay and commands start faster with it. To be called"
          + " once after the installation, and after each update of Java or Poststation, by who may"
          + " write there. A relay that runs is not touched."
    })
final class TrainCommand implements Callable<Integer> {
  private static final PrintWriter NOBODY = new PrintWriter(Writer.nullWriter());

  private static final int LONGEST = 600;

  @Mixin private final Common common;

  @Option(
      names = "--directory",
      paramLabel = "DIRECTORY",
      required = true,
      description = "Where the made-up relay keeps its files: the launcher makes one.")
  private Path directory = Path.of("");

  @Option(
      names = "--seconds",
      paramLabel = "SECONDS",
      description = "How long it works (default: ${DEFAULT-VALUE}).")
  private int seconds = 15;

  TrainCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() throws InterruptedException {
    if (seconds < 1 || seconds > LONGEST) {
      throw new Failure(Exit.WRONG, "--seconds: from 1 to " + LONGEST);
    }
    common.refuseJson("its exit code says whether it went well.");
    common.refuseConfig("it has a configuration of its own.");
    var os = common.os();
    var shown = new StringWriter();
    try (var demo = Demo.forMany(os, new PrintWriter(shown), directory)) {
      boolean good = demo.show();
      if (!good) {
        common.out().println(shown);
      }
      long mails = demo.work(Duration.ofSeconds(seconds));
      for (var words : new String[] {"status", "queue list", "config", "check"}) {
        String line = words + " --config " + demo.file();
        new Program(os, NOBODY, NOBODY).run(line.split(" "));
      }
      common.out().println("The made-up relay took " + mails + " mails.");
      return good && mails > 0 ? Exit.OK : Exit.NO;
    } catch (IOException e) {
      throw new Failure(Exit.WRONG, "The training cannot go on: " + e.getMessage());
    }
  }
}
