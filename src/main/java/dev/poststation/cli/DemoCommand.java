package dev.poststation.cli;

import dev.poststation.demo.Demo;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `demo`.
@Command(
    name = "demo",
    description = {
      "Start a relay with a sink that plays the Internet, send a handful of mails through it, tell"
          + " what became of each, and leave it running."
    })
final class DemoCommand implements Callable<Integer> {
  @Mixin private final Common common;

  @Option(names = "--once", description = "End after the telling.")
  private boolean once;

  @Option(
      names = "--directory",
      paramLabel = "DIRECTORY",
      description = "Where it keeps its files (default: demo-data).")
  private Path directory = Path.of("demo-data");

  DemoCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() throws InterruptedException {
    common.refuseJson("send --json, trace --json and status --json have them.");
    common.refuseConfig(
        "the demo writes its own configuration into --directory; poststation run takes yours.");
    try {
      var demo = Demo.start(common.os(), common.out(), directory);
      if (once) {
        try (demo) {
          return demo.show() ? Exit.OK : Exit.NO;
        }
      }
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(demo), "stop"));
      demo.show();
      demo.invite();
      new CountDownLatch(1).await(); // Until a signal ends the process.
      return Exit.OK;
    } catch (IOException e) {
      throw new Failure(Exit.WRONG, "The demo cannot go on: " + e.getMessage());
    }
  }

  private void stop(Demo demo) {
    demo.close();
    common.out().println();
    common.out().println("Ended. Its files are in " + directory + ".");
  }
}
