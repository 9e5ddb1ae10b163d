package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.LocalDate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// How many mails a plan allows on each day.
class WarmUpTest {
  private static final LocalDate FROM = LocalDate.of(2026, 12, 1);

  private static int[] mails(WarmUp plan, int from, int to) {
    return IntStream.range(from, to).map(day -> plan.mails(FROM.plusDays(day))).toArray();
  }

  @Test
  void eachDayHasALittleMoreUntilTheEndOfThePlan() {
    var plan = new WarmUp(FROM, 50, Duration.ofDays(3), 30);
    assertThat(mails(plan, -2, 8)).containsExactly(0, 0, 50, 62, 79, 100, 125, 158, 200, 251);
    assertThat(mails(plan, 29, 32)).containsExactly(40_637, Integer.MAX_VALUE, Integer.MAX_VALUE);
    assertThat(plan.limits(FROM.plusDays(29))).isTrue();
    assertThat(plan.limits(FROM.plusDays(30))).isFalse();
    assertThat(plan.limits(FROM.minusDays(1))).isTrue();
  }

  @Test
  void aPlanThatGrowsBeyondAllNumbersHasAnEnd() {
    var plan = new WarmUp(FROM, 1_000_000, Duration.ofDays(1), 365);
    assertThat(mails(plan, 300, 301)).containsExactly(Integer.MAX_VALUE);
  }
}
