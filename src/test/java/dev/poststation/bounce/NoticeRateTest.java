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

  @Test
  void aFewANightAreSpreadOverAMonthIfThatIsWhatIsWanted() {
    var rate = new NoticeRate(1);
    for (int i = 0; i < 800; i++) {
      assertThat(rate.reserve(NOW)).isEqualTo(NOW.plus(HOUR.multipliedBy(i)));
    }
  }

  @Test
  void aClockThatGoesBackALittleForgetsNothing() {
    var rate = new NoticeRate(1);
    rate.reserve(NOW);
    assertThat(rate.reserve(NOW.minusMillis(20))).isEqualTo(NOW.plus(HOUR));
  }

  @Test
  void whatWasPromisedHoldsAfterARestart() {
    var before = new NoticeRate(2);
    for (int i = 0; i < 6; i++) {
      before.reserve(NOW);
    }
    var after = new NoticeRate(2, before.record());
    assertThat(after.reserve(NOW.plusSeconds(60)))
        .isBetween(NOW.plus(HOUR.multipliedBy(3)), NOW.plus(HOUR.multipliedBy(4)));
  }

  @Test
  void aRestartLongAfterOrWithAnotherClockOwesNothing() {
    var before = new NoticeRate(1);
    before.reserve(NOW);
    var later = NOW.plus(Duration.ofDays(1));
    assertThat(new NoticeRate(1, before.record()).reserve(later)).isEqualTo(later);
    before.reserve(NOW.plus(Duration.ofDays(3650)));
    assertThat(new NoticeRate(1, before.record()).reserve(later)).isEqualTo(later);
    assertThat(new NoticeRate(1, new byte[] {1, 2, 3}).reserve(later)).isEqualTo(later);
  }

  @Property(tries = 200)
  void noHourEverSeesMoreThanAllowed(
      @ForAll @IntRange(min = 1, max = 5) int perHour,
      @ForAll @Size(max = 60) List<@IntRange(min = 0, max = 3000) Integer> gaps,
      @ForAll @IntRange(min = 1, max = 20) int restartEvery) {
    var rate = new NoticeRate(perHour);
    var departures = new ArrayList<Instant>();
    var now = NOW;
    for (int gap : gaps) {
      now = now.plusSeconds(gap);
      var turn = rate.reserve(now);
      assertThat(turn).isAfterOrEqualTo(now);
      departures.add(turn);
      rate = departures.size() % restartEvery == 0 ? new NoticeRate(perHour, rate.record()) : rate;
    }
    for (int i = perHour; i < departures.size(); i++) {
      assertThat(Duration.between(departures.get(i - perHour), departures.get(i)))
          .isGreaterThanOrEqualTo(HOUR);
    }
  }
}
