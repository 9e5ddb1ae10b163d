package dev.poststation.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.sim.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class MailLogGoldenTest {
  private static String lines(Form form) {
    var out = new StringBuilder();
    for (var event : Samples.all()) {
      form.write(out, event, Samples.TIME);
    }
    form.dropped(out, 42, Samples.TIME);
    return out.toString();
  }

  @Test
  void logfmtIsAsDocumented() throws IOException {
    Golden.check("mail-log.logfmt.txt", lines(new KeyedForm(false)));
  }

  @Test
  void jsonIsAsDocumented() throws IOException {
    Golden.check("mail-log.json.txt", lines(new KeyedForm(true)));
  }

  @Test
  void postfixFormIsAsDocumented() throws IOException {
    Golden.check(
        "mail-log.postfix.txt", lines(new PostfixForm("relay.example.com", ZoneOffset.UTC, 4711)));
  }

  @Test
  void jsonLinesAreReadByJackson() throws IOException {
    var json = new ObjectMapper();
    for (var line : lines(new KeyedForm(true)).lines().toList()) {
      assertThat(json.readTree(line).path("event").asText()).isNotEmpty();
    }
  }

  @Test
  void logfmtAndJsonHaveTheSameKeysInTheSameOrder() throws IOException {
    var logfmt = lines(new KeyedForm(false)).lines().toList();
    var json = lines(new KeyedForm(true)).lines().toList();
    assertThat(logfmt).hasSameSizeAs(json);
    for (int i = 0; i < json.size(); i++) {
      var names = new ArrayList<String>();
      new ObjectMapper().readTree(json.get(i)).fieldNames().forEachRemaining(names::add);
      assertThat(Logfmt.parse(logfmt.get(i)).keySet()).containsExactlyElementsOf(names);
    }
  }

  @Test
  void everyEventAndKeyIsInTheReferenceInItsOrder() throws IOException {
    var documented = documented();
    var seen = new TreeMap<String, Set<String>>();
    for (var line : lines(new KeyedForm(false)).lines().toList()) {
      var fields = Logfmt.parse(line);
      var event = fields.get("event");
      assertThat(documented).containsKey(event);
      var inOrder = new ArrayList<>(documented.get(event));
      inOrder.retainAll(fields.keySet());
      assertThat(fields.keySet()).as(event).containsExactlyElementsOf(inOrder);
      seen.computeIfAbsent(event, _ -> new TreeSet<>()).addAll(fields.keySet());
    }
    assertThat(seen.keySet()).containsExactlyInAnyOrderElementsOf(documented.keySet());
    documented.forEach(
        (event, keys) ->
            assertThat(seen.get(event)).as(event).containsExactlyInAnyOrderElementsOf(keys));
  }

  /// The samples show what they show; this looks at what the code could write.
  @Test
  void everyKeyThatTheCodeCanWriteIsInTheReferenceAndNothingElse() throws IOException {
    var code = new TreeSet<String>();
    for (String source : List.of("Keys", "KeyedForm")) {
      var text = Files.readString(Path.of("src/main/java/dev/poststation/log/" + source + ".java"));
      Pattern.compile("\\b(?:out|fields)\\.[a-z]+\\(\"([a-z-]+)\"")
          .matcher(text)
          .results()
          .forEach(call -> code.add(call.group(1)));
    }
    var page = new TreeSet<String>();
    documented(true).values().forEach(page::addAll);
    assertThat(page).isEqualTo(code).hasSizeGreaterThan(40);
  }

  /// Those that stand in lines.
  private static Map<String, List<String>> documented() throws IOException {
    return documented(false);
  }

  /// The tables of docs/reference/mail-log.md: a heading names the event, first cells in backquotes
  /// name the keys.
  ///
  /// @param traces whether also those that only the trace has
  private static Map<String, List<String>> documented(boolean traces) throws IOException {
    var keys = new LinkedHashMap<String, List<String>>();
    var event = "";
    for (var line : Files.readAllLines(Path.of("docs/reference/mail-log.md"))) {
      if (line.startsWith("### `")) {
        event = line.substring(5, line.lastIndexOf('`'));
        keys.put(event, new ArrayList<>(List.of("time", "event")));
      } else if (line.startsWith("| `") && keys.containsKey(event)) {
        if (traces || !line.contains("(trace only)")) {
          keys.get(event).add(line.substring(3, line.indexOf('`', 3)));
        }
      } else if (line.startsWith("## ")) {
        event = "";
      }
    }
    return keys;
  }
}
