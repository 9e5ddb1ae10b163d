package dev.poststation.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Os;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.MemorySpool;
import dev.poststation.sim.SimEngines;
import dev.poststation.sim.SimEngines.Fault;
import dev.poststation.sim.SimEngines.Faults;
import dev.poststation.sim.SimEngines.Operation;
import dev.poststation.sim.SimTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Lets the first operation of the engine fail, or be the last, then the second, and so on until a
/// run ends without a fault; and looks each time at what is left.
class PowerCutTest {
  private static final Path DATA = Path.of("/data");
  private static final int LOTS = 4;
  private static final int CAMPAIGNS = Integer.getInteger("powercut.campaigns", 40);
  private static final int OPERATIONS = 200;
  private static final Set<Operation> READS =
      EnumSet.of(Operation.GET, Operation.VISIT, Operation.MEASURE);
  private static final Set<Operation> WRITES = EnumSet.complementOf(EnumSet.copyOf(READS));

  private final SimTime time = new SimTime();
  private SimEngines engines = new SimEngines(new SplittableRandom());
  private MemoryDisk disk = new MemoryDisk();
  private SplittableRandom chance = new SplittableRandom();

  /// A run that meets a fault.
  private interface Run {
    /// @param stepByStep whether each thing is written before the next one is begun
    /// @return whether the fault was met
    boolean failsAt(long operation, boolean stepByStep) throws Exception;
  }

  private void everywhere(Run run) throws Exception {
    for (int lot = 0; lot < LOTS; lot++) {
      boolean met = true;
      for (long operation = 1; met; operation++) {
        met = once(1000 * operation + lot, operation, run);
      }
    }
  }

  private boolean once(long seed, long operation, Run run) {
    chance = new SplittableRandom(seed);
    engines = new SimEngines(chance.split());
    disk = new MemoryDisk();
    try {
      boolean met = run.failsAt(operation, seed % 2 == 0);
      assertThat(engines.misuses()).isEmpty();
      return met;
    } catch (AssertionError | Exception e) {
      throw new AssertionError("seed " + seed + ", operation " + operation + ": " + e, e);
    }
  }

  /// A fault of the operation with this number among these.
  private AtomicBoolean failAt(Set<Operation> kinds, long number, Fault fault) {
    return failAt(kinds, number, 1, fault);
  }

  private AtomicBoolean failAt(Set<Operation> kinds, long first, long operations, Fault fault) {
    var met = new AtomicBoolean();
    var counted = new AtomicLong();
    engines.faults(
        (operation, _) -> {
          long number = kinds.contains(operation) ? counted.incrementAndGet() : 0;
          boolean now = number >= first && number < first + operations;
          met.compareAndSet(false, now);
          return now ? fault : Fault.NONE;
        });
    return met;
  }

  private LocalSpool open() throws IOException {
    var real = Os.real();
    var os = new Os(time, real.network(), real.tasks(), real.chance(), disk);
    return LocalSpool.open(os, DATA, LocalSpoolTest.SETTINGS, engines, 1 << 20);
  }

  /// Opens it, where the first attempts meet faults.
  private LocalSpool openAtLast() throws IOException {
    for (int attempt = 0; attempt < 100; attempt++) {
      try {
        return open();
      } catch (SpoolException _) {
        if (!engines.alive()) {
          restart();
        }
      }
    }
    return open();
  }

  private void restart() {
    time.advance(Duration.ofSeconds(5));
    engines = engines.restarted();
  }

  private Workload work(boolean stepByStep) throws IOException {
    try (var spool = openAtLast()) {
      var workload = new Workload(spool, engines, time, stepByStep);
      workload.run();
      return workload;
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"POWER_CUT", "KILL"})
  void whereverTheProcessEndsWhatWasPromisedIsThere(Fault fault) throws Exception {
    everywhere(
        (operation, stepByStep) -> {
          var met = failAt(WRITES, operation, fault);
          var workload = work(stepByStep);
          restart();
          assertLeft(workload);
          return met.get();
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"POWER_CUT", "KILL"})
  void itMayEndAgainWhileTheNextOneOpens(Fault fault) throws Exception {
    everywhere(
        (operation, stepByStep) -> {
          var met = failAt(WRITES, operation, fault);
          var workload = work(stepByStep);
          for (int second = 1; second < 12; second += chance.nextInt(1, 4)) {
            restart();
            Fault next = chance.nextBoolean() ? Fault.KILL : Fault.POWER_CUT;
            failAt(EnumSet.allOf(Operation.class), second, next);
            closeIfOpened();
          }
          restart();
          assertLeft(workload);
          return met.get();
        });
  }

  private void closeIfOpened() {
    try {
      open().close();
    } catch (IOException _) {
      // It ended before.
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"IO_ERROR", "NO_SPACE"})
  void whateverFailsTheRelayGoesOnAndNothingIsLost(Fault fault) throws Exception {
    everywhere((operation, stepByStep) -> goesOn(WRITES, operation, 1, stepByStep, fault));
  }

  @Test
  void whicheverReadFailsNothingIsLost() throws Exception {
    everywhere((operation, stepByStep) -> goesOn(READS, operation, 1, stepByStep, Fault.IO_ERROR));
  }

  @ParameterizedTest
  @EnumSource(names = {"IO_ERROR", "NO_SPACE"})
  void itGoesOnAlsoWhenItCannotBeOpenedAtOnce(Fault fault) throws Exception {
    everywhere(
        (operation, stepByStep) ->
            goesOn(
                EnumSet.allOf(Operation.class),
                operation,
                chance.nextInt(2, 7),
                stepByStep,
                fault));
  }

  /// As soon as the disk works again the spool has all that was done, and only that; after a second
  /// no power cut takes any of it. Nothing is left for the next start to tidy up.
  private boolean goesOn(
      Set<Operation> kinds, long operation, long operations, boolean stepByStep, Fault fault)
      throws Exception {
    var met = failAt(kinds, operation, operations, fault);
    Workload workload;
    try (var spool = openAtLast()) {
      workload = new Workload(spool, engines, time, stepByStep);
      workload.run();
      workload.rest();
      engines.faults(Faults.NONE);
      assertThat(Picture.of(spool, workload.ids())).isEqualTo(pictures(workload).getLast());
      if (stepByStep) {
        engines.cutPower();
      }
    }
    if (engines.alive()) {
      audit();
    }
    restart();
    assertLeft(workload);
    return met.get();
  }

  private void audit() throws Exception {
    try (var engine = engines.open(DATA, Engines.Care.STRICT)) {
      Audit.of(engine);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"IO_ERROR", "NO_SPACE"})
  void afterAFailureItMayCloseOrEndAtAnyTime(Fault fault) throws Exception {
    everywhere(
        (operation, stepByStep) -> {
          Fault how = chance.nextBoolean() ? Fault.POWER_CUT : Fault.KILL;
          var met = failThenEnd(operation, fault, chance.nextInt(1, 16), how);
          var workload = work(stepByStep);
          restart();
          assertLeft(workload);
          return met.get();
        });
  }

  /// @param after how many operations after the fault the process ends
  private AtomicBoolean failThenEnd(long write, Fault fault, int after, Fault end) {
    var met = failAt(WRITES, write, fault);
    Faults first = engines.faults();
    var since = new AtomicLong();
    engines.faults(
        (operation, number) ->
            met.get() && since.incrementAndGet() == after ? end : first.before(operation, number));
    return met;
  }

  @Test
  void howeverOftenItFailsNothingIsLost() {
    for (int campaign = 0; campaign < CAMPAIGNS; campaign++) {
      once(
          campaign,
          0,
          (_, stepByStep) -> {
            int rarely = chance.nextInt(8, 40);
            long end = chance.nextInt(OPERATIONS);
            Faults often = sometimes(chance.split(), rarely);
            engines.faults(
                (operation, number) ->
                    number == end ? Fault.POWER_CUT : often.before(operation, number));
            var workload = work(stepByStep);
            restart();
            engines.faults(often);
            openAtLast().close();
            restart();
            assertLeft(workload);
            return true;
          });
    }
  }

  private static Faults sometimes(SplittableRandom chance, int rarely) {
    return (_, _) -> {
      synchronized (chance) {
        return switch (chance.nextInt(2 * rarely)) {
          case 0 -> Fault.IO_ERROR;
          case 1 -> Fault.NO_SPACE;
          default -> Fault.NONE;
        };
      }
    };
  }

  /// The spool shows what was done up to some deed that was not certain yet, has nothing besides,
  /// and works.
  private void assertLeft(Workload workload) throws Exception {
    engines.faults(Faults.NONE);
    var pictures = pictures(workload);
    try (var spool = open()) {
      assertThat(Picture.of(spool, workload.ids()))
          .isIn(pictures.subList(workload.certain(), pictures.size()));
      assertThat(spool.usage().corrupt()).isZero();
      var findings = spool.upkeep().check(_ -> {});
      assertThat(findings.found()).as("what a check of the spool finds").isEmpty();
      assertThat(findings.counters()).isEqualTo(Upkeep.Counters.RIGHT);
      assertThat(workload.ids()).doesNotContain(spool.nextId());
      var mail = Mails.commit(spool, Mails.content(70_000, 1), 2);
      spool.settle(Mails.removal(mail, Placement.INCOMING));
      spool.sync();
      assertThat(spool.load(mail.id())).isEmpty();
    }
    audit();
  }

  /// What a spool shows after none, one, and so on of the deeds.
  private List<String> pictures(Workload workload) throws IOException {
    var pictures = new ArrayList<String>();
    var told = new MemorySpool(time);
    pictures.add(Picture.of(told, workload.ids()));
    for (Workload.Deed deed : workload.deeds()) {
      deed.on(told);
      pictures.add(Picture.of(told, workload.ids()));
    }
    return pictures;
  }
}
