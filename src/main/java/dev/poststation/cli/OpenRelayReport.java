package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;

/// What [OpenRelayCheck] found, for people. Pure functions.
final class OpenRelayReport {
  private OpenRelayReport() {}

  static void show(ObjectNode report, PrintWriter out) {
    report.path("listeners").forEach(listener -> listener(listener, out));
    addresses(report, out);
    out.println(verdict(report));
  }

  private static void listener(JsonNode listener, PrintWriter out) {
    String text = listener.path("address").asText();
    String where =
        listener.path("name").asText()
            + " ("
            + (text.indexOf(':') < 0 ? text : "[" + text + "]")
            + ":"
            + listener.path("port").asInt()
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
      for (var attempt : listener.path("attempts")) {
        table.row(
            attempt.path("trick").asText(),
            outcome(attempt.path("outcome").asText()),
            attempt.path("reply").asText());
      }
      table.print(out);
    }
    out.println();
  }

  private static String outcome(String word) {
    return switch (word) {
      case "accepted" -> "ACCEPTED";
      case "not_tried" -> "not tried";
      default -> word;
    };
  }

  private static void addresses(ObjectNode report, PrintWriter out) {
    out.println("from the Internet, as explain decides");
    var table = new Table("ADDRESS", "LISTENER", "SENDER", "OUTCOME", "BECAUSE");
    for (var each : report.path("addresses")) {
      table.row(
          each.path("address").asText(),
          each.path("listener").asText(),
          each.path("sender").asText(),
          each.path("accepted").asBoolean() ? "ACCEPTED" : "refused",
          each.path("because").asText());
    }
    table.print(out);
    out.println();
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
