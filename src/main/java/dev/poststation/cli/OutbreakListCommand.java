package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.admin.OutbreakReport;
import dev.poststation.os.Os;
import dev.poststation.policy.Outbreaks;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `outbreak list`.
@Command(
    name = "list",
    description =
        "List the outbreaks that go on. Without a relay that runs, those that were going on when it"
            + " ended.")
final class OutbreakListCommand implements Callable<Integer> {
  @Mixin private final Common common;

  OutbreakListCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var answer = answer();
    if (common.json()) {
      common.print(answer);
    } else if (answer.path("outbreaks").isEmpty()) {
      common.out().println("There is no outbreak.");
    } else {
      table(answer).print(common.out());
    }
    return Exit.OK;
  }

  private ObjectNode answer() {
    var loaded = common.load();
    try {
      return common.api(loaded).get("outbreaks", Map.of());
    } catch (Failure e) {
      if (e.exit() != Exit.UNREACHABLE) {
        throw e;
      }
    }
    var now = common.os().time().now();
    return OutbreakReport.of(
        Outbreaks.read(common.os().disk(), Common.whereabouts(loaded).data()).stream()
            .filter(outbreak -> outbreak.until() == null || now.isBefore(outbreak.until()))
            .toList());
  }

  private static Table table(ObjectNode answer) {
    var table = new Table("OF", "NAME", "CLIENT", "ACTION", "SINCE", "UNTIL", "REASON");
    for (var each : answer.path("outbreaks")) {
      table.row(
          each.path("kind").asText(),
          each.path("name").asText(),
          each.path("client").asText(),
          each.path("action").asText(),
          Words.time(each.path("since")),
          each.path("until").isNull() ? "you lift it" : Words.time(each.path("until")),
          each.path("reason").asText());
    }
    return table;
  }
}
