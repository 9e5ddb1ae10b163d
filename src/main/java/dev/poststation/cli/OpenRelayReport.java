package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.os.IpText;
import java.io.PrintWriter;

/// What [OpenRelayCheck] found, for people. Pure functions.
final class OpenRelayReport {
  private OpenRelayReport() {}

  /// @param all whether what was refused, as it should be, is shown one by one and not only counted
  static void show(ObjectNode report, PrintWriter out, boolean all) {
    report.path("listeners").forEach(listener -> listener(listener, out, all));
    addresses(report, out, all);
    out.println(verdict(report));
  }

  private static void listener(JsonNode listener, PrintWriter out, boolean all) {
    String text = listener.path("address").asText();
    String where =
        listener.path("name").asText()
            + " ("
            + IpText.at(text, listener.path("port").asInt())
            + ")";
    String from = listener.path("from").asText();
    if (listener.has("client")) {
      var client = listener.path("client");
      out.println(
          where
              + ": from "
              + from
              + ": this address may relay by clients "
              + client.path("name").asText()
              + " ("
              + client.path("origin").asText()
              + "), so the test from here proves nothing");
    } else if (from.isEmpty()) {
      out.println(where + ": there is no address here from which a stranger could come");
    } else {
      out.println(where + ": from " + from + ", which no entry of clients names");
      var table = new Table("TRICK", "OUTCOME", "REPLY");
      int refused = 0;
      for (var attempt : listener.path("attempts")) {
        boolean good = attempt.path("outcome").asText().equals("refused");
        refused += good ? 1 : 0;
        if (good && !all) {
          continue;
        }
        table.row(
            attempt.path("trick").asText(),
            outcome(attempt.path("outcome").asText()),
            attempt.path("reply").asText());
      }
      sum(table, refused, listener.path("attempts").size(), out);
    }
    out.println();
  }

  /// The lines, if there are any, and how many were refused.
  private static void sum(Table table, int refused, int tried, PrintWriter out) {
    if (!table.isEmpty()) {
      table.print(out);
    }
    out.println(refused + " of " + Words.count(tried, "attempt") + " refused");
  }

  private static String outcome(String word) {
    return switch (word) {
      case "accepted" -> "ACCEPTED";
      case "not_tried" -> "not tried";
      default -> word;
    };
  }

  private static void addresses(ObjectNode report, PrintWriter out, boolean all) {
    out.println("from the Internet, as explain decides");
    var table = new Table("ADDRESS", "LISTENER", "SENDER", "OUTCOME", "BECAUSE");
    int refused = 0;
    for (var each : report.path("addresses")) {
      boolean good = !each.path("accepted").asBoolean();
      refused += good ? 1 : 0;
      if (good && !all) {
        continue;
      }
      table.row(
          each.path("address").asText(),
          each.path("listener").asText(),
          each.path("sender").asText(),
          each.path("accepted").asBoolean() ? "ACCEPTED" : "refused",
          coming(each) + each.path("because").asText());
    }
    sum(table, refused, report.path("addresses").size(), out);
    out.println();
  }

  /// What else than now and in clear.
  private static String coming(JsonNode each) {
    String at = each.path("at").asText();
    String when = at.isEmpty() ? "" : "at " + at.replace('T', ' ');
    String how = each.path("tls").asBoolean() ? "over TLS" : "";
    return when.isEmpty() && how.isEmpty()
        ? ""
        : (when + (when.isEmpty() || how.isEmpty() ? "" : " ") + how) + ": ";
  }

  private static String verdict(ObjectNode report) {
    int tried = report.path("tried").asInt();
    int accepted = report.path("accepted").asInt();
    String untried = Words.list(report.path("untried"));
    String verdict =
        accepted > 0
            ? "OPEN RELAY: " + accepted + " of " + tried + " attempts were accepted."
            : "No open relay: none of " + tried + " attempts was accepted.";
    return verdict
        + (untried.isEmpty()
            ? ""
            : " Nothing could be tried over SMTP at: "
                + Words.shown(untried)
                + "; try it from elsewhere.");
  }
}
