package dev.poststation.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Rate;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemoryDisk;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RatesTest {
  private static final Path DATA = Path.of("data");

  private final ManualTime time = new ManualTime();
  private final MemoryDisk disk = new MemoryDisk();
  private final Rates rates = new Rates(time);

  /// @return after how long one will be there; zero: it was taken
  private static Duration take(Rates rates, Rates.Key... keys) {
    return rates.take(List.of(keys)).map(Rates.Lack::after).orElse(Duration.ZERO);
  }

  private static Rates.Key key(String who, int count) {
    return new Rates.Key("rule", "rate", new Rate(count, "hour"), who);
  }

  @Test
  void whatWasUsedGrowsBackEvenly() {
    for (int i = 0; i < 60; i++) {
      assertThat(take(rates, key("a", 60))).isZero();
    }
    assertThat(take(rates, key("a", 60))).isEqualTo(Duration.ofMinutes(1));
    time.advance(Duration.ofMinutes(2));
    assertThat(take(rates, key("a", 60))).isZero();
    assertThat(take(rates, key("a", 60))).isZero();
    assertThat(take(rates, key("a", 60))).isPositive();
  }

  @Test
  void aRateThatWasChangedBeginsAnew() {
    assertThat(take(rates, key("a", 1))).isZero();
    assertThat(take(rates, key("a", 1))).isPositive();
    assertThat(take(rates, key("a", 2))).isZero();
  }

  @Test
  void notMoreAreRememberedThanFit() {
    assertThat(take(rates, key("first", 1))).isZero();
    for (int i = 0; i < 100_000; i++) {
      take(rates, key("other" + i, 1));
    }
    assertThat(take(rates, key("first", 1))).as("it was forgotten").isZero();
    assertThat(take(rates, key("other99999", 1))).isPositive();
  }

  private static Rates.Key sender(String who) {
    return new Rates.Key("rule", "sender-rate", new Rate(1, "hour"), who);
  }

  @Test
  void sendersThatAreMadeUpMakeNoClientForgotten() {
    assertThat(take(rates, key("user anna", 1))).isZero();
    assertThat(take(rates, sender("first@x.example"))).isZero();
    for (int i = 0; i < 100_000; i++) {
      take(rates, sender(i + "@x.example"));
    }
    assertThat(take(rates, sender("first@x.example"))).as("it was forgotten").isZero();
    assertThat(take(rates, key("user anna", 1))).as("it was not").isPositive();
  }

  @Test
  void whatASenderHasUsedIsUsedAfterARestart() {
    var before = kept();
    assertThat(take(before, sender("a@x.example"))).isZero();
    before.close();
    var after = kept();
    assertThat(take(after, sender("a@x.example"))).isEqualTo(Duration.ofHours(1));
    assertThat(take(after, sender("b@x.example"))).isZero();
  }

  private static Rates.Key window(int count, String unit) {
    return new Rates.Key("rule", "rate", new Rate(count, unit), "a");
  }

  private static final Rates.Key[] WINDOWS = {
    window(2, "minute"), window(5, "hour"), window(7, "day")
  };

  @Test
  void allRatesOfAListHoldAndTheOneThatIsWaitedForLongestIsNamed() {
    assertThat(take(rates, WINDOWS)).isZero();
    assertThat(take(rates, WINDOWS)).isZero();
    assertThat(rates.take(List.of(WINDOWS)))
        .contains(new Rates.Lack(WINDOWS[0], Duration.ofSeconds(30)));
    for (int i = 0; i < 3; i++) {
      time.advance(Duration.ofMinutes(1));
      assertThat(take(rates, WINDOWS)).isZero();
    }
    // Five are taken, of which the hour gave back a quarter of one meanwhile.
    assertThat(rates.take(List.of(WINDOWS)))
        .contains(new Rates.Lack(WINDOWS[1], Duration.ofMinutes(9)));
    for (int i = 0; i < 2; i++) {
      time.advance(Duration.ofMinutes(12));
      assertThat(take(rates, WINDOWS)).isZero();
    }
    assertThat(rates.take(List.of(WINDOWS)))
        .hasValueSatisfying(lack -> assertThat(lack.key()).isEqualTo(WINDOWS[2]));
  }

  @Test
  void aRateThatRefusesTakesNothingOfTheOthers() {
    assertThat(take(rates, window(1, "hour"), window(3, "day"))).isZero();
    for (int i = 0; i < 10; i++) {
      assertThat(take(rates, window(1, "hour"), window(3, "day"))).isPositive();
      assertThat(take(rates, window(3, "day"), window(1, "hour"))).isPositive();
    }
    use(rates, window(3, "day"), 2);
    assertThat(take(rates, window(3, "day"))).isPositive();
  }

  @Test
  void eachRateOfAListIsUsedAfterARestartAndAChangedListKeepsWhatFits() {
    var before = kept();
    assertThat(take(before, WINDOWS)).isZero();
    assertThat(take(before, WINDOWS)).isZero();
    before.close();
    time.advance(Duration.ofMinutes(1));

    var after = kept();
    use(after, WINDOWS[0], 2);
    use(after, WINDOWS[1], 3);
    assertThat(take(after, WINDOWS[1])).isPositive();
    // Of the list of tomorrow one rate is new.
    assertThat(after.take(List.of(WINDOWS[1], window(100, "day"))))
        .hasValueSatisfying(lack -> assertThat(lack.key()).isEqualTo(WINDOWS[1]));
    use(after, WINDOWS[2], 5);
    assertThat(take(after, WINDOWS[2])).isPositive();
    use(after, window(100, "day"), 100);
  }

  @Test
  void sessionsThatTakeAtTheSameTimeGetExactlyWhatIsThere() throws Exception {
    var taken = new AtomicInteger();
    List<Thread> sessions = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      sessions.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    for (int mail = 0; mail < 500; mail++) {
                      if (take(rates, window(1000, "hour"), window(3000, "day")).isZero()) {
                        taken.incrementAndGet();
                      }
                    }
                  }));
    }
    for (var session : sessions) {
      session.join();
    }
    assertThat(taken).hasValue(1000);
    use(rates, window(3000, "day"), 2000);
    assertThat(take(rates, window(3000, "day"))).isPositive();
  }

  private Rates kept() {
    return new Rates(Configured.os(time, disk), DATA);
  }

  private static void use(Rates rates, Rates.Key key, int times) {
    for (int i = 0; i < times; i++) {
      assertThat(take(rates, key)).isZero();
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
    assertThat(take(after, key("user anna b", 60))).isEqualTo(Duration.ofMinutes(1));
    assertThat(take(after, key("user ben", 60))).isZero();
  }

  @Test
  void aCrashForgetsTheLastTenSecondsOfWhatWasUsedAtMost() {
    List<Runnable> later = new ArrayList<>();
    var before = new Rates(Configured.os(time, disk, later::add), DATA);
    use(before, key("a", 60), 50);
    use(before, key("a", 60), 10); // Two changes are written once.
    assertThat(later).hasSize(1);
    later.getFirst().run(); // What its thread does; waiting moves the clock.

    assertThat(time.nanos()).isEqualTo(Duration.ofSeconds(10).toNanos());
    var after = kept();
    assertThat(take(after, key("a", 60))).isEqualTo(Duration.ofSeconds(50));
  }

  @Test
  void aRelayThatIsRestartedAgainAndAgainTakesNothingAwayOfWhatGrowsBack() {
    var rates = kept();
    use(rates, key("a", 1), 1);
    for (int i = 0; i < 6; i++) {
      assertThat(take(rates, key("a", 1))).isEqualTo(Duration.ofMinutes(60 - 10 * i));
      rates.close();
      time.advance(Duration.ofMinutes(10));
      rates = kept();
    }
    use(rates, key("a", 1), 1);
    assertThat(take(rates, key("a", 1))).isPositive();
  }

  @Test
  void aRateThatWasChangedBeginsAnewAfterARestartToo() {
    var before = kept();
    use(before, key("a", 1), 1);
    before.close();
    assertThat(take(kept(), key("a", 2))).isZero();
    assertThat(take(kept(), key("a", 1))).isPositive();
  }

  @Test
  void aClockThatIsSetBackGivesNoMoreAndBlocksForNoLongerThanTheRateSays() {
    time.advance(Duration.ofDays(300));
    var before = kept();
    use(before, key("a", 60), 30);
    before.close();

    var set = new ManualTime();
    var after = new Rates(Configured.os(set, disk), DATA);
    assertThat(take(after, key("a", 60))).isEqualTo(Duration.ofMinutes(1));
    set.advance(Duration.ofHours(1));
    use(after, key("a", 60), 60);
    assertThat(take(after, key("a", 60))).isPositive();
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
    assertThat(take(rates, key("a", 1))).isZero();
    assertThat(take(rates, key("b", 1))).isEqualTo(Duration.ofHours(1));
    assertThat(take(rates, key("c", 1))).isEqualTo(Duration.ofHours(1));
  }
}
