package dev.poststation.delivery;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.SourceAddress;
import dev.poststation.config.WarmUp;
import dev.poststation.os.Os;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.PassingDisk;
import dev.poststation.sim.SimTime;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Plans of new source addresses, and what is on the disk when something is sent.
class PromisedWarmUpTest {
  private static final Path DATA = Path.of("data");

  private final SimTime time = new SimTime();
  private final MemoryDisk memory = new MemoryDisk();
  private final CountDownLatch slow = new CountDownLatch(1);
  private final AtomicBoolean writing = new AtomicBoolean();
  private final SourceAddress source =
      new SourceAddress(
          InetAddress.ofLiteral("192.0.2.7"),
          null,
          null,
          1,
          new WarmUp(
              LocalDate.ofInstant(time.now(), ZoneId.systemDefault()),
              100,
              Duration.ofDays(3),
              30));
  private final List<WarmUps> all = new ArrayList<>();

  private WarmUps on(PassingDisk disk) {
    var real = Os.real();
    var warmUps =
        new WarmUps(new Os(time, real.network(), real.tasks(), real.chance(), disk), DATA);
    all.add(warmUps);
    return warmUps;
  }

  private int leftAfterACrash() {
    return on(new PassingDisk(memory)).left(source);
  }

  @AfterEach
  void close() {
    slow.countDown();
    all.forEach(WarmUps::close);
  }

  @Test
  void nobodySendsFromAPartThatIsStillBeingWrittenDown() throws Exception {
    var warmUps =
        on(
            new PassingDisk(memory) {
              @Override
              public void replace(Path file, byte[] content, boolean ownerOnly) throws IOException {
                writing.set(true);
                try {
                  slow.await();
                } catch (InterruptedException e) {
                  throw new IOException(e);
                }
                super.replace(file, content, ownerOnly);
              }
            });
    var sent = new AtomicInteger();
    Runnable send =
        () -> {
          assertThat(warmUps.take(source)).isTrue();
          warmUps.out(source);
          sent.incrementAndGet();
        };
    var first = Thread.ofVirtual().start(send);
    eventually("the first writes down", writing::get);
    var second = Thread.ofVirtual().start(send);
    eventually(
        "the second waits or is gone",
        () -> sent.get() > 0 || second.getState() == Thread.State.WAITING);
    int inTheDark = sent.get();
    assertThat(leftAfterACrash()).as("what was sent is on the disk").isEqualTo(100 - inTheDark);

    slow.countDown();
    first.join();
    second.join();
    assertThat(warmUps.left(source)).isEqualTo(98);
    assertThat(leftAfterACrash()).isEqualTo(97);
  }

  private void send(WarmUps warmUps, int mails) {
    for (int i = 0; i < mails; i++) {
      assertThat(warmUps.take(source)).isTrue();
      warmUps.out(source);
    }
  }

  private LocalDate today() {
    return LocalDate.ofInstant(time.now(), ZoneId.systemDefault());
  }

  private void untilTomorrow() {
    var midnight = today().plusDays(1).atStartOfDay(ZoneId.systemDefault()).toInstant();
    time.advance(Duration.between(time.now(), midnight));
  }

  @Test
  void whatIsUnderWayTakesItsPlaceAndCostsNothingAfterACrash() {
    slow.countDown();
    var warmUps = on(new PassingDisk(memory));
    for (int i = 0; i < 100; i++) {
      assertThat(warmUps.take(source)).isTrue();
    }
    assertThat(warmUps.take(source)).isFalse();
    assertThat(warmUps.sent(source)).isEqualTo(100);
    assertThat(leftAfterACrash()).isEqualTo(100);
    for (int i = 0; i < 40; i++) {
      warmUps.leave(source);
    }
    assertThat(warmUps.left(source)).isEqualTo(40);
  }

  @Test
  void aMailCountsForTheDayOnWhichItGoesOut() {
    slow.countDown();
    var warmUps = on(new PassingDisk(memory));
    assertThat(warmUps.take(source)).isTrue();
    untilTomorrow();
    int before = warmUps.most(source);
    assertThat(warmUps.left(source)).as("it still is under way").isEqualTo(before - 1);
    assertThat(warmUps.out(source)).isEqualTo(today());
    assertThat(warmUps.left(source)).isEqualTo(before - 1);
    send(warmUps, before - 1);
    assertThat(warmUps.take(source)).isFalse();
  }

  @Test
  void whatWasRefusedAfterMidnightGivesTheNewDayNothing() {
    slow.countDown();
    var warmUps = on(new PassingDisk(memory));
    assertThat(warmUps.take(source)).isTrue();
    var day = warmUps.out(source);
    untilTomorrow();
    int most = warmUps.most(source);
    send(warmUps, 10);
    warmUps.giveBack(source, day);
    assertThat(warmUps.left(source)).isEqualTo(most - 10);
    warmUps.giveBack(source, today());
    assertThat(warmUps.left(source)).isEqualTo(most - 9);
  }

  @Test
  void whatIsGivenBackTakesNothingFromWhatIsOnTheDisk() {
    slow.countDown();
    var warmUps = on(new PassingDisk(memory));
    send(warmUps, 50);
    int promised = 100 - leftAfterACrash();
    for (int i = 0; i < 40; i++) {
      warmUps.giveBack(source, today());
    }
    send(warmUps, 40);
    assertThat(100 - leftAfterACrash()).isEqualTo(promised);
  }

  @Test
  void aCrashLosesAFiftiethOfADayAtMost() {
    slow.countDown();
    var warmUps = on(new PassingDisk(memory));
    send(warmUps, 50);
    int left = leftAfterACrash();
    assertThat(left).isBetween(48, 50);
    send(warmUps, 50);
    assertThat(warmUps.take(source)).isFalse();
    assertThat(leftAfterACrash()).isZero();
  }
}
