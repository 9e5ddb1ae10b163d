package dev.poststation.cli;

import dev.poststation.config.ClientEntry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Entries of `clients` as a CSV table with the columns name, network, comment, owner, expires: one
/// row a network. Pure functions.
final class ClientTable {
  static final List<String> COLUMNS = List.of("name", "network", "comment", "owner", "expires");
  private static final Set<String> NEEDED = Set.of("name", "network");

  private ClientTable() {}

  /// Reads a table. Rows of one name make one entry.
  ///
  /// @return in the order of the first row of each
  /// @throws Csv.MalformedException with the line and what is wrong there
  static List<ClientEntry> read(String text) throws Csv.MalformedException {
    int end = text.indexOf('\n');
    String head = end < 0 ? text : text.substring(0, end);
    char comma = head.indexOf(',') < 0 && head.indexOf(';') >= 0 ? ';' : ',';
    var rows = Csv.rows(text, comma);
    if (rows.isEmpty()) {
      throw new Csv.MalformedException(1, "the file is empty: it begins with a line of columns");
    }
    var columns = columns(rows.getFirst());
    Map<String, ClientEntry> entries = new LinkedHashMap<>();
    List<Csv.MalformedException> wrong = new ArrayList<>();
    for (var row : rows.subList(1, rows.size())) {
      try {
        var entry = entry(row, columns);
        var before = entries.get(entry.name());
        entries.put(entry.name(), before == null ? entry : joined(before, entry, row.line()));
      } catch (Csv.MalformedException e) {
        wrong.add(e);
      }
    }
    if (!wrong.isEmpty()) {
      throw Csv.MalformedException.of(wrong);
    }
    return List.copyOf(entries.values());
  }

  private static List<String> columns(Csv.Row head) throws Csv.MalformedException {
    List<String> columns =
        head.cells().stream().map(cell -> cell.strip().toLowerCase(Locale.ROOT)).toList();
    for (String column : columns) {
      if (!COLUMNS.contains(column)) {
        throw new Csv.MalformedException(
            head.line(),
            "there is no column \"" + column + "\": known are " + String.join(", ", COLUMNS));
      }
    }
    if (columns.stream().distinct().count() < columns.size()) {
      throw new Csv.MalformedException(head.line(), "a column is there twice");
    }
    if (!columns.containsAll(NEEDED)) {
      throw new Csv.MalformedException(
          head.line(),
          "the columns name and network must be there, of " + String.join(", ", COLUMNS));
    }
    return columns;
  }

  private static ClientEntry entry(Csv.Row row, List<String> columns)
      throws Csv.MalformedException {
    if (row.cells().size() != columns.size()) {
      throw new Csv.MalformedException(
          row.line(),
          Words.count(row.cells().size(), "column")
              + ", where the first line has "
              + columns.size());
    }
    String name = cell(row, columns, "name");
    String network = cell(row, columns, "network");
    String expires = cell(row, columns, "expires");
    List<Optional<String>> flaws = new ArrayList<>();
    flaws.add(ClientEntry.nameFlaw(name));
    flaws.add(ClientEntry.networkFlaw(network));
    flaws.add(expires.isEmpty() ? Optional.empty() : ClientEntry.expiresFlaw(expires));
    for (var flaw : flaws) {
      if (flaw.isPresent()) {
        throw new Csv.MalformedException(row.line(), flaw.get());
      }
    }
    return new ClientEntry(
        name,
        List.of(network),
        cell(row, columns, "comment"),
        cell(row, columns, "owner"),
        expires);
  }

  private static String cell(Csv.Row row, List<String> columns, String name) {
    int at = columns.indexOf(name);
    return at < 0 ? "" : row.cells().get(at).strip();
  }

  private static ClientEntry joined(ClientEntry before, ClientEntry more, int line)
      throws Csv.MalformedException {
    List<String> networks = new ArrayList<>(before.networks());
    if (networks.contains(more.networks().getFirst())) {
      throw new Csv.MalformedException(
          line, more.name() + " has the network " + more.networks().getFirst() + " already");
    }
    networks.addAll(more.networks());
    return new ClientEntry(
        before.name(),
        networks,
        same(before.comment(), more.comment(), "comments", line),
        same(before.owner(), more.owner(), "owners", line),
        same(before.expires(), more.expires(), "last days", line));
  }

  private static String same(String before, String more, String what, int line)
      throws Csv.MalformedException {
    if (!before.isEmpty() && !more.isEmpty() && !before.equals(more)) {
      throw new Csv.MalformedException(
          line,
          "the rows of one name make one entry, and these have two "
              + what
              + ": \""
              + before
              + "\" and \""
              + more
              + "\"");
    }
    return before.isEmpty() ? more : before;
  }

  /// Writes a table.
  static String written(List<ClientEntry> entries) {
    var text = new StringBuilder(Csv.row(COLUMNS));
    for (var entry : entries) {
      for (String network : entry.networks()) {
        text.append(
            Csv.row(
                List.of(entry.name(), network, entry.comment(), entry.owner(), entry.expires())));
      }
    }
    return text.toString();
  }
}
