package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A table of wrong files with exactly what is said of each: `golden/configuration-problems.txt`. A
/// case begins with `== ` and its name, has the text of the file, a line `--`, and the problems.
/// Where the name ends with `(alone)` nothing is put in front of the text; else the first line
/// includes what makes the file whole.
final class ProblemsTest {
  private static final String GOLDEN = "configuration-problems.txt";

  private record Case(String name, String text) {
    boolean alone() {
      return name.endsWith("(alone)");
    }
  }

  private static String table() throws IOException {
    return Files.readString(Path.of("src/test/resources/golden", GOLDEN));
  }

  private static List<Case> cases() throws IOException {
    List<Case> cases = new ArrayList<>();
    for (String part : table().split("(?m)^== ")) {
      if (!part.isBlank()) {
        int name = part.indexOf('\n');
        int end = part.indexOf("\n--\n");
        cases.add(new Case(part.substring(0, name), part.substring(name + 1, end)));
      }
    }
    return cases;
  }

  @Test
  void everyWrongFileGetsExactlyItsMessages() throws IOException {
    var actual = new StringBuilder();
    for (Case each : cases()) {
      var bench = new Bench();
      bench.disk.with("twice.conf", "include \"poststation.conf\"");
      bench.disk.with("broken.conf", "queue {\n  retry = [\"1m\"\n");
      bench.disk.with("limits.conf", "\n\nlimits { sesions = 10 }");
      List<String> problems = bench.problems((each.alone() ? "" : Bench.BASE) + each.text());
      actual.append("== ").append(each.name()).append('\n').append(each.text()).append("\n--\n");
      problems.forEach(problem -> actual.append(problem).append('\n'));
      actual.append('\n');
    }
    Golden.check(GOLDEN, actual.toString());
  }

  @Test
  void noCaseIsThereWithoutAProblem() throws IOException {
    assertThat(table()).doesNotContain("\n--\n\n");
  }

  @Test
  void noMessageShowsAStackTraceOrAClass() throws IOException {
    assertThat(table())
        .doesNotContain("Exception")
        .doesNotContain("com.typesafe")
        .doesNotContain("@0");
  }
}
