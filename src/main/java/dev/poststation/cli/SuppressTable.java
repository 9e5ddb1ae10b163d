package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The suppression list as a table: `address,client,since,until,category,reason`, or an address on
/// each line. Pure functions.
final class SuppressTable {
  private static final List<String> COLUMNS =
      List.of("address", "client", "since", "until", "category", "reason");

  private SuppressTable() {}

  /// An entry of a table.
  ///
  /// @param number where it begins, from 1
  record Line(int number, ObjectNode entry) {}

  static void write(ObjectNode answer, PrintWriter out) {
    out.print(Csv.row(COLUMNS));
    for (var each : answer.path("suppressed")) {
      out.print(
          Csv.row(
              List.of(
                  each.path("address").asText(),
                  each.path("client").asText(),
                  each.path("since").asText(),
                  each.path("until").isNull() ? "" : each.path("until").asText(),
                  each.path("category").asText(),
                  each.path("text").asText())));
    }
    out.flush();
  }

  /// The entries, as the API takes them. What the relay found out itself comes in as if by hand.
  static List<Line> read(String text) throws Csv.MalformedException {
    var rows = Csv.rows(text, ',');
    if (rows.isEmpty()) {
      return List.of();
    }
    var first = rows.getFirst().cells().stream().map(it -> it.toLowerCase(Locale.ROOT)).toList();
    boolean headed = first.contains("address");
    var columns = headed ? first : List.of("address");
    List<Line> entries = new ArrayList<>();
    for (var row : headed ? rows.subList(1, rows.size()) : rows) {
      if (row.cells().size() > columns.size()) {
        throw new Csv.MalformedException(
            row.line(),
            "more cells than columns; the first line names these: " + String.join(",", COLUMNS));
      }
      var entry = JsonNodeFactory.instance.objectNode();
      for (int i = 0; i < row.cells().size(); i++) {
        String cell = row.cells().get(i);
        switch (columns.get(i)) {
          case "address", "client", "since", "until" -> entry.put(columns.get(i), cell);
          case "reason" -> entry.put("text", cell);
          default -> {} // Of others' tables, too.
        }
      }
      if (!entry.path("address").asText().contains("@")) {
        throw new Csv.MalformedException(
            row.line(), "\"" + entry.path("address").asText() + "\" is no address");
      }
      entries.add(new Line(row.line(), entry));
    }
    return entries;
  }
}
