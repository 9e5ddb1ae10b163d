package dev.poststation.cli;

import java.util.ArrayList;
import java.util.List;

/// Tables as text, columns divided by commas (RFC 4180). Pure functions.
final class Csv {
  private Csv() {}

  /// A row.
  ///
  /// @param line where it begins, from 1
  record Row(int line, List<String> cells) {
    Row {
      cells = List.copyOf(cells);
    }

    private boolean empty() {
      return cells.size() == 1 && cells.getFirst().isBlank();
    }
  }

  /// What cannot be read. The message is the first flaw.
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient List<String> flaws;

    private MalformedException(List<String> flaws) {
      super(flaws.getFirst());
      this.flaws = List.copyOf(flaws);
    }

    MalformedException(int line, String what) {
      this(List.of("line " + line + ": " + what));
    }

    /// Of several lines, at least one.
    static MalformedException of(List<MalformedException> all) {
      return new MalformedException(all.stream().flatMap(each -> each.flaws.stream()).toList());
    }

    /// Each with its line.
    List<String> flaws() {
      return flaws;
    }
  }

  /// Reads all rows; empty lines are none. A quoted cell may have commas, line ends and doubled
  /// quotes in it; lines end with CRLF or LF.
  static List<Row> rows(String text, char comma) throws MalformedException {
    return new Reader(text, comma).all();
  }

  /// One row, with its line end.
  static String row(List<String> cells) {
    return String.join(",", cells.stream().map(Csv::cell).toList()) + "\r\n";
  }

  private static String cell(String text) {
    boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  private static final class Reader {
    private final String text;
    private final char comma;
    private int at;
    private int line = 1;

    Reader(String text, char comma) {
      this.text = text.startsWith("\uFEFF") ? text.substring(1) : text;
      this.comma = comma;
    }

    List<Row> all() throws MalformedException {
      List<Row> rows = new ArrayList<>();
      while (at < text.length()) {
        var row = row();
        if (!row.empty()) {
          rows.add(row);
        }
      }
      return rows;
    }

    private Row row() throws MalformedException {
      int begun = line;
      List<String> cells = new ArrayList<>();
      while (true) {
        cells.add(at < text.length() && text.charAt(at) == '"' ? quoted() : plain());
        if (at == text.length() || text.charAt(at) != comma) {
          break;
        }
        at++;
      }
      endOfLine();
      return new Row(begun, cells);
    }

    private String plain() throws MalformedException {
      int from = at;
      while (at < text.length() && text.charAt(at) != comma && !atEndOfLine()) {
        if (text.charAt(at) == '"') {
          throw new MalformedException(line, "a quote within a cell that does not begin with one");
        }
        at++;
      }
      return text.substring(from, at).strip();
    }

    private String quoted() throws MalformedException {
      int begun = line;
      var cell = new StringBuilder();
      at++;
      while (true) {
        if (at == text.length()) {
          throw new MalformedException(begun, "a quoted cell begins here and never ends");
        }
        char c = text.charAt(at++);
        if (c == '"') {
          if (at == text.length() || text.charAt(at) != '"') {
            break;
          }
          at++;
        }
        line += c == '\n' ? 1 : 0;
        cell.append(c);
      }
      if (at < text.length() && text.charAt(at) != comma && !atEndOfLine()) {
        throw new MalformedException(line, "text behind a quoted cell");
      }
      return cell.toString();
    }

    private boolean atEndOfLine() {
      return text.charAt(at) == '\n' || text.startsWith("\r\n", at);
    }

    private void endOfLine() {
      if (at < text.length()) {
        at += text.charAt(at) == '\r' ? 2 : 1;
        line++;
      }
    }
  }
}
