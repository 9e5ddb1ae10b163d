package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Connector;
import dev.poststation.config.Pool;
import dev.poststation.config.Rate;
import dev.poststation.os.Os;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.PassingDisk;
import dev.poststation.sim.SimTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Quotas, and what is on the disk when something is sent.
class PromisedQuotasTest {
  private static final Path DATA = Path.of("data");
  private static final Connector PROVIDER = connector("provider");
  private static final Connector MX = connector("mx");

  private final SimTime time = new SimTime();
  private final MemoryDisk memory = new MemoryDisk();
  private final CountDownLatch slow = new CountDownLatch(1);
  private final AtomicBoolean writing = new AtomicBoolean();
  private final List<Quotas> all = new CopyOnWriteArrayList<>();
  private final AtomicInteger writes = new AtomicInteger();

  /// What a crash just after each write would leave.
  private final List<Integer> left = new CopyOnWriteArrayList<>();

  private static Connector connector(String name) {
    return Scenario.connector(
        name, new Pool(3, List.of(new Rate(250, "hour")), List.of(), 0, Pool.Per.CONNECTOR));
  }

  /// A disk whose first write takes until the test lets it go on.
  private Quotas quotas() {
    var real = Os.real();
    var disk =
        new PassingDisk(memory) {
          @Override
          public void replace(Path file, byte[] content, boolean ownerOnly) throws IOException {
            writes.incrementAndGet();
            writing.set(true);
            try {
              slow.await();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
            super.replace(file, content, ownerOnly);
            left.add(afterACrash().used(PROVIDER).getFirst().left());
          }
        };
    return opened(
        new Quotas(new Os(time, real.network(), real.tasks(), real.chance(), disk), DATA));
  }

  private Quotas afterACrash() {
    var real = Os.real();
    return opened(
        new Quotas(new Os(time, real.network(), real.tasks(), real.chance(), memory), DATA));
  }

  private Quotas opened(Quotas quotas) {
    all.add(quotas);
    return quotas;
  }

  @AfterEach
  void close() {
    slow.countDown();
    all.forEach(Quotas::close);
  }

  @Test
  void nobodySendsFromAPartThatIsStillBeingWrittenDown() throws Exception {
    var quotas = quotas();
    var sent = new AtomicInteger();
    Runnable send =
        () -> {
          quotas.out(underWay(quotas, PROVIDER));
          sent.incrementAndGet();
        };
    var first = Thread.ofVirtual().start(send);
    eventually("the first writes down", writing::get);
    var second = Thread.ofVirtual().start(send);
    eventually(
        "the second waits",
        () ->
            sent.get() > 0
                || second.getState() == Thread.State.WAITING
                || second.getState() == Thread.State.BLOCKED);
    int inTheDark = sent.get();
    assertThat(afterACrash().used(PROVIDER).getFirst().left())
        .as("what was sent is on the disk")
        .isLessThanOrEqualTo(250 - inTheDark);

    slow.countDown();
    first.join();
    second.join();
    assertThat(sent).hasValue(2);
    assertThat(writes).as("one write is enough for both").hasValue(1);
    assertThat(afterACrash().used(PROVIDER).getFirst().left()).isBetween(240, 248);
  }

  @Test
  void aCrashWhileManyWaitCostsOnePromise() throws Exception {
    var quotas = quotas();
    List<Thread> waiting = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      var taken = underWay(quotas, PROVIDER);
      waiting.add(Thread.ofVirtual().start(() -> quotas.out(taken)));
    }
    eventually(
        "one writes, and all others wait",
        () ->
            writing.get()
                && waiting.stream().allMatch(each -> each.getState() == Thread.State.WAITING));
    assertThat(quotas.used(PROVIDER).getFirst().left()).isEqualTo(210);
    slow.countDown();
    for (var each : waiting) {
      each.join();
    }
    assertThat(left).as("five mails each").containsExactly(245, 240, 235, 230, 225, 220, 215, 210);
  }

  @Test
  void whatWasOnlyUnderWayIsNotLostInACrash() {
    slow.countDown();
    var quotas = quotas();
    for (int i = 0; i < 10; i++) {
      quotas.out(underWay(quotas, PROVIDER));
      underWay(quotas, PROVIDER);
    }
    assertThat(quotas.used(PROVIDER).getFirst().left()).isEqualTo(230);
    assertThat(afterACrash().used(PROVIDER).getFirst().left()).isEqualTo(240);
  }

  @Test
  void whatIsOnlyUnderWayMakesNoLineThatNobodyUnderstands() throws IOException {
    slow.countDown();
    var quotas = quotas();
    underWay(quotas, MX);
    quotas.out(underWay(quotas, PROVIDER));
    assertThat(new String(memory.read(DATA.resolve("quotas.used")), UTF_8).lines())
        .singleElement()
        .asString()
        .endsWith(" provider");
    quotas.close();
    assertThat(afterACrash().used(PROVIDER).getFirst().left()).isEqualTo(249);
    assertThat(memory.list(DATA)).containsExactly(DATA.resolve("quotas.used"));
  }

  @Test
  void whatIsPromisedStaysWrittenThoughAllOfItWasRefused() {
    slow.countDown();
    var quotas = quotas();
    var refused = underWay(quotas, PROVIDER);
    quotas.out(refused);
    quotas.giveBack(refused, 1, 1);
    quotas.out(underWay(quotas, MX));
    quotas.out(underWay(quotas, PROVIDER));
    assertThat(writes).as("the promise covers it").hasValue(2);
    assertThat(quotas.used(PROVIDER).getFirst().left()).isEqualTo(249);
    assertThat(afterACrash().used(PROVIDER).getFirst().left()).isEqualTo(245);
  }

  @Test
  void aPromiseThatIsOldIsWrittenNoMore() throws IOException {
    slow.countDown();
    var quotas = quotas();
    var refused = underWay(quotas, PROVIDER);
    quotas.out(refused);
    quotas.giveBack(refused, 1, 1);
    time.advance(Duration.ofHours(2));
    quotas.out(underWay(quotas, MX));
    assertThat(new String(memory.read(DATA.resolve("quotas.used")), UTF_8).lines())
        .singleElement()
        .asString()
        .endsWith(" mx");
  }

  private static Quotas.Taken underWay(Quotas quotas, Connector connector) {
    return (Quotas.Taken) quotas.take(connector, 1, false);
  }

  @Test
  void allDomainsOfAConnectorByMxShareItsQuotaOverACrash() {
    slow.countDown();
    var quotas = quotas();
    for (int i = 0; i < 100; i++) {
      quotas.out(underWay(quotas, MX));
    }
    int left = 0;
    var after = afterACrash();
    while (after.take(MX, 1, false) instanceof Quotas.Taken taken) {
      after.out(taken);
      left++;
    }
    assertThat(left).isBetween(145, 150);
  }
}
