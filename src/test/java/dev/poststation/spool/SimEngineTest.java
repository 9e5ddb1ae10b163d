package dev.poststation.spool;

import static dev.poststation.spool.Mails.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import dev.poststation.sim.SimEngines;
import dev.poststation.sim.SimEngines.Fault;
import dev.poststation.sim.SimEngines.Operation;
import dev.poststation.spool.Engine.Family;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.rocksdb.RocksDBException;

/// That the simulated engine keeps the contract; and what becomes of it by faults.
class SimEngineTest extends EngineContract {
  private static final int LOTS = 60;

  private SimEngines engines = new SimEngines(new SplittableRandom(1));

  @Override
  Engine open() throws Exception {
    return engines.open(Path.of("/data/spool"), Engines.Care.STRICT);
  }

  /// Begins with an empty disk and other lots.
  private void begin(int lot) throws Exception {
    engine.close();
    engines = new SimEngines(new SplittableRandom(lot));
    engine = open();
  }

  private void restart() throws Exception {
    engines = engines.restarted();
    engine = open();
  }

  private void put(String key, boolean sync) throws RocksDBException {
    try (var changes = engine.changes()) {
      changes.put(Family.RECORDS, bytes(key), bytes("1"));
      changes.put(Family.BODY, bytes(key), bytes("2"));
      changes.write(sync);
    }
  }

  /// The keys that are there. Fails for a half of a batch.
  private String keys() throws Exception {
    var keys = new ArrayList<String>();
    for (Family family : List.of(Family.RECORDS, Family.BODY)) {
      var found = new StringBuilder();
      engine.visit(
          family,
          bytes("a"),
          bytes("z"),
          (key, _) -> found.append(new String(key, StandardCharsets.US_ASCII)).length() > 0);
      keys.add(found.toString());
    }
    assertThat(keys.getFirst()).isEqualTo(keys.getLast());
    return keys.getFirst();
  }

  private void failAt(Operation operation, Fault fault) {
    engines.faults((now, _) -> now == operation ? fault : Fault.NONE);
  }

  @Test
  void aPowerCutKeepsWhatWasSyncedAndABeginningOfTheRest() throws Exception {
    Set<String> left = new TreeSet<>();
    for (int lot = 0; lot < LOTS; lot++) {
      begin(lot);
      put("a", false);
      put("b", true);
      put("c", false);
      engine.sync();
      put("d", false);
      put("e", false);
      engine.close();
      engines.cutPower();
      restart();
      left.add(keys());
    }
    assertThat(left).containsExactly("abc", "abcd", "abcde");
  }

  @Test
  void aKillTakesNothingAndTheNextOpeningMakesItDurable() throws Exception {
    put("a", false);
    put("b", false);
    assertThat(engines.unsynced()).isEqualTo(2);
    engines.kill();
    restart();
    assertThat(engines.unsynced()).isZero();
    engines.cutPower();
    restart();
    assertThat(keys()).isEqualTo("ab");
  }

  @Test
  void theBatchThatIsBeingWrittenIsThereAsAWholeOrNotAtAll() throws Exception {
    for (Fault fault : List.of(Fault.POWER_CUT, Fault.KILL)) {
      Set<String> left = new TreeSet<>();
      for (int lot = 0; lot < LOTS; lot++) {
        begin(lot);
        put("a", true);
        failAt(Operation.SYNCED_WRITE, fault);
        assertThatThrownBy(() -> put("b", true)).isInstanceOf(RocksDBException.class);
        restart();
        left.add(keys());
      }
      assertThat(left).containsExactly("a", "ab");
    }
  }

  @Test
  void theSameLotsLeaveTheSame() throws Exception {
    for (int lot = 0; lot < LOTS; lot++) {
      assertThat(afterSomeFaults(lot)).isEqualTo(afterSomeFaults(lot));
    }
  }

  private String afterSomeFaults(int lot) throws Exception {
    begin(lot);
    put("a", false);
    put("b", false);
    failAt(Operation.SYNC, Fault.IO_ERROR);
    assertThatThrownBy(() -> engine.sync()).isInstanceOf(RocksDBException.class);
    engine.close();
    engines.faults(SimEngines.Faults.NONE);
    engine = open();
    put("c", false);
    failAt(Operation.WRITE, Fault.POWER_CUT);
    assertThatThrownBy(() -> put("d", false)).isInstanceOf(RocksDBException.class);
    restart();
    return keys();
  }

  @Test
  void inAProcessThatHasEndedNothingWorks() throws Exception {
    engines.cutPower();
    assertThat(engines.alive()).isFalse();
    assertThatThrownBy(this::keys).isInstanceOf(RocksDBException.class);
    assertThatThrownBy(() -> put("a", false)).isInstanceOf(RocksDBException.class);
    assertThatThrownBy(() -> engine.sync()).isInstanceOf(RocksDBException.class);
    engine.close();
    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(
            RocksDBException.class, e -> assertThat(Engine.damaged(e)).isFalse());
    engines = engines.restarted();
    engine = open();
    assertThat(keys()).isEmpty();
  }

  @Test
  void ofAWriteThatFailedAnythingMayBeLeft() throws Exception {
    Set<String> left = new TreeSet<>();
    for (int lot = 0; lot < LOTS; lot++) {
      begin(lot);
      put("a", false);
      failAt(Operation.SYNCED_WRITE, Fault.IO_ERROR);
      assertThatThrownBy(() -> put("b", true)).hasMessageContaining("Input/output error");
      assertThat(keys()).isEqualTo("a");
      engines.cutPower();
      restart();
      left.add(keys());
    }
    assertThat(left).containsExactly("", "a", "ab");
  }

  @Test
  void ofASyncThatFailedAnythingMayBeLeft() throws Exception {
    Set<String> left = new TreeSet<>();
    for (int lot = 0; lot < LOTS; lot++) {
      begin(lot);
      put("a", true);
      put("b", false);
      put("c", false);
      failAt(Operation.SYNC, Fault.IO_ERROR);
      assertThatThrownBy(() -> engine.sync()).hasMessageContaining("Input/output error");
      engine.close();
      engines.faults(SimEngines.Faults.NONE);
      engine = open();
      String now = keys();
      engines.cutPower();
      restart();
      assertThat(keys()).isEqualTo(now);
      left.add(now);
    }
    assertThat(left).containsExactly("a", "ab", "abc");
  }

  @Test
  void whatIsWrittenAfterAFailureIsNotThere() throws Exception {
    var refused = new TreeSet<Boolean>();
    for (int lot = 0; lot < LOTS; lot++) {
      begin(lot);
      failAt(Operation.SYNC, Fault.IO_ERROR);
      assertThatThrownBy(() -> engine.sync()).isInstanceOf(RocksDBException.class);
      engines.faults(SimEngines.Faults.NONE);
      boolean refuses = false;
      try {
        put("a", true);
        engine.sync();
        assertThat(keys()).isEqualTo("a");
      } catch (RocksDBException _) {
        refuses = true;
      }
      refused.add(refuses);
      engine.close();
      restart();
      assertThat(keys()).isEmpty();
    }
    assertThat(refused).containsExactly(false, true);
  }

  @Test
  void aReadThatFailsChangesNothing() throws Exception {
    put("a", false);
    failAt(Operation.VISIT, Fault.IO_ERROR);
    assertThatThrownBy(this::keys)
        .isInstanceOfSatisfying(
            RocksDBException.class,
            e -> assertThat(Engine.damaged(e)).isEqualTo(!Engine.damagedBlob(e)).isTrue());
    engines.faults(SimEngines.Faults.NONE);
    assertThat(keys()).isEqualTo("a");
    put("b", true);
    assertThat(keys()).isEqualTo("ab");
  }

  @Test
  void anOpeningThatFailsTakesNothing() throws Exception {
    put("a", false);
    engine.close();
    failAt(Operation.OPEN, Fault.NO_SPACE);
    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(
            RocksDBException.class, e -> assertThat(Engine.failure("it", e).full()).isTrue());
    engines.faults(SimEngines.Faults.NONE);
    engine = open();
    assertThat(keys()).isEqualTo("a");
  }

  @Test
  void moreThanTheDiskHoldsCannotBeWritten() throws Exception {
    put("a", true);
    engines.garbage(500);
    assertThat(engine.bytesOnDisk()).isEqualTo(504);
    engines.capacity(505);
    assertThat(engines.usableBytes()).isEqualTo(1);
    assertThatThrownBy(() -> put("b", true))
        .isInstanceOfSatisfying(
            RocksDBException.class, e -> assertThat(Engine.failure("it", e).full()).isTrue());
    engine.close();
    engine = open();
    assertThat(keys()).isEqualTo("a");
    engine.collectGarbage();
    put("b", true);
    try (var changes = engine.changes()) {
      engines.capacity(0);
      changes.delete(Family.RECORDS, bytes("a"));
      changes.delete(Family.BODY, bytes("a"));
      changes.write(true);
    }
    assertThat(keys()).isEqualTo("b");
  }

  @Test
  void damageIsMetByWhoReadsItUntilTheFamilyIsRenewed() throws Exception {
    try (var changes = engine.changes()) {
      changes.put(Family.BODY, Keys.chunk(7, 0), bytes("x"));
      changes.put(Family.BODY, Keys.chunk(8, 0), bytes("y"));
      changes.put(Family.RECORDS, Keys.mail(7, Keys.PART_HEAD), bytes("head"));
      changes.write(true);
    }
    engines.damageContent(new QueueId(7));
    engines.damageMail(new QueueId(7));
    assertThatThrownBy(() -> engines.damageMail(new QueueId(8)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> engine.get(Family.BODY, Keys.chunk(7, 0)))
        .isInstanceOfSatisfying(
            RocksDBException.class, e -> assertThat(Engine.damagedBlob(e)).isTrue());
    assertThat(engine.get(Family.BODY, Keys.chunk(8, 0))).isEqualTo(bytes("y"));
    for (int round = 0; round < 2; round++) {
      assertThat(Rescue.damaged(engine)).containsExactly(Family.RECORDS, Family.BODY);
      restart();
    }
    engine.renew(Set.of(Family.RECORDS, Family.BODY), Os.real().time());
    assertThat(Rescue.damaged(engine)).isEmpty();
    assertThat(engine.get(Family.BODY, Keys.chunk(7, 0))).isNull();
  }

  @Test
  void whatARealEngineDoesNotPromiseIsNoted() throws Exception {
    put("a", false);
    put("a", false);
    try (var changes = engine.changes()) {
      changes.singleDelete(Family.RECORDS, bytes("a"));
      changes.delete(Family.BODY, bytes("a"));
      changes.singleDelete(Family.BODY, bytes("a"));
      changes.write(false);
    }
    assertThat(engines.misuses())
        .containsExactly(
            "put 2 times, and deleted as if once: RECORDS [97]",
            "deleted, and then deleted as if it was put once: BODY [97]");
  }

  @Test
  void theFaultsAreAskedBeforeEachOperation() throws Exception {
    engine.close();
    engines = engines.restarted();
    var asked = new ArrayList<String>();
    engines.faults(
        (operation, number) -> {
          asked.add(number + " " + operation);
          return Fault.NONE;
        });
    engine = open();
    put("a", false);
    put("b", true);
    engine.sync();
    engine.get(Family.RECORDS, bytes("a"));
    engine.close();
    assertThat(asked)
        .containsExactly("1 OPEN", "2 WRITE", "3 SYNCED_WRITE", "4 SYNC", "5 GET", "6 CLOSE");
    assertThat(engines.operations()).isEqualTo(6);
    engine = open();
  }
}
