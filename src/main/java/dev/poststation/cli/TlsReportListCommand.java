package dev.poststation.cli;

import dev.poststation.os.Os;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `tls-report list`.
@Command(
    name = "list",
    description = {
      "List the domains about whose mail exchangers something is counted for a report about TLS"
          + " (tls-reports), and when it is sent.",
      "Whether a domain wants one is looked up only then: tls-report preview says it now."
    })
final class TlsReportListCommand implements Callable<Integer> {
  @Mixin private final Common common;

  TlsReportListCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var answer = common.api().get("tls-reports", Map.of());
    if (common.json()) {
      common.print(answer);
      return Exit.OK;
    }
    if (answer.path("reports").isEmpty()) {
      common
          .out()
          .println(
              answer.path("enabled").asBoolean()
                  ? "No session with a mail exchanger is counted yet."
                  : "Nothing is counted: there is no tls-reports in the configuration.");
      return Exit.OK;
    }
    var now = common.os().time().now();
    var table = new Table("DOMAIN", "DAY", "SESSIONS", "FAILED", "REPORT", "LAST ERROR");
    for (var each : answer.path("reports")) {
      long failed = each.path("failed").asLong();
      var due = Instant.parse(each.path("due").asText());
      table.row(
          each.path("domain").asText(),
          each.path("day").asText(),
          Long.toString(each.path("successful").asLong() + failed),
          Long.toString(failed),
          due.isAfter(now) ? "in " + Words.span(now, due) : "now",
          each.path("problem").asText());
    }
    table.print(common.out());
    long omitted = answer.path("omitted").asLong();
    if (omitted > 0) {
      common.out().println("And " + omitted + " more.");
    }
    long uncounted = answer.path("uncounted").asLong();
    if (uncounted > 0) {
      common
          .out()
          .println(
              uncounted
                  + " sessions of today are not counted: there were too many domains, or policies"
                  + " of one.");
    }
    return Exit.OK;
  }
}
