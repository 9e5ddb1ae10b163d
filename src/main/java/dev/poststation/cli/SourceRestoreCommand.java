package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.poststation.os.Os;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `source restore`.
@Command(
    name = "restore",
    description = {
      "Use an address again that was left out for being listed, at all next hops.",
      "Where it is still listed it is refused again, and left out again. A blocklist that has it is"
          + " not heeded until it has it no more."
    })
final class SourceRestoreCommand implements Callable<Integer> {
  @Mixin private final Common common;

  @Parameters(
      paramLabel = "ADDRESS",
      description = "As it stands in source, or the public one; connector list shows them.")
  private String address = "";

  SourceRestoreCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var body = JsonNodeFactory.instance.objectNode().put("address", address);
    var answer = common.api().post("sources/restore", body);
    if (common.json()) {
      common.print(answer);
    } else {
      common.out().println("Used again: " + Words.shown(answer.path("address").asText()));
    }
    return Exit.OK;
  }
}
