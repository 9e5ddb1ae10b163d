package dev.poststation.spool;

import static dev.poststation.spool.Mails.commit;
import static dev.poststation.spool.Mails.content;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.message.Mail;
import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import dev.poststation.sim.Eventually;
import dev.poststation.sim.PassingDisk;
import dev.poststation.sim.PassingTime;
import dev.poststation.sim.SimTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/// What goes on while a damaged spool is repaired, and what may come in between.
class RepairTest extends DamagedSpool {
  @Test
  void aSuspicionThatIsNotTrueKeepsNothingAside() throws IOException {
    fillTables();
    opening(Os.real()).open(true).engine().close();
    assertThat(keptAside()).isEmpty();
  }

  @Test
  void withoutTheFileThatNamesTheManifestTheMailIsFound() throws IOException {
    fillTables();
    Files.delete(data.resolve("spool/CURRENT"));
    try (var spool = open()) {
      assertThat(listed(spool)).hasSize(MAILS);
      assertThat(readable(spool)).isEqualTo(MAILS);
    }
  }

  @Test
  void tablesWithoutAManifestAreLeftAloneAndSaid() throws IOException {
    fillTables();
    Files.delete(data.resolve("spool/CURRENT"));
    try (var files = Files.newDirectoryStream(data.resolve("spool"), "MANIFEST-*")) {
      for (Path manifest : files) {
        Files.delete(manifest);
      }
    }
    var before = tables();
    assertThatThrownBy(this::open).hasMessageContaining("lost its files CURRENT and MANIFEST");
    assertThat(tables()).isEqualTo(before);
  }

  private Opening opening(Os os) {
    var engines = new RocksEngines(os.disk(), LocalSpoolTest.SETTINGS, LocalSpoolTest.TRACE);
    return new Opening(os, data, LocalSpoolTest.SETTINGS, engines);
  }

  @Test
  void whileTheSpoolCannotBeRepairedOneCopyIsKept() throws IOException {
    fillTables();
    flip(largest(".sst"), 0.05);
    var time = new SimTime();
    var openings = new AtomicInteger();
    var disk =
        new PassingDisk(Os.real().disk()) {
          @Override
          public void makeDirectory(Path directory) throws IOException {
            if (directory.endsWith("spool") && openings.incrementAndGet() == 2) {
              throw new IOException("not now");
            }
            super.makeDirectory(directory);
          }
        };
    var os = with(time, disk);
    for (int attempt = 0; attempt < 3; attempt++) {
      time.advance(Duration.ofSeconds(1));
      openings.set(0);
      assertThatThrownBy(() -> opening(os).open(true)).hasMessageContaining("not now");
      assertThat(keptAside()).hasSize(1);
    }
    var opening = opening(os);
    try (var _ = opening.open(true).engine()) {
      opening.healthy();
    }
    assertThat(keptAside()).hasSize(1);
    assertThat(keptAside().getFirst().getFileName().toString()).startsWith("damaged-2026");
  }

  @Test
  void whatNobodyExpectsDoesNotEndTheSpool() throws IOException {
    fillTables();
    var failures = new AtomicInteger();
    var disk =
        new PassingDisk(Os.real().disk()) {
          @Override
          public List<Path> list(Path directory) throws IOException {
            if (directory.endsWith("spool") && failures.getAndIncrement() == 0) {
              throw new IllegalStateException("a bug");
            }
            return super.list(directory);
          }
        };
    try (var spool = open(disk)) {
      for (Path table : tables()) {
        flip(table, 0.05);
      }
      Eventually.eventually(
          "the damage is met, and the second attempt succeeds",
          () -> readable(spool) > MAILS / 2 && failures.get() > 1);
    }
  }

  /// When the engine merges tables, it meets the damage as well, and then writes nothing any more.
  @Test
  void tablesThatAreDueToBeMergedAreRepaired() throws Exception {
    fillTables();
    open().close();
    Path oldest;
    try (var engine = engine()) {
      oldest = engine.tables(Engine.Family.RECORDS).getFirst();
      assertThat(engine.tables(Engine.Family.RECORDS)).hasSize(Tuning.TABLES_TO_MERGE - 1);
    }
    try (var spool = open()) {
      commit(spool, content(10, 1), 1);
    }
    flip(oldest, 0.05);
    try (var spool = open()) {
      Eventually.eventually("the spool is repaired", () -> accepts(spool) && repaired());
      assertThat(listed(spool)).hasSizeGreaterThan(MAILS / 2);
    }
  }

  private boolean repaired() {
    try (var files = Files.newDirectoryStream(data, "damaged-2*")) {
      return files.iterator().hasNext();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The sizes of files are compared when the engine opens, and not when it is lenient.
  @Test
  void whatIsDamagedMeanwhileDoesNotCostWhatWasRecovered() throws Exception {
    fillTables();
    Path contents;
    try (var engine = engine()) {
      contents = engine.tables(Engine.Family.BODY).getFirst();
      Files.delete(engine.tables(Engine.Family.TRACE).getFirst());
    }
    var openings = new AtomicInteger();
    var disk =
        new PassingDisk(Os.real().disk()) {
          @Override
          public void makeDirectory(Path directory) throws IOException {
            super.makeDirectory(directory);
            // In order; with a damaged log; with damaged tables; in order, after the repair.
            if (directory.endsWith("spool") && openings.incrementAndGet() == 4) {
              Files.write(contents, new byte[100], StandardOpenOption.APPEND);
            }
          }
        };
    try (var spool = open(disk)) {
      assertThat(openings).hasValue(5);
      assertThat(listed(spool)).hasSize(MAILS);
      assertThat(spool.usage().mails()).isEqualTo(MAILS);
      commit(spool, content(10, 1), 1);
    }
    // It is not in order: the next start finds the same damage, and keeps no second copy.
    assertThat(keptAside()).containsExactly(data.resolve("damaged-now"));
  }

  @Test
  void withoutRoomForACopyWhatIsNotDamagedIsDelivered() throws Exception {
    fillTables();
    try (var engine = engine()) {
      flip(engine.tables(Engine.Family.BODY).getFirst(), 0.05);
    }
    var disk =
        new PassingDisk(Os.real().disk()) {
          @Override
          public long usableBytes(Path path) {
            return 0;
          }
        };
    try (var spool = open(disk)) {
      Eventually.eventually("most can be read", () -> readable(spool) > MAILS / 2);
      // The damage was met again meanwhile, and nobody closes the spool for it.
      assertThat(readable(spool)).isGreaterThan(MAILS / 2);
      assertThat(listed(spool)).hasSize(MAILS);
    }
    assertThat(keptAside()).isEmpty();
  }

  @Test
  void whatThereWasNoRoomToRepairIsRepairedAnHourLater() throws Exception {
    fillTables();
    try (var engine = engine()) {
      flip(engine.tables(Engine.Family.BODY).getFirst(), 0.05);
    }
    var usable = new AtomicLong();
    var disk =
        new PassingDisk(Os.real().disk()) {
          @Override
          public long usableBytes(Path path) {
            return usable.get();
          }
        };
    var ahead = new AtomicReference<>(Duration.ZERO);
    var time =
        new PassingTime(Os.real().time()) {
          @Override
          public long nanos() {
            return super.nanos() + ahead.get().toNanos();
          }
        };
    try (var spool = open(disk, time)) {
      Eventually.eventually("most can be read", () -> readable(spool) > MAILS / 2);
      assertThat(keptAside()).isEmpty();
      usable.set(Long.MAX_VALUE);
      ahead.set(Duration.ofMinutes(61));
      Eventually.eventually("it is repaired", () -> accepts(spool) && isKeptAside());
    }
  }

  @Test
  void withoutRoomForACopyTablesThatAreDueToBeMergedStopNothing() throws Exception {
    fillTables();
    open().close();
    Path oldest;
    try (var engine = engine()) {
      oldest = engine.tables(Engine.Family.RECORDS).getFirst();
      assertThat(engine.tables(Engine.Family.RECORDS)).hasSize(Tuning.TABLES_TO_MERGE - 1);
    }
    try (var spool = open()) {
      commit(spool, content(10, 1), 1);
    }
    flip(oldest, 0.5);
    var openings = new AtomicInteger();
    var disk =
        new PassingDisk(Os.real().disk()) {
          @Override
          public void makeDirectory(Path directory) throws IOException {
            super.makeDirectory(directory);
            if (directory.endsWith("spool")) {
              openings.incrementAndGet();
            }
          }

          @Override
          public long usableBytes(Path path) {
            return LocalSpoolTest.SETTINGS.reserve();
          }
        };
    try (var spool = open(disk)) {
      Eventually.eventually("a merge has met it", () -> !taken(spool));
      Eventually.eventually("it was opened anew", () -> taken(spool));
      int before = openings.get();
      for (int i = 0; i < 500; i++) {
        commit(spool, content(10, 1), 1);
      }
      assertThat(openings).hasValue(before);
    }
  }

  private static boolean taken(Spool spool) {
    try {
      commit(spool, content(10, 1), 1);
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  private int readable(Spool spool) {
    int readable = 0;
    for (Mail mail : mails) {
      try {
        assertThat(Mails.read(spool.content(mail))).isEqualTo(contents.get(mail.id()));
        readable++;
      } catch (IOException _) {
        // Damaged, or the spool is being examined.
      }
    }
    return readable;
  }

  @Test
  void nobodyWaitsWhileTheSpoolIsBeingRepaired() throws Exception {
    fillTables();
    var blocking = new AtomicBoolean();
    var reached = new CountDownLatch(1);
    var leave = new CountDownLatch(1);
    var disk =
        new PassingDisk(Os.real().disk()) {
          @Override
          public void makeDirectory(Path directory) throws IOException {
            if (directory.endsWith("spool") && blocking.get()) {
              reached.countDown();
              try {
                leave.await();
              } catch (InterruptedException e) {
                throw new IOException(e);
              }
            }
            super.makeDirectory(directory);
          }
        };
    try (var spool = open(disk)) {
      blocking.set(true);
      for (Path table : tables()) {
        flip(table, 0.05);
      }
      readable(spool);
      reached.await();
      try {
        assertThatThrownBy(() -> commit(spool, content(10, 1), 1))
            .hasMessageContaining("out of order");
        assertThat(spool.problem())
            .hasValueSatisfying(
                problem -> {
                  assertThat(problem.full()).isFalse();
                  assertThat(problem.text()).startsWith("The spool is out of order: ");
                });
      } finally {
        leave.countDown();
      }
      Eventually.eventually("mail is accepted again", () -> accepts(spool));
    }
  }

  private static boolean accepts(Spool spool) {
    try {
      commit(spool, content(10, 1), 1);
      return true;
    } catch (SpoolException _) {
      return false;
    }
  }

  private boolean isKeptAside() {
    try {
      return !keptAside().isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private LocalSpool open(Disk disk) throws IOException {
    return open(disk, Os.real().time());
  }

  private LocalSpool open(Disk disk, Time time) throws IOException {
    return LocalSpool.open(
        with(time, disk), data, LocalSpoolTest.SETTINGS, LocalSpoolTest.TRACE, 1 << 20);
  }

  private static Os with(Time time, Disk disk) {
    var real = Os.real();
    return new Os(time, real.network(), real.tasks(), real.chance(), disk);
  }
}
