package dev.poststation.tidy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Keeps docs/reference/limits.md complete and true: each key that bounds something is there with
/// its default, and each constant and test that it names is one.
class LimitsPageTest {
  private static final Path PAGE = Path.of("docs/reference/limits.md");
  private static final Path REFERENCE = Path.of("docs/reference/configuration.md");
  private static final Pattern KEY =
      Pattern.compile("\\*\\*`([a-z.-]+)(?: \\{ … \\})?`\\*\\*(?: — .*?; default: (.*?)\\. {2})?");

  /// Besides all of `limits`.
  private static final List<String> BOUNDS =
      List.of(
          "connectors.max-connections",
          "connectors.mails-per-connection",
          "connectors.recipients-per-mail",
          "connectors.idle",
          "connectors.timeouts",
          "dns.timeout",
          "mta-sts.timeout",
          "bounces.return-size-max",
          "bounces.per-hour",
          "log.size-max",
          "trace.keep",
          "trace.size-max",
          "queue.lifetime",
          "queue.bounce-lifetime",
          "queue.ready-per-destination",
          "spool.reserve",
          "spool.size-max",
          "spool.memory");

  /// A row of one of the tables.
  private record Row(String what, String key, String limit, String then, String test) {}

  private static List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(PAGE)) {
      if (line.startsWith("|") && !line.startsWith("|---") && !line.startsWith("| what grows")) {
        String[] cells = line.substring(1).split("\\|", -1);
        assertThat(cells).as(line).hasSize(6);
        rows.add(
            new Row(
                cells[0].strip(),
                cells[1].strip(),
                cells[2].strip(),
                cells[3].strip(),
                cells[4].strip()));
      }
    }
    assertThat(rows).hasSizeGreaterThan(50);
    return rows;
  }

  private static List<String> quoted(String cell) {
    return Pattern.compile("`([^`]+)`").matcher(cell).results().map(hit -> hit.group(1)).toList();
  }

  /// Each key of the reference, with its default.
  private static Map<String, String> defaults() throws IOException {
    var defaults = new TreeMap<String, String>();
    String section = "";
    for (String line : Files.readAllLines(REFERENCE)) {
      if (line.startsWith("## `")) {
        section = line.substring(4).split("[ `]", 2)[0];
      }
      var key = KEY.matcher(line);
      if (key.lookingAt()) {
        String value = key.group(2);
        defaults.put(section + "." + key.group(1), value == null ? "" : value.strip());
      }
    }
    return defaults;
  }

  @Test
  void everyKeyThatBoundsSomethingIsThereWithItsDefault() throws IOException {
    var wanted = new TreeSet<>(BOUNDS);
    var defaults = defaults();
    defaults.keySet().stream().filter(key -> key.startsWith("limits.")).forEach(wanted::add);
    assertThat(wanted).hasSizeGreaterThan(40);
    var found = new TreeSet<String>();
    for (Row row : rows()) {
      for (String key : quoted(row.key())) {
        if (Character.isLowerCase(key.charAt(0))) {
          found.add(key);
          assertThat(defaults).as("keys of the reference").containsKey(key);
          if (!key.equals("connectors.timeouts")) {
            assertThat(row.limit()).as(key).isEqualTo(plain(defaults.get(key)));
          }
        }
      }
      assertThat(row.then()).as(row.what()).isNotEmpty();
    }
    assertThat(found).isEqualTo(wanted);
  }

  /// A value stands in backquotes on both pages, a sentence does not.
  private static String plain(String value) {
    return value.matches("[0-9]+") ? "`" + value + "`" : value;
  }

  @Test
  void everyConstantIsOne() throws IOException {
    for (Row row : rows()) {
      for (String name : quoted(row.key())) {
        if (Character.isUpperCase(name.charAt(0))) {
          String[] parts = name.split("\\.", -1);
          assertThat(sources("src/main/java", parts[0]))
              .as(name)
              .anyMatch(source -> source.find("static final \\w+ " + parts[1] + " ="));
        }
      }
    }
  }

  @Test
  void everyTestIsOne() throws IOException {
    var named = new TreeSet<String>();
    for (Row row : rows()) {
      assertThat(row.test()).as(row.what()).isNotEmpty();
      named.addAll(quoted(row.test()));
    }
    var elsewhere = Pattern.compile("`(\\w+Test\\.\\w+|[a-z-]+\\.smtp)`");
    elsewhere
        .matcher(Files.readString(PAGE))
        .results()
        .map(hit -> hit.group(1))
        .forEach(named::add);
    for (String test : named) {
      if (test.endsWith(".smtp")) {
        assertThat(Path.of("src/test/resources/dialogues", test)).exists();
      } else {
        String[] parts = test.split("\\.", -1);
        assertThat(sources("src/test/java", parts[0]))
            .as(test)
            .filteredOn(text -> text.find("(void|Stream<DynamicTest>) " + parts[1] + "\\("))
            .hasSize(1);
      }
    }
  }

  /// A source of the program or of its tests.
  private record Text(String all) {
    boolean find(String pattern) {
      return Pattern.compile(pattern).matcher(all).find();
    }
  }

  /// Of the classes that have this name.
  private static List<Text> sources(String tree, String type) throws IOException {
    List<Text> sources = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Path.of(tree))) {
      for (Path file : files.filter(each -> each.endsWith(type + ".java")).toList()) {
        sources.add(new Text(Files.readString(file)));
      }
    }
    return sources;
  }
}
