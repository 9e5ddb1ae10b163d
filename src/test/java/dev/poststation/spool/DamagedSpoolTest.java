package dev.poststation.spool;

import static dev.poststation.spool.Mails.commit;
import static dev.poststation.spool.Mails.content;
import static dev.poststation.spool.Mails.move;
import static dev.poststation.spool.Mails.removal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import dev.poststation.sim.Eventually;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;

/// Spools of which somebody or something changed the files.
class DamagedSpoolTest extends DamagedSpool {
  /// What is listed can be read and is what was written; returns how many mails that are.
  private int assertWhatIsListedIsWhole(Spool spool) throws IOException {
    int whole = 0;
    for (QueueId id : listed(spool)) {
      var stored = spool.load(id);
      if (stored.isPresent()) {
        byte[] read;
        try {
          read = Mails.read(spool.content(stored.get().mail()));
        } catch (SpoolException e) {
          continue;
        }
        assertThat(read).isEqualTo(contents.get(id));
        whole++;
      }
    }
    assertThat(listed(spool)).hasSize(whole);
    assertThat(spool.usage().mails()).isEqualTo(whole);
    return whole;
  }

  @Test
  void damageInTheMiddleOfTheLogCostsOnlyWhatItHits() throws IOException {
    fill();
    flip(largest(".log"), 0.5);
    try (var spool = open()) {
      assertThat(assertWhatIsListedIsWhole(spool)).isBetween(MAILS - 12, MAILS - 1);
      commit(spool, content(10, 1), 1);
    }
    assertThat(keptAside()).hasSize(1);
    try (var files = Files.list(keptAside().getFirst())) {
      assertThat(files).anyMatch(file -> file.toString().endsWith(".log"));
    }
    open().close();
    assertThat(keptAside()).hasSize(1);
  }

  @Test
  void aTornEndOfTheLogIsNoDamage() throws IOException {
    fill();
    Path log = largest(".log");
    try (var access = new RandomAccessFile(log.toFile(), "rw")) {
      access.setLength(access.length() - 1000);
    }
    try (var spool = open()) {
      assertThat(assertWhatIsListedIsWhole(spool)).isEqualTo(MAILS - 1);
    }
    assertThat(keptAside()).isEmpty();
  }

  /// A content has 8,000 octets, and the header of a blob 32: this far apart both are met.
  @ParameterizedTest
  @ValueSource(doubles = {0.5, 0.503})
  void aMailWhoseContentIsDamagedIsSetAside(double where) throws IOException {
    fillTables();
    flip(largest(".blob"), where);
    try (var spool = open()) {
      assertThat(listed(spool)).hasSize(MAILS);
      assertThat(assertWhatIsListedIsWhole(spool)).isEqualTo(MAILS - 1);
    }
    try (var spool = open()) {
      assertThat(assertWhatIsListedIsWhole(spool)).isEqualTo(MAILS - 1);
      var gone = mails.stream().filter(mail -> isGone(spool, mail)).toList();
      assertThat(gone).hasSize(1);
      var settlement = removal(gone.getFirst(), Placement.INCOMING);
      spool.settle(settlement);
      assertThat(listed(spool)).hasSize(MAILS - 1);
      assertThat(spool.usage().mails()).isEqualTo(MAILS - 1);
    }
    assertThat(keptAside()).isEmpty();
  }

  private static boolean isGone(Spool spool, Mail mail) {
    try {
      return spool.load(mail.id()).isEmpty();
    } catch (SpoolException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  @Tag("slow")
  void aDamagedTableCostsOnlyWhatItHits() throws IOException {
    fillTables();
    Path whole = data;
    for (int step = 1; step < 20; step += 3) {
      data = copy(whole, "step" + step);
      for (Path table : tables()) {
        flip(table, step / 20.0);
      }
      int left = readAllInSpiteOfExaminations();
      // In the last third of these small tables are their own indexes: there more is lost.
      assertThat(left).as("at " + step).isGreaterThan(step < 11 ? MAILS / 2 : -1);
      assertThat(keptAside()).isNotEmpty();
      try (var spool = open()) {
        assertThat(assertWhatIsListedIsWhole(spool)).isEqualTo(left);
        commit(spool, content(10, 1), 1);
      }
    }
  }

  /// Reading may fail while the spool is being examined.
  private int readAllInSpiteOfExaminations() throws IOException {
    try (var spool = open()) {
      int[] whole = {0};
      Eventually.eventually(
          "the spool recovers",
          () -> {
            try {
              whole[0] = assertWhatIsListedIsWhole(spool);
              return true;
            } catch (IOException e) {
              assertThat(e.getMessage()).containsAnyOf("mismatch", "out of order", "opened anew");
              return false;
            }
          });
      return whole[0];
    }
  }

  private static Path copy(Path from, String name) throws IOException {
    Path to = from.resolve(name);
    Files.createDirectories(to.resolve("spool"));
    try (var files = Files.list(from.resolve("spool"))) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve("spool").resolve(file.getFileName()));
      }
    }
    return to;
  }

  @Test
  void aMailThatWasSetAsideBeforeStaysAsideInARescue() throws Exception {
    fillTables();
    flip(largest(".blob"), 0.5);
    try (var spool = open()) {
      assertThat(assertWhatIsListedIsWhole(spool)).isEqualTo(MAILS - 1);
    }
    try (var engine = engine()) {
      Rescue.renew(engine, Set.of(Engine.Family.RECORDS), Os.real().time());
      assertThat(Tally.in(engine).mails()).isEqualTo(MAILS - 1);
    }
    try (var spool = open()) {
      assertThat(assertWhatIsListedIsWhole(spool)).isEqualTo(MAILS - 1);
    }
  }

  /// Malware must not be delivered because a block of a table cannot be read.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatWaitsForSomebodyStaysWhereItIsThoughItsPlaceIsDamaged(boolean missing) throws Exception {
    fill();
    var quarantine = new Placement.Quarantined(Mails.ARRIVED.plusSeconds(1_000_000));
    var bad = mails.get(1);
    var held = mails.get(2);
    try (var spool = open()) {
      spool.settle(move(bad, Placement.INCOMING, quarantine));
      spool.settle(move(held, Placement.INCOMING, Placement.HELD));
    }
    try (var engine = engine()) {
      try (var changes = engine.changes()) {
        for (var mail : List.of(bad, held)) {
          byte[] key = Keys.mail(mail.id().value(), Keys.PART_PLACE);
          if (missing) {
            changes.delete(Engine.Family.RECORDS, key);
          } else {
            changes.put(Engine.Family.RECORDS, key, new byte[] {99});
          }
        }
        changes.write(true);
      }
      Rescue.renew(engine, Set.of(Engine.Family.RECORDS), Os.real().time());
    }
    try (var spool = open()) {
      assertThat(spool.load(bad.id()).orElseThrow().placement()).isEqualTo(quarantine);
      assertThat(spool.load(held.id()).orElseThrow().placement()).isEqualTo(Placement.HELD);
      assertThat(spool.held(QueueId.FIRST, 10)).containsExactly(held.id());
      assertThat(listed(spool)).hasSize(MAILS - 2);
      assertThat(spool.usage().mails()).isEqualTo(MAILS);
    }
  }

  @Test
  void damageToTheLogAndToATableAtOnceIsRepaired() throws IOException {
    fillTables();
    fill();
    flip(largest(".log"), 0.5);
    for (Path table : tables()) {
      flip(table, 0.05);
    }
    assertThat(readAllInSpiteOfExaminations()).isGreaterThan(MAILS);
  }

  @Test
  void aSpoolThatCannotBeOpenedIsKeptAndANewOneBegins() throws IOException {
    fillTables();
    try (var files = Files.list(data.resolve("spool"))) {
      for (Path file :
          files.filter(f -> f.getFileName().toString().startsWith("MANIFEST")).toList()) {
        flip(file, 0.3);
      }
    }
    try (var spool = open()) {
      assertThat(listed(spool)).isEmpty();
      commit(spool, content(10, 1), 1);
    }
    assertThat(keptAside()).hasSize(1);
  }

  @Test
  void aTableThatIsGoneCostsOnlyWhatWasInIt() throws IOException {
    fillTables();
    Files.delete(largest(".sst"));
    try (var spool = open()) {
      commit(spool, content(10, 1), 1);
      assertThat(listed(spool)).hasSize(1);
    }
    assertThat(keptAside()).hasSize(1);
  }

  @Test
  void mailIsCountedAnewWhenTheLogAndATableOfContentsAreDamaged() throws Exception {
    fillTables();
    Path table;
    try (var engine = engine()) {
      table = engine.tables(Engine.Family.BODY).getFirst();
    }
    fill();
    flip(largest(".log"), 0.5);
    Files.delete(table);
    try (var spool = open()) {
      var listed = listed(spool);
      assertThat(listed).hasSizeBetween(2 * MAILS - 12, 2 * MAILS - 1);
      assertThat(spool.usage().mails()).isEqualTo(listed.size());
    }
  }

  @Test
  void aTableThatCannotBeReadCostsOnlyWhatWasInIt() throws IOException {
    fillTables();
    Path table = largest(".sst");
    Files.delete(table);
    Files.createDirectory(table); // Can be opened, but each read fails, as on a bad sector.
    try (var spool = open()) {
      commit(spool, content(10, 1), 1);
      assertThat(listed(spool)).hasSize(1);
    }
    assertThat(keptAside()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource
  void aYoungTableWhoseFooterIsDamagedCostsOnlyWhatIsInIt(Engine.Family family) throws Exception {
    fillTables();
    if (family == Engine.Family.BODY) {
      compactContents(); // With young tables alone the engine does not even ask which it needs.
    }
    fill();
    Path table;
    try (var engine = engine()) { // Makes tables of what was filled in, too few to be merged.
      assertThat(engine.tables(family)).hasSizeGreaterThan(1);
      table = engine.tables(family).getLast();
    }
    flip(table, 1 - 4.0 / Files.size(table));
    try (var spool = open()) {
      assertThat(assertWhatIsListedIsWhole(spool)).isGreaterThanOrEqualTo(MAILS);
      commit(spool, content(10, 1), 1);
    }
    try (var spool = open()) {
      assertThat(listed(spool)).hasSizeGreaterThan(MAILS);
    }
  }

  /// As the engine itself does when there are more of them.
  private void compactContents() throws Exception {
    String spool = data.resolve("spool").toString();
    var families = new ArrayList<ColumnFamilyDescriptor>();
    var handles = new ArrayList<ColumnFamilyHandle>();
    try (var options = new Options()) {
      RocksDB.listColumnFamilies(options, spool)
          .forEach(name -> families.add(new ColumnFamilyDescriptor(name)));
    }
    try (var database = RocksDB.open(spool, families, handles)) {
      for (var handle : handles) {
        if (new String(handle.getName(), StandardCharsets.US_ASCII).startsWith("body")) {
          database.compactRange(handle);
        }
      }
    }
  }
}
