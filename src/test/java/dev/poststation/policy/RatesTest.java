package dev.poststation.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Rate;
import dev.poststation.sim.ManualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RatesTest {
  private final ManualTime time = new ManualTime();
  private final Rates rates = new Rates(time);

  private static Rates.Key key(String who, int count) {
    return new Rates.Key("rule", "rate", new Rate(count, "hour"), who);
  }

  @Test
  void whatWasUsedGrowsBackEvenly() {
    for (int i = 0; i < 60; i++) {
      assertThat(rates.take(key("a", 60))).isZero();
    }
    assertThat(rates.take(key("a", 60))).isEqualTo(Duration.ofMinutes(1));
    time.advance(Duration.ofMinutes(2));
    assertThat(rates.take(key("a", 60))).isZero();
    assertThat(rates.take(key("a", 60))).isZero();
    assertThat(rates.take(key("a", 60))).isPositive();
  }

  @Test
  void aRateThatWasChangedBeginsAnew() {
    assertThat(rates.take(key("a", 1))).isZero();
    assertThat(rates.take(key("a", 1))).isPositive();
    assertThat(rates.take(key("a", 2))).isZero();
  }

  @Test
  void notMoreAreRememberedThanFit() {
    assertThat(rates.take(key("first", 1))).isZero();
    for (int i = 0; i < 100_000; i++) {
      rates.take(key("other" + i, 1));
    }
    assertThat(rates.take(key("first", 1))).as("it was forgotten").isZero();
    assertThat(rates.take(key("other99999", 1))).isPositive();
  }
}
