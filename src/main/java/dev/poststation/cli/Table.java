package dev.poststation.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Text in columns, as wide as what stands in them. Confined to one thread.
final class Table {
  private final List<List<String>> rows = new ArrayList<>();
  private final int columns;

  Table(String... heads) {
    columns = heads.length;
    rows.add(List.of(heads));
  }

  /// Adds a row; what does not show, or might steer the terminal, is replaced.
  void row(String... cells) {
    rows.add(Arrays.stream(cells).map(Words::shown).toList());
  }

  /// Whether it has no rows but the heads.
  boolean isEmpty() {
    return rows.size() == 1;
  }

  void print(PrintWriter out) {
    int[] widths = new int[columns];
    for (var row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (var row : rows) {
      var line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        line.append(row.get(i));
        if (i < row.size() - 1) {
          line.repeat(" ", widths[i] - row.get(i).length() + 2);
        }
      }
      out.println(line.toString().stripTrailing());
    }
  }
}
