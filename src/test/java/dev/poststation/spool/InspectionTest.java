package dev.poststation.spool;

import static dev.poststation.spool.Mails.bytes;
import static dev.poststation.spool.Mails.commit;
import static dev.poststation.spool.Mails.content;
import static dev.poststation.spool.Mails.move;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.spool.Engine.Family;
import dev.poststation.spool.Upkeep.Counters;
import dev.poststation.spool.Upkeep.Finding;
import dev.poststation.spool.Upkeep.Findings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.rocksdb.RocksDBException;

/// What a check of the spool finds, and what it does about it.
class InspectionTest extends DamagedSpool {
  private static Findings check(Spool spool) throws SpoolException {
    return spool.upkeep().check(_ -> {});
  }

  private static void assertClean(Spool spool) throws SpoolException {
    var findings = check(spool);
    assertThat(findings.found()).isEmpty();
    assertThat(findings.foundInAll()).isZero();
    assertThat(findings.counters()).isEqualTo(Counters.RIGHT);
  }

  /// Changes records behind the spool's back.
  private interface Change {
    void to(Engine.Changes changes) throws RocksDBException, SpoolException;
  }

  private void change(Change change) throws Exception {
    try (var engine = engine();
        var changes = engine.changes()) {
      change.to(changes);
      changes.write(true);
    }
  }

  private Mail one(Placement place) throws IOException {
    try (var spool = open()) {
      Mail mail = commit(spool, content(150_000, 1), 2);
      if (!place.equals(Placement.INCOMING)) {
        spool.settle(move(mail, Placement.INCOMING, place));
      }
      commit(spool, content(100, 2), 1);
      return mail;
    }
  }

  @Test
  void whatIsInOrderIsReadAndCounted() throws IOException {
    FormerDataTest.unpack(Path.of("src/test/resources/data/format-1.zip"), data);
    try (var spool = open()) {
      var findings = check(spool);
      assertThat(findings.found()).isEmpty();
      assertThat(findings.counters()).isEqualTo(Counters.RIGHT);
      assertThat(findings.mails()).isEqualTo(10);
      assertThat(findings.recipients()).isEqualTo(1 + 2 + 1 + 120 + 1 + 3 + 1 + 1 + 1);
      assertThat(findings.chunks()).isEqualTo(10);
      assertThat(findings.octets()).isEqualTo(63 + 151_200 + 189 + 63 + 78 + 111 + 18 + 63);
      assertThat(findings.traces()).isEqualTo(15);
      assertThat(findings.asideBefore())
          .extracting(Finding::what)
          .containsExactly("a chunk of its content is missing");
    }
  }

  @Test
  void anEmptySpoolIsInOrder() throws IOException {
    try (var spool = open()) {
      assertClean(spool);
    }
  }

  @Test
  void aMailWhoseContentIsDamagedIsSetAsideThoughNobodyAskedForIt() throws Exception {
    fillTables();
    flip(largest(".blob"), 0.5);
    try (var spool = open()) {
      var findings = check(spool);
      assertThat(findings.found()).hasSize(1);
      assertThat(findings.found().getFirst().done()).isEqualTo("set aside");
      assertThat(findings.foundInAll()).isEqualTo(1);
      assertThat(findings.counters()).isEqualTo(Counters.RIGHT);
      assertThat(listed(spool)).hasSize(MAILS - 1);
      assertThat(spool.usage().corrupt()).isEqualTo(1);
      findings = check(spool);
      assertThat(findings.found()).isEmpty();
      assertThat(findings.asideBefore()).hasSize(1);
    }
    try (var spool = open()) {
      assertClean(spool);
      assertThat(spool.usage().mails()).isEqualTo(MAILS - 1);
    }
  }

  @Test
  void aMailWithoutAChunkIsSetAside() throws Exception {
    Mail mail = one(Placement.HELD);
    change(changes -> changes.delete(Family.BODY, Keys.chunk(mail.id().value(), 1)));
    assertAside(mail, "chunk 1 of its content is missing");
  }

  @Test
  void aMailWithoutItsLastChunkIsSetAside() throws Exception {
    Mail mail = one(Placement.INCOMING);
    change(changes -> changes.delete(Family.BODY, Keys.chunk(mail.id().value(), 2)));
    assertAside(mail, "its content has 2 chunks of 3");
  }

  @Test
  void aMailWhoseChunkIsTooShortIsSetAside() throws Exception {
    Mail mail = one(new Placement.Parked("next"));
    byte[] key = Keys.chunk(mail.id().value(), 1);
    change(changes -> changes.put(Family.BODY, key, new byte[9]));
    assertAside(mail, "chunk 1 of its content has 9 octets");
  }

  @Test
  void aMailWithAnotherSizeIsSetAside() throws Exception {
    Mail mail = one(Placement.INCOMING);
    byte[] key = Keys.chunk(mail.id().value(), 2);
    change(changes -> changes.put(Family.BODY, key, new byte[9]));
    assertAside(mail, "its content has 131081 octets of 150000");
  }

  @Test
  void aMailThatCannotBeUnderstoodIsSetAside() throws Exception {
    Mail mail = one(new Placement.Deferred(Mails.ARRIVED));
    byte[] key = Keys.mail(mail.id().value(), Keys.PART_HEAD);
    change(changes -> changes.put(Family.RECORDS, key, new byte[] {1, 0}));
    assertAside(mail, "ends at octet 2 in the middle of a field");
  }

  @Test
  void aListedMailWithoutEnvelopeIsSetAside() throws Exception {
    Mail mail = one(new Placement.Deferred(Mails.ARRIVED));
    change(
        changes -> {
          long id = mail.id().value();
          changes.delete(Family.RECORDS, Keys.mail(id, Keys.PART_HEAD));
          changes.delete(Family.RECORDS, Keys.mail(id, Keys.PART_PLACE));
        });
    assertAside(mail, "its envelope is missing");
  }

  private void assertAside(Mail mail, String reason) throws IOException {
    try (var spool = open()) {
      var findings = check(spool);
      assertThat(findings.found())
          .contains(new Finding(Optional.of(mail.id()), reason, "set aside"));
      assertThat(findings.counters()).isEqualTo(Counters.RIGHT);
      assertThat(spool.load(mail.id())).isEmpty();
      assertThat(listed(spool)).hasSize(1);
      assertThat(spool.usage().mails()).isEqualTo(1);
    }
    try (var spool = open()) {
      assertClean(spool);
      assertThat(spool.usage().corrupt()).isEqualTo(1);
    }
  }

  @Test
  void aMailThatNoPlaceListsIsListedAgain() throws Exception {
    Mail mail = one(Placement.HELD);
    change(
        changes -> {
          changes.delete(Family.RECORDS, Keys.index(Keys.HELD, mail.id().value()));
          changes.put(Family.RECORDS, Keys.TALLY, new Tally(1000, 1, 0).encode());
        });
    try (var spool = open()) {
      var findings = check(spool);
      assertThat(findings.found()).extracting(Finding::done).containsExactly("listed", "corrected");
      assertThat(findings.counters()).isEqualTo(Counters.CORRECTED);
      assertThat(spool.held(QueueId.FIRST, 10)).containsExactly(mail.id());
      assertThat(spool.usage().mails()).isEqualTo(2);
      assertClean(spool);
    }
    try (var spool = open()) {
      assertClean(spool);
      assertThat(spool.held(QueueId.FIRST, 10)).containsExactly(mail.id());
    }
  }

  @Test
  void anIncomingMailThatIsNotListedIsTakenUpAtTheNextStart() throws Exception {
    Mail mail = one(Placement.INCOMING);
    change(
        changes ->
            changes.singleDelete(Family.RECORDS, Keys.index(Keys.INCOMING, mail.id().value())));
    try (var spool = open()) {
      assertThat(check(spool).found())
          .extracting(Finding::done)
          .contains("listed; taken up at the next start of the relay");
      spool.settle(Mails.removal(mail, Placement.INCOMING));
    }
    try (var spool = open()) {
      assertThat(listed(spool)).hasSize(1).doesNotContain(mail.id());
      assertClean(spool);
    }
  }

  /// Malware must not be delivered because a record is lost.
  @Test
  void aMailThatWaitsForSomebodyAndHasLostItsPlaceIsSetAside() throws Exception {
    Mail held = one(Placement.HELD);
    Mail kept = one(new Placement.Quarantined(Mails.ARRIVED.plusSeconds(1_000_000)));
    change(
        changes -> {
          changes.delete(Family.RECORDS, Keys.mail(held.id().value(), Keys.PART_PLACE));
          changes.delete(Family.RECORDS, Keys.mail(kept.id().value(), Keys.PART_PLACE));
        });
    try (var spool = open()) {
      assertThat(check(spool).found())
          .extracting(Finding::what)
          .containsExactly(
              "it waited for somebody, and the record of its place is missing",
              "it waited for somebody, and the record of its place is missing");
      assertThat(spool.usage().corrupt()).isEqualTo(2);
    }
    try (var spool = open()) {
      assertClean(spool);
      assertThat(listed(spool)).doesNotContain(held.id(), kept.id());
    }
  }

  @Test
  void anEntryOfAPlaceThatTheMailIsNotInIsRemoved() throws Exception {
    Mail mail = one(Placement.HELD);
    byte[] stray = Keys.parked("next", mail.id().value());
    change(changes -> changes.put(Family.RECORDS, stray, new byte[0]));
    try (var spool = open()) {
      var findings = check(spool);
      assertThat(findings.found())
          .containsExactly(
              new Finding(
                  Optional.of(mail.id()),
                  "a place lists it that it is not in",
                  "no longer listed there"));
      assertThat(spool.parkedDestinations()).isEmpty();
      assertThat(spool.held(QueueId.FIRST, 10)).containsExactly(mail.id());
      assertClean(spool);
    }
  }

  @Test
  void whatIsLeftOfMailThatIsGoneIsRemoved() throws Exception {
    Mail mail = one(Placement.HELD);
    long gone = mail.id().value() - 7;
    change(
        changes -> {
          changes.put(Family.BODY, Keys.chunk(gone, 0), bytes("left"));
          changes.put(Family.BODY, Keys.chunk(gone, 1), bytes("over"));
          changes.put(Family.BODY, Keys.chunk(mail.id().value(), 3), bytes("!"));
          byte[] state = Keys.mail(gone, Keys.PART_STATE, 0);
          changes.put(Family.RECORDS, state, bytes("state"));
        });
    try (var spool = open()) {
      assertThat(check(spool).found())
          .extracting(Finding::what)
          .containsExactly(
              "1 records of a mail that is gone", "3 chunks of contents of mails that are gone");
      assertClean(spool);
      assertThat(Mails.read(spool.content(mail))).isEqualTo(content(150_000, 1));
    }
  }

  @Test
  void aWrongCounterIsCorrected() throws Exception {
    one(Placement.INCOMING);
    change(changes -> changes.put(Family.RECORDS, Keys.TALLY, new Tally(1000, 77, 0).encode()));
    try (var spool = open()) {
      assertThat(spool.usage().mails()).isEqualTo(77);
      assertThat(check(spool).found())
          .extracting(Finding::what)
          .containsExactly("the counter says 77 mails, but there are 2");
    }
    try (var spool = open()) {
      assertThat(spool.usage().mails()).isEqualTo(2);
      assertClean(spool);
    }
  }

  @Test
  void recordsThatNobodyKnowsAndTracesThatCannotBeReadAreTold() throws Exception {
    Mail mail = one(Placement.INCOMING);
    change(
        changes -> {
          changes.put(Family.RECORDS, bytes("z"), bytes("?"));
          changes.put(Family.TRACE, Keys.trace(mail.id().value(), 1), bytes("?"));
        });
    try (var spool = open()) {
      assertThat(check(spool).found())
          .extracting(Finding::what)
          .containsExactly(
              "1 records of a kind that this program does not know",
              "an entry of its trace cannot be read");
    }
  }

  @Test
  void aDamagedTableIsRepairedAndReadOn() throws Exception {
    fillTables();
    for (Path table : tables()) {
      flip(table, 0.1);
    }
    try (var spool = open()) {
      var findings = check(spool);
      assertThat(findings.found())
          .anySatisfy(finding -> assertThat(finding.what()).startsWith("files were damaged"));
      assertThat(keptAside()).isNotEmpty();
      assertClean(spool);
      assertThat(listed(spool)).hasSizeGreaterThan(MAILS / 2);
    }
  }

  /// Where everything moves all the time nothing seems wrong that is not.
  @Test
  void mailThatComesAndGoesMeanwhileIsNotTakenForDamage() throws Exception {
    try (var spool = open()) {
      for (int i = 0; i < 300; i++) {
        commit(spool, content(70_000, i), 2);
      }
      var ending = new AtomicBoolean();
      var rounds = new AtomicLong();
      var movers = new ArrayList<Thread>();
      for (int i = 0; i < 3; i++) {
        movers.add(Thread.ofPlatform().start(() -> comeAndGo(spool, ending, rounds)));
      }
      List<Findings> all = new ArrayList<>();
      while (all.size() < 10 || rounds.get() < 200) {
        all.add(check(spool));
      }
      ending.set(true);
      for (Thread mover : movers) {
        mover.join();
      }
      assertThat(all).allSatisfy(each -> assertThat(each.found()).isEmpty());
      assertClean(spool);
    }
  }

  private static void comeAndGo(Spool spool, AtomicBoolean ending, AtomicLong rounds) {
    try {
      for (int i = 0; !ending.get(); i++) {
        Mail mail = commit(spool, content(70_000, i), 60);
        var deferred = new Placement.Deferred(Mails.ARRIVED.plusNanos(i));
        spool.settle(move(mail, Placement.INCOMING, deferred, Mails.delivered(3)));
        spool.settle(move(mail, deferred, Placement.HELD));
        spool.settle(move(mail, Placement.HELD, new Placement.Parked("next")));
        spool.settle(Mails.removal(mail, new Placement.Parked("next")));
        spool.sync();
        rounds.incrementAndGet();
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void progressIsTold() throws IOException {
    fill();
    var told = new ArrayList<Long>();
    try (var spool = open()) {
      spool.upkeep().check(told::add);
    }
    assertThat(told).isSorted().contains((long) MAILS);
    assertThat(Files.exists(data.resolve(DataDirectory.CHECKPOINT))).isFalse();
  }
}
