package dev.poststation.spool;

import static dev.poststation.spool.Mails.move;
import static dev.poststation.spool.Mails.removal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import dev.poststation.spool.Engine.Family;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Damage to a young table, whose few entries lie far apart: between them are those of old tables,
/// which the engine, as it merges all of them, cannot read past the damage.
class YoungTableTest extends DamagedSpool {
  private static final double FIRST_BLOCK = 20;

  /// What happens to the spool before the young table is made.
  private interface Change {
    void to(LocalSpool spool) throws IOException;
  }

  /// Makes a young table of a change.
  private Path youngTable(Family family, Change change) throws Exception {
    fillTables();
    try (var spool = open()) {
      change.to(spool);
    }
    try (var engine = engine()) {
      assertThat(engine.tables(family)).hasSizeGreaterThan(1);
      return engine.tables(family).getLast();
    }
  }

  private static void defer(LocalSpool spool, Mail mail, int number) {
    var due = new Placement.Deferred(Mails.ARRIVED.plus(Duration.ofSeconds(number)));
    spool.settle(move(mail, placement(number), due));
  }

  private static Placement placement(int number) {
    return number % 3 == 0 ? new Placement.Deferred(Mails.ARRIVED) : Placement.INCOMING;
  }

  private static void damage(Path table, double octet) throws IOException {
    flip(table, octet / Files.size(table));
  }

  private void assertAllMailIsThere() throws IOException {
    for (int opening = 0; opening < 2; opening++) {
      try (var spool = open()) {
        assertThat(listed(spool)).hasSameElementsAs(contents.keySet()).hasSize(MAILS);
        for (Mail mail : mails) {
          assertThat(spool.load(mail.id())).isPresent();
          assertThat(Mails.read(spool.content(mail))).isEqualTo(contents.get(mail.id()));
        }
        assertThat(spool.usage().mails()).isEqualTo(MAILS);
        assertThat(spool.usage().corrupt()).isZero();
      }
    }
    assertThat(keptAside()).hasSize(1);
  }

  @Test
  void itsOnlyBlockHidesNothingOfOtherTables() throws Exception {
    damage(youngTable(Family.RECORDS, spool -> defer(spool, mails.getLast(), 1)), FIRST_BLOCK);
    assertAllMailIsThere();
  }

  /// The first block has entries of the index; in the middle is a block of the mails.
  @Test
  void noneOfItsBlocksHidesAnythingOfOtherTables() throws Exception {
    Path table =
        youngTable(
            Family.RECORDS,
            spool -> {
              for (int i = 0; i < MAILS; i += 2) {
                defer(spool, mails.get(i), i);
              }
            });
    damage(table, FIRST_BLOCK);
    damage(table, Files.size(table) / 2.0);
    assertAllMailIsThere();
  }

  @Test
  void aBlockOfAnOldTableInTheSameRangeCostsOnlyWhatIsInIt() throws Exception {
    damage(youngTable(Family.RECORDS, spool -> defer(spool, mails.getLast(), 1)), FIRST_BLOCK);
    try (var engine = engine()) {
      flip(engine.tables(Family.RECORDS).getFirst(), 0.5);
    }
    try (var spool = open()) {
      assertThat(listed(spool)).hasSizeBetween(MAILS - 60, MAILS - 1);
      assertThat(listed(spool)).hasSize(MAILS - (int) spool.usage().corrupt());
      for (QueueId id : listed(spool)) {
        assertThat(spool.load(id)).isPresent();
      }
    }
  }

  @Test
  void mailThatWasRemovedStaysSoAsFarAsThatCanBeKnown() throws Exception {
    Path table =
        youngTable(
            Family.RECORDS,
            spool -> {
              for (int i = 0; i < MAILS; i += 2) {
                spool.settle(removal(mails.get(i), placement(i)));
                contents.remove(mails.get(i).id());
              }
            });
    damage(table, FIRST_BLOCK);
    try (var spool = open()) {
      assertThat(listed(spool)).hasSameElementsAs(contents.keySet()).hasSize(MAILS / 2);
      assertThat(spool.usage().corrupt()).isZero();
    }
    assertThat(keptAside()).hasSize(1);
  }

  @Test
  void ofContentsItHidesNothingEither() throws Exception {
    Path table =
        youngTable(
            Family.BODY,
            spool -> {
              spool.settle(removal(mails.removeFirst(), placement(0)));
              spool.settle(removal(mails.removeLast(), placement(MAILS - 1)));
            });
    damage(table, FIRST_BLOCK);
    try (var engine = engine()) {
      assertThat(Rescue.damaged(engine)).containsExactly(Family.BODY);
      Rescue.renew(engine, Set.of(Family.BODY), Os.real().time());
      assertThat(Rescue.damaged(engine)).isEmpty();
    }
    try (var spool = open()) {
      for (Mail mail : mails) {
        assertThat(Mails.read(spool.content(mail))).isEqualTo(contents.get(mail.id()));
      }
    }
  }
}
