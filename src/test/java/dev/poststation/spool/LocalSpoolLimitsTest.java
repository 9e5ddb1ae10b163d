package dev.poststation.spool;

import static dev.poststation.spool.Mails.bytes;
import static dev.poststation.spool.Mails.commit;
import static dev.poststation.spool.Mails.content;
import static dev.poststation.spool.Mails.move;
import static dev.poststation.spool.Mails.removal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.config.SpoolSettings;
import dev.poststation.config.TraceSettings;
import dev.poststation.message.Content;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import dev.poststation.sim.Eventually;
import dev.poststation.sim.PassingTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;

/// What the local spool does at its limits, and before it opens.
class LocalSpoolLimitsTest {
  private static final SpoolSettings SETTINGS = LocalSpoolTest.SETTINGS;
  private static final TraceSettings TRACE = LocalSpoolTest.TRACE;

  @TempDir Path data;

  private LocalSpool open(SpoolSettings settings, long bodyMemory) throws IOException {
    return LocalSpool.open(Os.real(), data, settings, TRACE, bodyMemory);
  }

  private LocalSpool open() throws IOException {
    return open(SETTINGS, 1 << 20);
  }

  @Test
  void aSecondSpoolInTheSameDirectoryIsRefused() throws IOException {
    try (var _ = open()) {
      assertThatThrownBy(this::open)
          .isInstanceOf(SpoolException.class)
          .hasMessageContaining("is in use by another running relay");
    }
    open().close();
  }

  @Test
  void closingTwiceHasNoEffectAndReadingAfterItFails() throws IOException {
    var spool = open();
    spool.close();
    spool.close();
    assertThatThrownBy(() -> spool.load(new QueueId(1))).hasMessageContaining("is closed");
    spool.usage();
    assertProblem(spool, false, "is closed");
    open().close();
  }

  private static void assertProblem(Spool spool, boolean full, String text) {
    assertThat(spool.problem())
        .hasValueSatisfying(
            problem -> {
              assertThat(problem.full()).isEqualTo(full);
              assertThat(problem.text()).contains(text);
            });
  }

  @Test
  void aDirectoryThatCannotBeWrittenIsNamed() throws IOException {
    Path file = data.resolve("file");
    Files.writeString(file, "x");
    data = file.resolve("spool");
    assertThatThrownBy(this::open)
        .isInstanceOf(SpoolException.class)
        .hasMessageContaining("The directory " + data + " cannot be made or written");
  }

  @Test
  void aSpoolOfANewerProgramIsRefused() throws Exception {
    open().close();
    format(Format.KNOWN + 1);
    assertThatThrownBy(this::open)
        .isInstanceOf(SpoolException.class)
        .hasMessageContaining(
            "has format " + (Format.KNOWN + 1) + ", which this program does not know");
  }

  @Test
  void aSpoolOfAnOlderProgramIsReadAndThenHasTheFormatOfThisOne() throws Exception {
    open().close();
    format(1);
    open().close();
    try (var engine = LocalSpoolTest.ENGINES.open(data.resolve("spool"), Engines.Care.STRICT)) {
      assertThat(engine.get(Engine.Family.RECORDS, Keys.FORMAT)).containsExactly(Format.KNOWN);
    }
  }

  private void format(int number) throws Exception {
    try (var engine = LocalSpoolTest.ENGINES.open(data.resolve("spool"), Engines.Care.STRICT);
        var changes = engine.changes()) {
      changes.put(Engine.Family.RECORDS, Keys.FORMAT, new byte[] {(byte) number});
      changes.write(true);
    }
  }

  @Test
  void aFirstStartMayBeKilledAnywhere() throws Exception {
    Files.createDirectories(data.resolve("spool"));
    LocalSpoolTest.ENGINES.loadLibrary(data.resolve("native"));
    try (var options = new Options().setCreateIfMissing(true);
        var database = RocksDB.open(options, data.resolve("spool").toString());
        var _ = database.createColumnFamily(new ColumnFamilyDescriptor(bytes("records.1")))) {
      assertThat(database.getName()).isNotEmpty();
    }
    try (var spool = open()) {
      Mail mail = commit(spool, bytes("x"), 1);
      assertThat(spool.load(mail.id())).isPresent();
      assertThat(spool.problem()).isEmpty();
    }
  }

  @Test
  void idsGrowAlsoWhenTheClockWasSetBack() throws IOException {
    QueueId last;
    try (var spool = open()) {
      Mail mail = commit(spool, bytes("x"), 1);
      spool.settle(removal(mail, Placement.INCOMING));
      spool.incoming(
          QueueId.FIRST, 1); // The removal is written: no later batch takes the id along.
      last = spool.nextId();
    }
    var real = Os.real();
    var anHourLate =
        new PassingTime(real.time()) {
          @Override
          public Instant now() {
            return super.now().minus(Duration.ofHours(1));
          }
        };
    var past = new Os(anHourLate, real.network(), real.tasks(), real.chance(), real.disk());
    try (var spool = LocalSpool.open(past, data, SETTINGS, TRACE, 1 << 20)) {
      assertThat(spool.nextId()).isGreaterThan(last);
    }
  }

  @Test
  void belowTheReserveNewMailIsRefusedAndSettlementsAreNot() throws IOException {
    Mail mail;
    try (var spool = open()) {
      mail = commit(spool, bytes("x"), 1);
    }
    try (var spool = open(new SpoolSettings(Long.MAX_VALUE, 1L << 40, 64 << 20), 1 << 20)) {
      assertProblem(spool, true, "spool.reserve");
      assertFull(() -> commit(spool, bytes("y"), 1), "spool.reserve");
      assertFull(() -> commit(spool, content(300_000, 1), 1), "spool.reserve");
      var notice =
          new Settlement.Notice(
              Mails.of(spool.nextId(), 1, 1, 1), bytes("n"), List.of(), new byte[0]);
      spool.settle(
          new Settlement(mail, Placement.INCOMING, null, List.of(), List.of(notice), List.of()));
      spool.sync();
      assertThat(spool.load(mail.id())).isEmpty();
      assertThat(spool.incoming(QueueId.FIRST, 10)).containsExactly(notice.mail().id());
      assertThat(spool.usage().mails()).isEqualTo(1);
    }
  }

  @Test
  void withLessThanTwiceTheReserveMailIsTakenAndNothingElseIsWelcome() throws IOException {
    try (var spool = open()) {
      commit(spool, bytes("x"), 1);
      assertThat(spool.isScarce()).isFalse();
    }
    long reserve = Os.real().disk().usableBytes(data) / 3 * 2;
    try (var spool = open(new SpoolSettings(reserve, 1L << 40, 64 << 20), 1 << 20)) {
      commit(spool, bytes("y"), 1);
      assertThat(spool.isScarce()).isTrue();
      assertThat(spool.problem()).isEmpty();
    }
  }

  @Test
  void aboveItsGreatestSizeNewMailIsRefused() throws IOException {
    try (var spool = open(new SpoolSettings(1 << 20, 5 << 20, 64 << 20), 1 << 20)) {
      assertFull(
          () -> {
            for (int i = 0; i < 2000; i++) {
              commit(spool, content(60_000, i), 1);
            }
          },
          "spool.size-max");
      assertProblem(spool, true, "spool.size-max");
      assertThat(spool.usage().bytesOnDisk()).isBetween(5L << 20, 100L << 20);
    }
  }

  @Test
  void aSpoolThatWasFullHasRoomWhenItsMailHasLeft() throws IOException {
    var real = Os.real();
    var aSecondIsTwoMinutes =
        new PassingTime(real.time()) {
          @Override
          public long nanos() {
            return 120 * super.nanos();
          }
        };
    var hasty =
        new Os(aSecondIsTwoMinutes, real.network(), real.tasks(), real.chance(), real.disk());
    var settings = new SpoolSettings(1 << 20, 5 << 20, 64 << 20);
    var mails = new ArrayList<Mail>();
    try (var spool = LocalSpool.open(hasty, data, settings, TRACE, 1 << 20)) {
      assertFull(
          () -> {
            for (int i = 0; i < 2000; i++) {
              mails.add(commit(spool, content(60_000, i), 1));
            }
          },
          "spool.size-max");
      mails.forEach(mail -> spool.settle(removal(mail, Placement.INCOMING)));
      Eventually.eventually("there is room again", () -> accepts(spool));
    }
  }

  private static boolean accepts(Spool spool) {
    try {
      commit(spool, bytes("x"), 1);
      return true;
    } catch (SpoolException _) {
      return false;
    }
  }

  private static void assertFull(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable action, String why) {
    assertThatThrownBy(action)
        .isInstanceOfSatisfying(SpoolException.class, e -> assertThat(e.full()).isTrue())
        .hasMessageContaining(why);
  }

  @Test
  void aRefusedMailLeavesNothing() throws IOException {
    QueueId id;
    try (var spool = open(new SpoolSettings(Long.MAX_VALUE, 1L << 40, 64 << 20), 1 << 20)) {
      id = spool.nextId();
      assertThatThrownBy(() -> commit(spool, id, content(300_000, 1), 1))
          .isInstanceOf(SpoolException.class);
    }
    try (var spool = open()) {
      assertThat(spool.load(id)).isEmpty();
      var mail = Mails.of(id, 300_000, 5, 1);
      assertThatThrownBy(() -> spool.content(mail).chunk(0)).hasMessageContaining("is gone");
    }
  }

  @Test
  void contentIsReadBackWhenTheMemoryIsUsedUp() throws IOException {
    try (var spool = open(SETTINGS, 25_000)) {
      var mails = new ArrayList<Mail>();
      var contents = new ArrayList<Content>();
      for (int i = 0; i < 4; i++) {
        QueueId id = spool.nextId();
        try (var draft = spool.draft(id)) {
          draft.write(content(10_000, i), 0, 10_000);
          mails.add(Mails.of(id, 10_000, 1, 1));
          contents.add(draft.commit(mails.get(i), List.of()));
        }
        assertThat(Mails.read(contents.get(i))).isEqualTo(content(10_000, i));
      }
      assertThat(contents.get(0)).hasSameClassAs(contents.get(1));
      assertThat(contents.get(2)).doesNotHaveSameClassAs(contents.get(1));
      assertThat(contents.get(3)).hasSameClassAs(contents.get(2));
      spool.settle(move(mails.get(0), Placement.INCOMING, Placement.HELD));
      var id = spool.nextId();
      try (var draft = spool.draft(id)) {
        draft.write(content(10_000, 9), 0, 10_000);
        var again = draft.commit(Mails.of(id, 10_000, 1, 1), List.of());
        assertThat(again).hasSameClassAs(contents.get(0));
      }
      spool.letGo(mails.get(1).id());
      var last = spool.nextId();
      try (var draft = spool.draft(last)) {
        draft.write(content(10_000, 10), 0, 10_000);
        var again = draft.commit(Mails.of(last, 10_000, 1, 1), List.of());
        assertThat(again).hasSameClassAs(contents.get(0));
      }
    }
  }

  @Test
  void anInterruptDoesNotEndTheWaitForTheDisk() throws IOException {
    try (var spool = open()) {
      Thread.currentThread().interrupt();
      Mail mail = commit(spool, content(200_000, 1), 1);
      assertThat(Thread.interrupted()).isTrue();
      Thread.currentThread().interrupt();
      assertThat(spool.load(mail.id())).isPresent();
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void aSettlementIsSyncedWithinASecondOfIdleness() throws Exception {
    try (var spool = open()) {
      Mail mail = commit(spool, bytes("x"), 1);
      long syncs = spool.usage().syncs();
      spool.settle(removal(mail, Placement.INCOMING));
      long until = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (spool.usage().syncs() == syncs && System.nanoTime() < until) {
        Thread.onSpinWait();
      }
      assertThat(spool.usage().syncs()).isEqualTo(syncs + 1);
    }
  }

  @Test
  void manySessionsShareASync() throws Exception {
    try (var spool = open()) {
      var threads = new ArrayList<Thread>();
      for (int i = 0; i < 50; i++) {
        threads.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        for (int mail = 0; mail < 20; mail++) {
                          commit(spool, content(1000, mail), 1);
                        }
                      } catch (SpoolException e) {
                        throw new IllegalStateException(e);
                      }
                    }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(spool.usage().commits()).isEqualTo(1000);
      assertThat(spool.usage().syncs()).isLessThan(500);
    }
  }
}
