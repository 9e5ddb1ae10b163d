package dev.poststation.spool;

import static dev.poststation.spool.Mails.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.os.Os;
import dev.poststation.spool.Engine.Changes;
import dev.poststation.spool.Engine.Family;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rocksdb.RocksDBException;

/// What every engine promises; run on the real one and on its simulated twin.
abstract class EngineContract {
  private static final byte[] NOTHING = {};

  Engine engine;

  /// Opens what the last engine left.
  abstract Engine open() throws Exception;

  @BeforeEach
  final void begin() throws Exception {
    engine = open();
  }

  @AfterEach
  final void end() {
    engine.close();
  }

  private void reopen() throws Exception {
    engine.close();
    engine = open();
  }

  /// Writes entries like `a=1`, and deletes others, like `a`.
  private void write(Family family, boolean sync, String... entries) throws RocksDBException {
    try (var changes = engine.changes()) {
      for (String entry : entries) {
        change(changes, family, entry);
      }
      changes.write(sync);
    }
  }

  private static void change(Changes changes, Family family, String entry) throws RocksDBException {
    int end = entry.indexOf('=');
    if (end < 0) {
      changes.delete(family, bytes(entry));
    } else {
      changes.put(family, bytes(entry.substring(0, end)), bytes(entry.substring(end + 1)));
    }
  }

  private List<String> between(Family family, String from, String to) throws Exception {
    var shown = new ArrayList<String>();
    engine.visit(
        family, bytes(from), bytes(to), (key, value) -> shown.add(text(key) + '=' + text(value)));
    return shown;
  }

  private static String text(byte[] octets) {
    return new String(octets, StandardCharsets.UTF_8);
  }

  @Test
  void aBatchIsThereAsAWholeWhenItIsWrittenAndNotBefore() throws Exception {
    try (var changes = engine.changes()) {
      for (Family family : Family.values()) {
        changes.put(family, bytes("k"), bytes("v" + family));
      }
      assertThat(changes.count()).isEqualTo(3);
      for (Family family : Family.values()) {
        assertThat(engine.get(family, bytes("k"))).isNull();
      }
      changes.write(false);
    }
    for (Family family : Family.values()) {
      assertThat(engine.get(family, bytes("k"))).isEqualTo(bytes("v" + family));
    }
  }

  @Test
  void ofABatchThatIsNotWrittenNothingIsThere() throws Exception {
    try (var changes = engine.changes()) {
      changes.put(Family.RECORDS, bytes("a"), bytes("1"));
    }
    reopen();
    assertThat(engine.get(Family.RECORDS, bytes("a"))).isNull();
  }

  @Test
  void aBatchMayBeClearedAndUsedAgain() throws Exception {
    try (var changes = engine.changes()) {
      change(changes, Family.RECORDS, "a=1");
      changes.clear();
      assertThat(changes.count()).isZero();
      change(changes, Family.RECORDS, "b=1");
      changes.write(false);
      changes.clear();
      change(changes, Family.RECORDS, "c=1");
      changes.write(true);
    }
    assertThat(between(Family.RECORDS, "a", "z")).containsExactly("b=1", "c=1");
  }

  @Test
  void inABatchTheLaterChangeCounts() throws Exception {
    write(Family.RECORDS, false, "a=1", "a=2", "b=1", "b", "c", "c=3");
    assertThat(between(Family.RECORDS, "a", "z")).containsExactly("a=2", "c=3");
  }

  @Test
  void whatIsHandedOverIsCopied() throws Exception {
    byte[] key = bytes("key");
    byte[] value = bytes("value");
    try (var changes = engine.changes()) {
      changes.put(Family.RECORDS, key, value);
      key[0] = 0;
      value[0] = 0;
      changes.write(false);
    }
    byte[] read = engine.get(Family.RECORDS, bytes("key"));
    assertThat(read).isEqualTo(bytes("value"));
    read[0] = 0;
    engine.visit(
        Family.RECORDS,
        bytes("k"),
        (shown, itsValue) -> {
          shown[0] = 0;
          itsValue[0] = 0;
          return true;
        });
    assertThat(engine.get(Family.RECORDS, bytes("key"))).isEqualTo(bytes("value"));
  }

  @ParameterizedTest
  @EnumSource
  void entriesAreVisitedInOrderFromTheFirstBoundToBeforeTheSecond(Family family) throws Exception {
    write(family, false, "c=3", "a=1", "ba=2", "b=2", "d=4", "\u00ff=5");
    assertThat(between(family, "a", "d")).containsExactly("a=1", "b=2", "ba=2", "c=3");
    assertThat(between(family, "aa", "c\0")).containsExactly("b=2", "ba=2", "c=3");
    assertThat(between(family, "d", "\u0100")).containsExactly("d=4", "\u00ff=5");
    assertThat(between(family, "e", "f")).isEmpty();
    assertThat(between(family, "c", "a")).isEmpty();
  }

  @Test
  void aVisitOfAPrefixShowsWhatBeginsWithIt() throws Exception {
    write(Family.RECORDS, false, "a=1", "b=1", "b\0=2", "b\u00ff=3", "c=4");
    var shown = new ArrayList<String>();
    engine.visit(Family.RECORDS, bytes("b"), (key, _) -> shown.add(text(key)));
    assertThat(shown).containsExactly("b", "b\0", "b\u00ff");
  }

  @Test
  void octetsAreComparedWithoutSign() throws Exception {
    try (var changes = engine.changes()) {
      for (int octet : new int[] {255, 128, 127, 0}) {
        changes.put(Family.RECORDS, new byte[] {(byte) octet}, NOTHING);
      }
      changes.write(false);
    }
    var shown = new ArrayList<Integer>();
    engine.visit(
        Family.RECORDS,
        new byte[] {0},
        new byte[] {-1, 0},
        (key, value) -> shown.add(key[0] & 255) && value.length == 0);
    assertThat(shown).containsExactly(0, 127, 128, 255);
  }

  @Test
  void aVisitEndsWhenTheVisitorHasEnough() throws Exception {
    write(Family.RECORDS, false, "a=1", "b=2", "c=3");
    var shown = new ArrayList<String>();
    engine.visit(
        Family.RECORDS,
        bytes("a"),
        bytes("z"),
        (key, _) -> shown.add(text(key)) && shown.size() < 2);
    assertThat(shown).containsExactly("a", "b");
  }

  @Test
  void aVisitSeesWhatWasThereWhenItBegan() throws Exception {
    write(Family.RECORDS, false, "a=1", "b=1", "c=1");
    var shown = new ArrayList<String>();
    engine.visit(
        Family.RECORDS,
        bytes("a"),
        bytes("z"),
        (key, value) -> {
          write(Family.RECORDS, false, "b", "c=2", "d=2");
          return shown.add(text(key) + '=' + text(value));
        });
    assertThat(shown).containsExactly("a=1", "b=1", "c=1");
    assertThat(between(Family.RECORDS, "a", "z")).containsExactly("a=1", "c=2", "d=2");
  }

  @Test
  void whatAVisitorThrowsEndsTheVisit() throws Exception {
    write(Family.RECORDS, false, "a=1");
    assertThatThrownBy(
            () ->
                engine.visit(
                    Family.RECORDS,
                    bytes("a"),
                    (_, _) -> {
                      throw new SpoolException("enough", false);
                    }))
        .hasMessage("enough");
    assertThat(between(Family.RECORDS, "a", "z")).containsExactly("a=1");
  }

  @Test
  void theLastKeyUpToAnotherIsFound() throws Exception {
    write(Family.RECORDS, false, "b=1", "d=2", "f=3", "f");
    assertThat(engine.lastUpTo(Family.RECORDS, bytes("a"))).isNull();
    assertThat(engine.lastUpTo(Family.RECORDS, bytes("b"))).isEqualTo(bytes("b"));
    assertThat(engine.lastUpTo(Family.RECORDS, bytes("c"))).isEqualTo(bytes("b"));
    assertThat(engine.lastUpTo(Family.RECORDS, bytes("z"))).isEqualTo(bytes("d"));
    assertThat(engine.lastUpTo(Family.TRACE, bytes("z"))).isNull();
  }

  @Test
  void whatIsDeletedIsGoneAndMayComeAgain() throws Exception {
    write(Family.RECORDS, false, "a=1", "b=2");
    write(Family.RECORDS, false, "a", "never");
    assertThat(between(Family.RECORDS, "a", "z")).containsExactly("b=2");
    write(Family.RECORDS, true, "a=3");
    reopen();
    assertThat(between(Family.RECORDS, "a", "z")).containsExactly("a=3", "b=2");
  }

  @Test
  void whatWasPutOnceIsGoneAfterASingleDeletionAndMayComeAgain() throws Exception {
    for (int round = 0; round < 3; round++) {
      write(Family.BODY, false, "a=" + round);
      try (var changes = engine.changes()) {
        changes.singleDelete(Family.BODY, bytes("a"));
        changes.write(round == 1);
      }
      assertThat(engine.get(Family.BODY, bytes("a"))).isNull();
      reopen();
      assertThat(engine.get(Family.BODY, bytes("a"))).isNull();
    }
  }

  @Test
  void valuesMayBeEmptyAndLong() throws Exception {
    byte[] large = Mails.content(300_000, 1);
    try (var changes = engine.changes()) {
      changes.put(Family.BODY, bytes("large"), large);
      changes.put(Family.BODY, bytes("empty"), NOTHING);
      changes.write(true);
    }
    for (int round = 0; round < 2; round++) {
      assertThat(engine.get(Family.BODY, bytes("large"))).isEqualTo(large);
      assertThat(engine.get(Family.BODY, bytes("empty"))).isEmpty();
      reopen();
    }
  }

  @Test
  void afterAReopeningEverythingIsThereThatWasWritten() throws Exception {
    write(Family.RECORDS, true, "a=1");
    write(Family.RECORDS, false, "b=2");
    engine.sync();
    write(Family.RECORDS, false, "c=3", "a");
    reopen();
    assertThat(between(Family.RECORDS, "a", "z")).containsExactly("b=2", "c=3");
    assertThat(engine.get(Family.BODY, bytes("b"))).isNull();
  }

  @Test
  void onlyOneMayBeOpen() throws Exception {
    write(Family.RECORDS, false, "a=1");
    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(
            RocksDBException.class, e -> assertThat(Engine.damaged(e)).isFalse());
    write(Family.RECORDS, true, "b=2");
    assertThat(between(Family.RECORDS, "a", "z")).containsExactly("a=1", "b=2");
  }

  @Test
  void afterItWasClosedNothingIsRead() {
    engine.close();
    engine.close();
    assertThatThrownBy(() -> engine.get(Family.RECORDS, bytes("a")))
        .isInstanceOf(SpoolException.class)
        .hasMessage("The spool is being opened anew");
    assertThatThrownBy(() -> engine.visit(Family.RECORDS, bytes("a"), (_, _) -> true))
        .isInstanceOf(SpoolException.class);
    assertThatThrownBy(() -> engine.lastUpTo(Family.RECORDS, bytes("a")))
        .isInstanceOf(SpoolException.class);
    assertThatThrownBy(() -> engine.bytesOnDisk()).isInstanceOf(SpoolException.class);
  }

  @Test
  void whatItOccupiesGrows() throws Exception {
    long before = engine.bytesOnDisk();
    try (var changes = engine.changes()) {
      changes.put(Family.BODY, bytes("a"), Mails.content(1 << 20, 1));
      changes.write(true);
    }
    assertThat(engine.bytesOnDisk()).isGreaterThan(before + 1_000_000);
    reopen();
    assertThat(engine.bytesOnDisk(Family.BODY)).isGreaterThan(1_000_000);
    assertThat(engine.bytesOnDisk(Family.TRACE)).isLessThan(1_000_000);
  }

  @Test
  void collectingGarbageTakesNoEntry() throws Exception {
    write(Family.RECORDS, true, "a=1", "b=2");
    write(Family.RECORDS, false, "a");
    engine.collectGarbage();
    write(Family.RECORDS, false, "c=3");
    engine.collectGarbage();
    assertThat(between(Family.RECORDS, "a", "z")).containsExactly("b=2", "c=3");
    reopen();
    assertThat(between(Family.RECORDS, "a", "z")).containsExactly("b=2", "c=3");
  }

  @Test
  void aFamilyThatIsRenewedHasTheSameEntries() throws Exception {
    write(Family.TRACE, true, "a=1", "b=2");
    write(Family.BODY, false, "c=3", "d=4", "c");
    engine.renew(Set.of(Family.TRACE, Family.BODY), Os.real().time());
    for (int round = 0; round < 2; round++) {
      assertThat(between(Family.TRACE, "a", "z")).containsExactly("a=1", "b=2");
      assertThat(between(Family.BODY, "a", "z")).containsExactly("d=4");
      write(Family.BODY, true, "d=4");
      reopen();
    }
  }
}
