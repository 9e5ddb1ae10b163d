package dev.poststation.cli;

import dev.poststation.os.Os;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `user blocks`.
@Command(
    name = "blocks",
    description = "List who cannot log in at the running relay for a while, after failed logins.")
final class UserBlocksCommand implements Callable<Integer> {
  @Mixin private final Common common;

  UserBlocksCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var answer = common.api().get("users/blocks", Map.of());
    if (common.json()) {
      common.print(answer);
      return Exit.OK;
    }
    if (answer.path("blocks").isEmpty()) {
      common.out().println("Nobody is blocked.");
      return Exit.OK;
    }
    var now = common.os().time().now();
    var table = new Table("ADDRESS", "USER", "UNTIL", "WHY");
    for (var block : answer.path("blocks")) {
      table.row(
          block.path("address").asText("(any)"),
          Words.shown(block.path("user").asText("(any)")),
          "in " + Words.span(now, Instant.parse(block.path("until").asText())),
          Words.count(block.path("failures").asLong(), "failed login")
              + (block.path("down").asBoolean() ? " while the directory is down" : ""));
    }
    table.print(common.out());
    return Exit.OK;
  }
}
