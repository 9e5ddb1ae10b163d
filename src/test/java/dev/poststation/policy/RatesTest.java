package dev.poststation.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Rate;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemoryDisk;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RatesTest {
  private static final Path DATA = Path.of("data");

  private final ManualTime time = new ManualTime();
  private final MemoryDisk disk = new MemoryDisk();
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

  private static Rates.Key sender(String who) {
    return new Rates.Key("rule", "sender-rate", new Rate(1, "hour"), who);
  }

  @Test
  void sendersThatAreMadeUpMakeNoClientForgotten() {
    assertThat(rates.take(key("user anna", 1))).isZero();
    assertThat(rates.take(sender("first@x.example"))).isZero();
    for (int i = 0; i < 100_000; i++) {
      rates.take(sender(i + "@x.example"));
    }
    assertThat(rates.take(sender("first@x.example"))).as("it was forgotten").isZero();
    assertThat(rates.take(key("user anna", 1))).as("it was not").isPositive();
  }

  @Test
  void whatASenderHasUsedIsUsedAfterARestart() {
    var before = kept();
    assertThat(before.take(sender("a@x.example"))).isZero();
    before.close();
    var after = kept();
    assertThat(after.take(sender("a@x.example"))).isEqualTo(Duration.ofHours(1));
    assertThat(after.take(sender("b@x.example"))).isZero();
  }

  @Test
  void whatIsGivenBackCanBeTakenAgain() {
    assertThat(rates.take(sender("a@x.example"))).isZero();
    rates.giveBack(sender("a@x.example"));
    rates.giveBack(sender("b@x.example"));
    assertThat(rates.take(sender("a@x.example"))).isZero();
    assertThat(rates.take(sender("a@x.example"))).isPositive();
  }

  private Rates kept() {
    return new Rates(Configured.os(time, disk), DATA);
  }

  private static void use(Rates rates, Rates.Key key, int times) {
    for (int i = 0; i < times; i++) {
      assertThat(rates.take(key)).isZero();
    }
  }

  @Test
  void whatWasUsedIsUsedAfterARestartAndGrowsBackMeanwhile() {
    var before = kept();
    use(before, key("user anna b", 60), 60);
    before.close();
    time.advance(Duration.ofMinutes(10));

    var after = kept();
    use(after, key("user anna b", 60), 10);
    assertThat(after.take(key("user anna b", 60))).isEqualTo(Duration.ofMinutes(1));
    assertThat(after.take(key("user ben", 60))).isZero();
  }

  @Test
  void aRelayThatIsRestartedAgainAndAgainTakesNothingAwayOfWhatGrowsBack() {
    var rates = kept();
    use(rates, key("a", 1), 1);
    for (int i = 0; i < 6; i++) {
      assertThat(rates.take(key("a", 1))).isEqualTo(Duration.ofMinutes(60 - 10 * i));
      rates.close();
      time.advance(Duration.ofMinutes(10));
      rates = kept();
    }
    use(rates, key("a", 1), 1);
    assertThat(rates.take(key("a", 1))).isPositive();
  }

  @Test
  void aRateThatWasChangedBeginsAnewAfterARestartToo() {
    var before = kept();
    use(before, key("a", 1), 1);
    before.close();
    assertThat(kept().take(key("a", 2))).isZero();
    assertThat(kept().take(key("a", 1))).isPositive();
  }

  @Test
  void aClockThatIsSetBackGivesNoMoreAndBlocksForNoLongerThanTheRateSays() {
    time.advance(Duration.ofDays(300));
    var before = kept();
    use(before, key("a", 60), 30);
    before.close();

    var set = new ManualTime();
    var after = new Rates(Configured.os(set, disk), DATA);
    assertThat(after.take(key("a", 60))).isEqualTo(Duration.ofMinutes(1));
    set.advance(Duration.ofHours(1));
    use(after, key("a", 60), 60);
    assertThat(after.take(key("a", 60))).isPositive();
  }

  @Test
  void whatIsFullAgainIsNotWritten() throws Exception {
    var rates = kept();
    use(rates, key("a", 60), 60);
    use(rates, key("b", 60), 1);
    time.advance(Duration.ofMinutes(1));
    rates.close();
    assertThat(new String(disk.read(DATA.resolve("rates.used")), StandardCharsets.UTF_8))
        .isEqualTo("2026-01-01T01:00:00Z rate 60/hour rule a\n");
  }

  @Test
  void aDamagedFileCostsOnlyItsDamagedLines() {
    disk.with(
        "data/rates.used",
        """

        2026-01-01T01:00:00Z
        never rate 1/hour rule a
        2026-01-01T01:00:00Z rate 0/hour rule a
        2026-01-01T01:00:00Z rate 1/fortnight rule a
        2026-01-01T01:00:00Z rate hour rule a
        2026-01-01T01:00:00Z rate 99999999999/hour rule a
        +1000000000-12-31T23:59:59Z rate 1/hour rule b
        2026-01-01T01:00:00Z rate 1/hour rule c
        """);
    var rates = kept();
    assertThat(rates.take(key("a", 1))).isZero();
    assertThat(rates.take(key("b", 1))).isEqualTo(Duration.ofHours(1));
    assertThat(rates.take(key("c", 1))).isEqualTo(Duration.ofHours(1));
  }
}
