package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.Poststation;
import dev.poststation.os.Time;
import dev.poststation.reporting.Reporter;
import dev.poststation.tlsrpt.ReportJson;
import dev.poststation.tlsrpt.TlsReport;
import java.time.LocalDate;
import java.time.ZoneOffset;

/// The part of the API that is about reports about TLS that this relay sends. Safe for any thread.
record TlsReportRoutes(Poststation relay, Time time) {
  private static final int MOST = 10_000;

  /// All that is counted and not yet reported.
  ObjectNode list() {
    var answer = Json.object();
    answer.put("enabled", relay.configuration().tlsReports().isPresent());
    var today = LocalDate.ofInstant(time.now(), ZoneOffset.UTC);
    answer.put("uncounted", relay.reporter().tally().uncounted(today));
    var standings = relay.reporter().standings();
    answer.put("omitted", Math.max(0, standings.size() - MOST));
    var list = answer.putArray("reports");
    standings.stream().limit(MOST).forEach(each -> state(each, list.addObject()));
    return answer;
  }

  private static void state(Reporter.Standing standing, ObjectNode entry) {
    var policies = standing.report().policies();
    entry.put("domain", standing.key().domain());
    entry.put("day", standing.key().day().toString());
    entry.put("successful", policies.stream().mapToLong(TlsReport.Policy::successful).sum());
    entry.put("failed", policies.stream().mapToLong(TlsReport.Policy::failed).sum());
    entry.put("due", standing.due().toString());
    entry.put("problem", standing.problem());
  }

  /// The report to one domain, as it would be now.
  ObjectNode preview(String domain) {
    var standing =
        relay
            .reporter()
            .standing(domain)
            .orElseThrow(
                () ->
                    Refusal.notFound(
                        relay.configuration().tlsReports().isPresent()
                            ? "No session with a mail exchanger of "
                                + domain
                                + " is counted and not yet reported."
                            : "Nothing is counted: there is no tls-reports in the configuration."));
    var answer = Json.object();
    state(standing, answer);
    answer.put("to", relay.reporter().wanted(standing.key().domain()));
    answer.set("report", Json.parse(ReportJson.write(standing.report())));
    return answer;
  }
}
