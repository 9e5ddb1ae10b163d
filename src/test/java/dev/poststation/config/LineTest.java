package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LineTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  private static List<Hours> hours(String... texts) {
    return Arrays.stream(texts)
        .map(text -> Hours.read(text) instanceof Parsed.Good<Hours>(Hours hours) ? hours : null)
        .toList();
  }

  /// The thirtieth of November 2026 is a Monday; summer time begins on 2027-03-28, at 02:00, and
  /// ends on 2026-10-25, at 03:00.
  @ParameterizedTest
  @CsvSource({
    "20:00-06:00, 2026-11-30T09:15, 2026-11-30T20:00",
    "20:00-06:00, 2026-11-30T20:00, 2026-11-30T20:00",
    "20:00-06:00, 2026-12-01T05:59, 2026-12-01T05:59",
    "20:00-06:00, 2026-12-01T06:00, 2026-12-01T20:00",
    "sat 22:00-06:00, 2026-11-30T22:30, 2026-12-05T22:00",
    "sat 22:00-06:00, 2026-12-06T06:00, 2026-12-12T22:00",
    "mon-fri 20:00-22:00, 2026-12-04T22:00, 2026-12-07T20:00",
    "00:00-24:00, 2026-11-30T12:00, 2026-11-30T12:00",
    "02:30-04:00, 2027-03-28T01:00, 2027-03-28T03:30",
    "02:30-04:00, 2026-10-25T01:00, 2026-10-25T02:30"
  })
  void theNextOfTheHoursIsFound(String hours, String now, String opens) {
    var line = new Line(0, hours(hours), 0, 0);
    var at = LocalDateTime.parse(now).atZone(BERLIN).toInstant();
    var expected = LocalDateTime.parse(opens).atZone(BERLIN).toInstant();
    assertThat(line.opens(1, at, BERLIN)).isEqualTo(expected);
    assertThat(line.opens(1, expected, BERLIN)).isEqualTo(expected);
  }

  @Test
  void ofSeveralHoursTheFirstCounts() {
    var line = new Line(0, hours("20:00-22:00", "12:00-13:00"), 0, 0);
    var at = LocalDateTime.parse("2026-11-30T09:00").atZone(BERLIN);
    assertThat(line.opens(1, at.toInstant(), BERLIN)).isEqualTo(at.plusHours(3).toInstant());
    assertThat(line.opens(1, at.plusHours(5).toInstant(), BERLIN))
        .isEqualTo(at.plusHours(11).toInstant());
  }

  @Test
  void onlyLargerMailIsMeantWhereThatIsSaid() {
    var line = new Line(1000, List.of(), 5_000_000, 0);
    assertThat(line.means(5_000_000)).isFalse();
    assertThat(line.means(5_000_001)).isTrue();
    assertThat(line.large(5_000_001)).isTrue();
    assertThat(new Line(1000, List.of(), 0, 0).means(1)).isTrue();
    assertThat(new Line(1000, List.of(), 0, 0).large(1 << 30)).isFalse();
    assertThat(Line.FREE.means(1 << 30)).isFalse();
  }
}
