package dev.poststation.cli;

import dev.poststation.os.Os;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `mta-sts list`.
@Command(
    name = "list",
    description = "List the MTA-STS policies of domains that the relay keeps, and until when.")
final class StsListCommand implements Callable<Integer> {
  @Mixin private final Common common;

  StsListCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var answer = common.api().get("mta-sts", Map.of());
    if (common.json()) {
      common.print(answer);
      return Exit.OK;
    }
    if (answer.path("policies").isEmpty()) {
      common.out().println("No MTA-STS policy is kept.");
      return Exit.OK;
    }
    var now = common.os().time().now();
    var table = new Table("DOMAIN", "MODE", "FETCHED", "UNTIL", "ID", "MX", "LAST ERROR");
    for (var each : answer.path("policies")) {
      List<String> mx = new ArrayList<>();
      each.path("mx").forEach(name -> mx.add(name.asText()));
      var fetched = Instant.parse(each.path("fetched").asText());
      var until = Instant.parse(each.path("until").asText());
      table.row(
          each.path("domain").asText(),
          each.path("mode").asText(),
          Words.span(fetched, now) + " ago",
          until.isAfter(now) ? "in " + Words.span(now, until) : "over",
          each.path("id").asText(),
          String.join(" ", mx),
          each.path("problem").asText());
    }
    table.print(common.out());
    return Exit.OK;
  }
}
