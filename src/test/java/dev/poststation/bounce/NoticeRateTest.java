package dev.poststation.bounce;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

final class NoticeRateTest {
  private static final Instant NOW = Instant.parse("2026-11-24T04:00:00Z");
  private static final Duration HOUR = Duration.ofHours(1);

  @Test
  void asManyAsAllowedLeaveAtOnceTheOthersWait() {
    var rate = new NoticeRate(2);
    assertThat(rate.reserve(NOW)).isEqualTo(NOW);
    assertThat(rate.reserve(NOW.plusSeconds(60))).isEqualTo(NOW.plusSeconds(60));
    assertThat(rate.reserve(NOW.plusSeconds(61))).isEqualTo(NOW.plus(HOUR));
    assertThat(rate.reserve(NOW.plusSeconds(62))).isEqualTo(NOW.plus(HOUR).plusSeconds(60));
    assertThat(rate.reserve(NOW.plusSeconds(63))).isEqualTo(NOW.plus(HOUR.multipliedBy(2)));
  }

  @Test
  void afterAQuietHourNothingIsOwed() {
    var rate = new NoticeRate(1);
    rate.reserve(NOW);
    assertThat(rate.reserve(NOW.plus(HOUR))).isEqualTo(NOW.plus(HOUR));
  }

  @Test
  void aClockThatWasSetBackDoesNotHoldNoticesForYears() {
    var rate = new NoticeRate(1);
    rate.reserve(NOW.plus(Duration.ofDays(3650)));
    assertThat(rate.reserve(NOW)).isEqualTo(NOW);
  }

  @Property(tries = 200)
  void noHourEverSeesMoreThanAllowed(
      @ForAll @IntRange(min = 1, max = 5) int perHour,
      @ForAll @Size(max = 60) List<@IntRange(min = 0, max = 3000) Integer> gaps) {
    var rate = new NoticeRate(perHour);
    var departures = new ArrayList<Instant>();
    var now = NOW;
    for (int gap : gaps) {
      now = now.plusSeconds(gap);
      var turn = rate.reserve(now);
      assertThat(turn).isAfterOrEqualTo(now);
      departures.add(turn);
    }
    for (int i = perHour; i < departures.size(); i++) {
      assertThat(Duration.between(departures.get(i - perHour), departures.get(i)))
          .isGreaterThanOrEqualTo(HOUR);
    }
  }
}
