package dev.poststation.cli;

import dev.poststation.os.Os;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `config`.
@Command(
    name = "config",
    description = {
      "Show the configuration in effect: every value, with the line it comes from or the word"
          + " default; secrets as ***."
    })
final class ConfigCommand implements Callable<Integer> {
  @Mixin private final Common common;

  ConfigCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var effective = common.loaded().effective();
    if (common.json()) {
      common.print(effective.json());
    } else {
      common.out().print(effective.text());
    }
    return Exit.OK;
  }
}
