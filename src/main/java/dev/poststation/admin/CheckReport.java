package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.spool.Upkeep.Finding;
import dev.poststation.spool.Upkeep.Findings;
import java.util.List;

/// What a check of the spool found, as JSON: the same from the relay and from the command that
/// works without one. Pure functions.
public final class CheckReport {
  private CheckReport() {}

  /// The whole report.
  public static ObjectNode of(Findings findings) {
    var report = Json.object();
    report.put("clean", findings.foundInAll() == 0);
    report.put("mails", findings.mails());
    report.put("recipients", findings.recipients());
    report.put("chunks", findings.chunks());
    report.put("octets", findings.octets());
    report.put("traces", findings.traces());
    report.put(
        "counters",
        switch (findings.counters()) {
          case RIGHT -> "right";
          case CORRECTED -> "corrected";
          case NOT_COMPARED -> "not compared";
        });
    add(report.putArray("found"), findings.found());
    report.put("foundInAll", findings.foundInAll());
    add(report.putArray("setAsideBefore"), findings.asideBefore());
    report.put("setAsideBeforeInAll", findings.asideBeforeInAll());
    return report;
  }

  private static void add(ArrayNode list, List<Finding> findings) {
    for (var finding : findings) {
      list.addObject()
          .put("id", finding.id().map(Object::toString).orElse(null))
          .put("what", finding.what())
          .put("done", finding.done());
    }
  }
}
