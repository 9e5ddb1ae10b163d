package dev.poststation.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Connector;
import dev.poststation.config.Pool;
import dev.poststation.config.Rate;
import dev.poststation.os.Os;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.SimTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What is left of quotas that change, and of what was given back.
class QuotasTest {
  private static final Path DATA = Path.of("/data");

  private final SimTime time = new SimTime();
  private final MemoryDisk disk = new MemoryDisk();
  private final Os os =
      new Os(time, Os.real().network(), Os.real().tasks(), Os.real().chance(), disk);
  private Quotas quotas = new Quotas(os);

  private static Connector mails(String... rates) {
    return connector(rates(rates), List.of());
  }

  private static Connector recipients(String... rates) {
    return connector(List.of(), rates(rates));
  }

  private static Connector connector(List<Rate> mails, List<Rate> recipients) {
    return Scenario.connector("provider", new Pool(3, mails, recipients, 0, Pool.Per.CONNECTOR));
  }

  private static List<Rate> rates(String... rates) {
    return Stream.of(rates)
        .map(rate -> rate.split("/", -1))
        .map(words -> new Rate(Integer.parseInt(words[0]), words[1]))
        .toList();
  }

  private void send(Connector connector, int mails) {
    for (int i = 0; i < mails; i++) {
      assertThat(taken(connector, 1).recipients()).isPositive();
    }
  }

  private Quotas.Taken taken(Connector connector, int recipients) {
    var taken = underWay(connector, recipients);
    quotas.out(taken);
    return taken;
  }

  private Quotas.Taken underWay(Connector connector, int recipients) {
    return (Quotas.Taken) quotas.take(connector, recipients, false);
  }

  private int left(Connector connector) {
    return quotas.left(connector, 10_000, false);
  }

  @Test
  void aQuotaThatIsLoweredCountsWhatWasSentBefore() {
    send(mails("250/hour"), 240);
    assertThat(left(mails("240/hour"))).isZero();
    assertThat(left(mails("245/hour"))).isEqualTo(5);
    assertThat(left(mails("200/hour"))).isZero();
    time.advance(Duration.ofMinutes(61));
    assertThat(left(mails("200/hour"))).isEqualTo(200);
  }

  @Test
  void whoIsFarAboveALoweredQuotaWaitsUntilEnoughIsOldAgain() {
    send(mails("250/hour"), 100);
    time.advance(Duration.ofMinutes(30));
    send(mails("250/hour"), 100);
    var lack = quotas.lack(mails("50/hour"), false).orElseThrow();
    assertThat(Duration.between(time.now(), lack.until())).isBetween(minutes(60), minutes(61));
    assertThat(
            Duration.between(
                time.now(), quotas.lack(mails("150/hour"), false).orElseThrow().until()))
        .isBetween(minutes(30), minutes(31));
  }

  private static Duration minutes(long count) {
    return Duration.ofMinutes(count);
  }

  @Test
  void aQuotaOfAnotherTimeBeginsWithWhatIsKnownOfTheLongestThatThereWas() {
    send(mails("250/hour"), 100);
    time.advance(Duration.ofMinutes(10));
    send(mails("250/hour"), 7);
    assertThat(left(mails("10/minute"))).isEqualTo(3);
    assertThat(left(mails("1000/day"))).isEqualTo(893);
    time.advance(Duration.ofMinutes(2));
    assertThat(left(mails("10/minute"))).isEqualTo(10);
  }

  @Test
  void recipientsAreNotTakenForMails() {
    send(mails("250/hour"), 100);
    assertThat(left(recipients("250/hour"))).isEqualTo(250);
  }

  @Test
  void ofTwoQuotasOfTheSameTimeTheSmallerOneHolds() {
    var both = mails("20/hour", "10/hour");
    send(both, 5);
    assertThat(left(both)).isEqualTo(5);
  }

  @Test
  void whatWasUsedIsKeptOverARestartThoughTheQuotaIsAnotherNow() {
    quotas = new Quotas(os, DATA);
    send(mails("250/hour"), 240);
    quotas.close();
    quotas = new Quotas(os, DATA);
    assertThat(left(mails("245/hour"))).isEqualTo(5);
  }

  @Test
  void aMailWithMoreRecipientsThanAreLeftIsSentToAsManyAsThereAre() {
    var ten = recipients("10/day");
    send(ten, 7);
    assertThat(taken(ten, 10).recipients()).isEqualTo(3);
    assertThat(quotas.take(ten, 10, false)).isInstanceOf(Quotas.Lack.class);
  }

  @Test
  void whatIsGivenBackIsThatOfTheMailAndNotOfALaterOne() {
    var ten = mails("10/hour");
    var early = taken(ten, 1);
    time.advance(Duration.ofMinutes(20));
    send(ten, 9);
    quotas.giveBack(early, 1, 1);
    assertThat(left(ten)).isEqualTo(1);
    time.advance(Duration.ofMinutes(41));
    assertThat(left(ten)).as("the nine are younger than an hour").isEqualTo(1);
  }

  @Test
  void whatIsGivenBackWhenItIsOldAnywayIsNobodysElses() {
    var ten = mails("10/hour");
    var early = taken(ten, 1);
    time.advance(Duration.ofMinutes(70));
    send(ten, 10);
    quotas.giveBack(early, 1, 1);
    assertThat(left(ten)).isZero();
  }

  @Test
  void whatIsLongUnderWayCountsFromWhenItGoesOut() {
    var ten = mails("10/hour");
    var slow = underWay(ten, 1);
    send(ten, 9);
    time.advance(Duration.ofMinutes(50));
    assertThat(left(ten)).isZero();
    quotas.out(slow);
    time.advance(Duration.ofMinutes(11));
    assertThat(left(ten)).as("the slow one went out eleven minutes ago").isEqualTo(9);
    time.advance(Duration.ofMinutes(50));
    assertThat(left(ten)).isEqualTo(10);
  }

  @Test
  void whatGoesOutOnceMoreCountsFromThen() {
    var two = mails("2/hour");
    var again = taken(two, 1);
    time.advance(Duration.ofMinutes(30));
    quotas.out(again);
    assertThat(left(two)).as("it counts once").isEqualTo(1);
    quotas.wentOut(again);
    time.advance(Duration.ofMinutes(45));
    quotas.wentOut(again);
    assertThat(left(two)).as("75 minutes after the first time").isEqualTo(1);
    time.advance(Duration.ofMinutes(16));
    assertThat(left(two)).as("61 minutes after the second").isEqualTo(2);
  }

  @Test
  void whatIsUnderWayForLongerThanTheQuotaCountsAllTheSame() {
    var ten = mails("10/hour");
    var slow = underWay(ten, 1);
    time.advance(Duration.ofMinutes(70));
    send(ten, 9);
    assertThat(quotas.take(ten, 1, false)).isInstanceOf(Quotas.Lack.class);
    quotas.end(slow);
    assertThat(left(ten)).isEqualTo(1);
    quotas.end(slow);
    assertThat(left(ten)).as("nothing is given back twice").isEqualTo(1);
  }

  @Test
  void whoeverWaitsForWhatIsUnderWayIsTriedInTimeToCome() {
    var one = mails("1/hour");
    underWay(one, 1);
    assertThat(quotas.lack(one, false).orElseThrow().until()).isAfter(time.now());
  }

  @Test
  void ofAMailThatWentOutOnlyWhatWasRefusedIsGivenBack() {
    var ten = recipients("10/hour");
    var some = taken(ten, 6);
    quotas.giveBack(some, 0, 2);
    quotas.end(some);
    assertThat(left(ten)).isEqualTo(6);
  }

  @Test
  void whoStopsInOrderSoonAfterACrashDoesNotVouchForWhatTheCrashMayHaveLost() {
    quotas = new Quotas(os, DATA);
    send(mails("250/hour"), 1);
    var minute =
        Scenario.connector(
            "other", new Pool(3, rates("10/minute"), List.of(), 0, Pool.Per.CONNECTOR));
    send(minute, 10); // Which nobody has written down when it crashes.
    new Quotas(os, DATA).close();
    quotas = new Quotas(os, DATA);
    assertThat(left(minute)).isZero();
    time.advance(Duration.ofMinutes(61));
    quotas.close();
    quotas = new Quotas(os, DATA);
    assertThat(left(minute)).as("all of that is over").isEqualTo(10);
  }
}
