package dev.poststation.cli;

import dev.poststation.os.Os;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `version`.
@Command(name = "version", description = "Say which version this is, and of what Java.")
final class VersionCommand implements Callable<Integer> {
  @Mixin private final Common common;

  VersionCommand(Os os) {
    common = new Common(os);
  }

  /// Of the jar; classes that lie about belong to a build.
  static String version() {
    return Objects.requireNonNullElse(
        VersionCommand.class.getPackage().getImplementationVersion(), "(unpackaged)");
  }

  @Override
  public Integer call() {
    var java = Runtime.version().toString();
    if (common.json()) {
      common.print(Map.of("version", version(), "java", java));
    } else {
      common.out().println("Poststation " + version() + " on Java " + java);
    }
    return Exit.OK;
  }
}
