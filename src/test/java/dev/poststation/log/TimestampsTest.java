package dev.poststation.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TimestampsTest {
  private static String iso(Timestamps timestamps, String time) {
    var out = new StringBuilder();
    timestamps.append(out, Instant.parse(time));
    return out.toString();
  }

  @Test
  void aNewSecondIsNeverSpelledAsTheOldOne() {
    var timestamps = Timestamps.iso();
    for (var time :
        new String[] {
          "2026-11-04T04:10:21.999Z",
          "2026-11-04T04:10:22.000Z",
          "2026-11-04T04:10:21.005Z",
          "2026-12-31T23:59:59.070Z"
        }) {
      assertThat(iso(timestamps, time)).isEqualTo(time);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2026-11-04T04:10:21Z, Nov  4 05:10:21",
    "2026-09-30T22:10:21Z, Oct  1 00:10:21",
    "2026-09-10T10:10:21Z, Sep 10 12:10:21",
    "2026-05-10T10:10:21Z, May 10 12:10:21"
  })
  void syslogTimesAreLocalWithTheDayInTwoColumns(String time, String expected) {
    assertThat(iso(Timestamps.syslog(ZoneId.of("Europe/Berlin")), time)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 0.001",
    "10, 0.01",
    "100, 0.1",
    "120, 0.12",
    "999, 0.999",
    "1000, 1",
    "3100, 3.1",
    "86400250, 86400.25",
    "-5, 0"
  })
  void durationsHaveUpToThreeDecimals(long millis, String expected) {
    var out = new StringBuilder();
    Timestamps.seconds(out, Duration.ofMillis(millis));
    assertThat(out).hasToString(expected);
  }
}
