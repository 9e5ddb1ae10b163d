package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Os;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// However broken the file is: a list of problems, never an exception.
final class LoaderFuzzTest {
  private static final String SIGNS = "{}[]\"=:,+#$?\\\n .-*@<>/0a";

  private final Bench bench = new Bench();

  @Test
  void brokenFilesGetProblemsAndNoException() {
    String whole = Manual.sample(Os.real()).replaceAll("(?m)^(\\s*)#(?=\\S)", "$1");
    String[] lines =
        whole.lines().filter(line -> !line.strip().startsWith("#")).toArray(String[]::new);
    var random = new Random(1);
    for (int round = 0; round < 300; round++) {
      var text = new StringBuilder(Bench.BASE);
      int from = random.nextInt(lines.length);
      for (int i = from; i < Math.min(lines.length, from + 40); i++) {
        text.append(lines[i]).append('\n');
      }
      for (int i = random.nextInt(4); i >= 0; i--) {
        int at = random.nextInt(text.length());
        char sign = SIGNS.charAt(random.nextInt(SIGNS.length()));
        switch (random.nextInt(3)) {
          case 0 -> text.setCharAt(at, sign);
          case 1 -> text.insert(at, sign);
          default -> text.deleteCharAt(at);
        }
      }
      Loaded loaded = bench.load(text.toString());
      if (loaded instanceof Loaded.Bad bad) {
        assertThat(bad.problems()).as(text.toString()).anyMatch(Problem::isError);
      }
    }
  }
}
