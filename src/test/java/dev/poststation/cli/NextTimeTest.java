package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NextTimeTest {
  /// A Thursday.
  private static final Instant NOW =
      LocalDateTime.parse("2026-12-24T12:30").atZone(ZoneId.systemDefault()).toInstant();

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "23:30, 2026-12-24T23:30",
    "12:31, 2026-12-24T12:31",
    "12:30, 2026-12-25T12:30",
    "00:00, 2026-12-25T00:00",
    "sat 10:00, 2026-12-26T10:00",
    "Wed  10:00, 2026-12-30T10:00",
    "thu 12:31, 2026-12-24T12:31",
    "thu 12:30, 2026-12-31T12:30"
  })
  void theNextOneIsMeant(String text, String date) {
    assertThat(NextTime.written(text, NOW)).isEqualTo(date);
  }

  @ParameterizedTest
  @CsvSource({"24:00", "sa 10:00", "2026-12-24 23:30", "9:00", "''"})
  void anotherTextStays(String text) {
    assertThat(NextTime.written(text, NOW)).isEqualTo(text);
  }
}
