package dev.poststation.seal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class EndingTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static Ending in(int days) {
    return new Ending("the key " + days, Path.of("k" + days), NOW.plus(Duration.ofDays(days)));
  }

  @Test
  void whatEndsBeforeLongOrHasEndedIsToldWithItsRemedy() {
    var all = List.of(in(40), in(3), in(-1));
    assertThat(Ending.concerns(all, "smime", NOW, Duration.ofDays(30), "import the next one"))
        .containsExactly(
            "smime: the key 3 ends in 3 days (2026-01-04T00:00:00Z): import the next one",
            "smime: the key -1 ended (2025-12-31T00:00:00Z): import the next one");
  }

  @Test
  void thoseThatEndFirstAreMeasured() {
    var all = IntStream.range(0, 120).mapToObj(i -> in(120 - i)).toList();
    assertThat(Ending.expiries(all))
        .hasSize(100)
        .containsEntry("k1", NOW.plus(Duration.ofDays(1)).getEpochSecond())
        .doesNotContainKey("k101");
  }
}
