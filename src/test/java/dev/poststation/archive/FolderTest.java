package dev.poststation.archive;

import static dev.poststation.archive.Ground.DIRECTORY;
import static dev.poststation.archive.Ground.append;
import static dev.poststation.archive.Ground.os;
import static dev.poststation.archive.Ground.problems;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.PassingDisk;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The directory of an archive, and what a death of the process at any moment leaves there.
class FolderTest {
  private static final Terms FOR_EVER = new Terms(null, List.of());

  private final MemoryDisk disk = new MemoryDisk();
  private final ManualTime time = new ManualTime();

  /// Fails at an operation, and at all that follow: the process is dead.
  private static final class DyingDisk extends FrailDisk {
    private int left;

    DyingDisk(Disk disk, int operations) {
      super(disk);
      this.left = operations;
    }

    @Override
    synchronized void live() throws IOException {
      if (left-- <= 0) {
        throw new IOException("dead");
      }
    }

    boolean isDead() {
      return left < 0;
    }

    @Override
    public void replace(Path file, byte[] content, boolean ownerOnly) throws IOException {
      live();
      super.replace(file, content, ownerOnly);
    }

    @Override
    public void remove(Path path) throws IOException {
      live();
      super.remove(path);
    }

    @Override
    public Optional<Closeable> lock(Path file) throws IOException {
      super.lock(file);
      return Optional.of(() -> {}); // A dead process holds none.
    }
  }

  @Test
  void entriesLieInFoldersOfDaysAndNameTheOneBefore() throws IOException {
    var folder = new Folder(os(disk, time), DIRECTORY);
    var first = append(folder, disk, "A", "B");
    time.advance(Duration.ofDays(1));
    var next = append(folder, disk, "C").getFirst();
    var days = Place.days(disk, DIRECTORY);
    assertThat(days).hasSize(2);
    assertThat(disk.list(days.getFirst()))
        .extracting(file -> file.getFileName().toString())
        .containsExactly(
            "000000000001-A.eml",
            "000000000001-A.json",
            "000000000002-B.eml",
            "000000000002-B.json");
    assertThat(first.getLast().previous()).isEqualTo(Hashes.of(first.getFirst().json()));
    assertThat(next.previous()).isEqualTo(Hashes.of(first.getLast().json()));
    assertThat(folder.known().chain())
        .isEqualTo(new Chain(1, Hashes.NOTHING, 3, Hashes.of(next.json())));
    assertThat(Entry.of(next.json())).isEqualTo(next);
    assertThat(problems(disk)).isEmpty();
  }

  @Test
  void aClockThatGoesBackDoesNotPartTheChain() throws IOException {
    time.advance(Duration.ofDays(10));
    append(new Folder(os(disk, time), DIRECTORY), disk, "A");
    var before = new ManualTime();
    var dying = new DyingDisk(disk, Integer.MAX_VALUE);
    append(new Folder(os(dying, before), DIRECTORY), disk, "B");
    assertThat(Place.days(disk, DIRECTORY)).hasSize(1);
    assertThat(problems(disk)).isEmpty();
  }

  @Test
  void twoProcessesDoNotWriteTheSameArchive() throws IOException {
    append(new Folder(os(disk), DIRECTORY), disk, "A");
    var second = new Folder(os(disk), DIRECTORY);
    assertThatThrownBy(second::incoming).hasMessage("another process writes /archive");
  }

  @Test
  void anArchiveWithoutItsChainIsNotBegunAnew() throws IOException {
    append(new Folder(os(disk), DIRECTORY), disk, "A");
    disk.vanish("/archive/chain.json");
    var folder = new Folder(os(new DyingDisk(disk, 99)), DIRECTORY);
    assertThatThrownBy(folder::incoming)
        .hasMessage("/archive has entries, but no chain.json: was it removed?");
  }

  @Test
  void aChainThatCannotBeReadIsNotTakenForAnEmptyOne() throws IOException {
    append(new Folder(os(disk), DIRECTORY), disk, "A", "B");
    for (String damaged : List.of("", "{}", "[]", "{\"first\":1,\"before\":\"\",\"last\":2}")) {
      disk.with("/archive/chain.json", damaged);
      var folder = new Folder(os(new DyingDisk(disk, 99)), DIRECTORY);
      assertThatThrownBy(folder::known).hasMessageContaining("chain.json cannot be read");
      assertThat(ids()).containsExactly("A", "B");
    }
  }

  @Test
  void aChainOfABackupCatchesUpWithTheEntries() throws IOException {
    append(new Folder(os(disk, time), DIRECTORY), disk, "A");
    byte[] old = disk.read(DIRECTORY.resolve(Chain.FILE));
    for (String id : List.of("B", "C", "D")) {
      time.advance(Duration.ofDays(1));
      append(new Folder(os(new DyingDisk(disk, 99), time), DIRECTORY), disk, id);
    }
    disk.replace(DIRECTORY.resolve(Chain.FILE), old, true);
    append(new Folder(os(new DyingDisk(disk, 99), time), DIRECTORY), disk, "E");
    assertThat(ids()).containsExactly("A", "B", "C", "D", "E");
    assertThat(problems(disk)).isEmpty();
  }

  @Test
  void entriesAreNotPutAsideForAChainThatIsNotTheirs() throws IOException {
    append(new Folder(os(disk), DIRECTORY), disk, "A");
    byte[] old = disk.read(DIRECTORY.resolve(Chain.FILE));
    List<String> more = new ArrayList<>();
    for (int i = 0; i <= Folder.GROUP_MAX; i++) {
      more.add("M" + i);
    }
    append(new Folder(os(new DyingDisk(disk, 999)), DIRECTORY), disk, more.toArray(String[]::new));
    var text = new String(old, UTF_8).replaceFirst("\"hash\":\"....", "\"hash\":\"0000");
    disk.with("/archive/chain.json", text);
    var folder = new Folder(os(new DyingDisk(disk, 999)), DIRECTORY);
    assertThatThrownBy(folder::known)
        .hasMessageContaining("65 entries of /archive do not follow the last one of chain.json");
    assertThat(ids()).hasSize(66);
  }

  @Test
  void aDirectoryOfSomebodyElseIsLeftAlone() throws IOException {
    disk.with("/archive/incoming/mail", "of another program");
    var folder = new Folder(os(disk), DIRECTORY);
    assertThatThrownBy(folder::incoming).hasMessage("/archive is not empty, and no archive");
    assertThat(disk.size(Path.of("/archive/incoming/mail"))).isPositive();
  }

  @Test
  void aStartThatFailsIsMadeUpForByTheNextMail() throws IOException {
    List<Path> made = new ArrayList<>();
    var full =
        new PassingDisk(disk) {
          @Override
          public void makeDirectory(Path directory) throws IOException {
            made.add(directory);
            if (made.size() == 2) {
              throw new IOException("No space left on device");
            }
            super.makeDirectory(directory);
          }
        };
    var folder = new Folder(os(full), DIRECTORY);
    assertThatThrownBy(folder::incoming).hasMessage("No space left on device");
    assertThat(folder.incoming()).isEqualTo(made.getLast());
    assertThat(made).hasSize(4);
  }

  /// As when a file system is mounted there late.
  @Test
  void anotherArchiveThatTakesThePlaceOfItKeepsItsChain(@TempDir Path temporary)
      throws IOException {
    var real = Os.real();
    Path there = temporary.resolve("archive");
    var other = new Folder(real, there);
    append(other, real.disk(), "A", "B", "C");
    other.end();
    Files.move(there, temporary.resolve("away"));
    var folder = new Folder(real, there);
    append(folder, real.disk(), "D");
    Files.move(there, temporary.resolve("hidden"));
    Files.move(temporary.resolve("away"), there);
    assertThat(append(folder, real.disk(), "E").getFirst().number()).isEqualTo(4);
    folder.end();
    assertThat(Verification.of(real.disk(), there, Map.of()).found()).isEmpty();
  }

  /// Whatever was told to be in it is, once, and the chain goes on.
  @Test
  void aDeathAtAnyOperationLeavesAChainThatHolds() throws IOException {
    boolean died = true;
    for (int operations = 0; died; operations++) {
      var beneath = new MemoryDisk();
      var dying = new DyingDisk(beneath, operations);
      List<Entry> told = new ArrayList<>();
      try {
        var folder = new Folder(os(dying), DIRECTORY);
        told.addAll(append(folder, dying, "A"));
        told.addAll(append(folder, dying, "B", "C", "D"));
        told.addAll(append(folder, dying, "E"));
      } catch (IOException _) {
        // Dead.
      }
      died = dying.isDead();
      var folder = new Folder(os(new DyingDisk(beneath, Integer.MAX_VALUE)), DIRECTORY);
      told.addAll(append(folder, beneath, "F"));
      assertThat(problems(beneath)).as("after %d operations", operations).isEmpty();
      List<Entry> found = new ArrayList<>();
      new Search(null, null, null, List.of(), null, null, null)
          .in(beneath, DIRECTORY, (entry, _) -> found.add(entry), (_, _) -> {});
      assertThat(found).as("after %d operations", operations).containsSubsequence(told);
      assertThat(found).extracting(each -> each.about().id()).doesNotHaveDuplicates();
    }
  }

  /// The relay lives on, as after a full disk.
  @Test
  void aFailureAtAnyOperationLeavesAChainThatHolds() throws IOException {
    boolean failed = true;
    for (int operations = 0; failed; operations++) {
      int at = operations;
      var beneath = new MemoryDisk();
      var count = new int[1];
      var failing =
          new PassingDisk(beneath) {
            private void fail() throws IOException {
              if (count[0]++ == at) {
                throw new IOException("No space left on device");
              }
            }

            @Override
            public void replace(Path file, byte[] content, boolean owner) throws IOException {
              fail();
              super.replace(file, content, owner);
            }

            @Override
            public OutputStream create(Path file) throws IOException {
              fail();
              return super.create(file);
            }

            @Override
            public void move(Path from, Path to) throws IOException {
              fail();
              super.move(from, to);
            }
          };
      var folder = new Folder(os(failing), DIRECTORY);
      List<String> told = new ArrayList<>();
      for (String id : List.of("A", "B", "C")) {
        for (String name : List.of(id, id + "again")) { // The client comes again.
          try {
            append(folder, failing, name);
            told.add(name);
            break;
          } catch (IOException _) {
            assertThat(name).isEqualTo(id);
          }
        }
      }
      failed = count[0] > at;
      assertThat(told).hasSize(3);
      assertThat(problems(beneath)).as("at operation %d", operations).isEmpty();
      assertThat(folder.known().chain().last()).isBetween(3L, 4L);
    }
  }

  @Test
  void whatIsTooOldGoesFromTheFrontAndWhatIsHeldStays() throws IOException {
    var folder = new Folder(os(disk, time), DIRECTORY);
    append(folder, disk, "A", "B");
    time.advance(Duration.ofDays(1));
    append(folder, disk, "C");
    time.advance(Duration.ofDays(40));
    append(folder, disk, "D");
    var terms = new Terms(Period.ofDays(30), List.of("b@there.test"));
    assertThat(folder.retire(before(time), terms)).isFalse();
    assertThat(ids()).containsExactly("B", "D");
    assertThat(folder.known().chain().first()).isEqualTo(4);
    assertThat(folder.known().held()).isEqualTo(1);
    assertThat(problems(disk)).isEmpty();
    append(folder, disk, "E");
    assertThat(problems(disk)).isEmpty();

    folder.sweep(FOR_EVER);
    assertThat(ids()).containsExactly("D", "E");
    assertThat(folder.known().held()).isZero();
    assertThat(problems(disk)).isEmpty();
  }

  @Test
  void aDeathWhileWhatIsTooOldGoesIsMadeGoodByTheNextSweep() throws IOException {
    var terms = new Terms(Period.ofDays(30), List.of("b@there.test"));
    death(terms, terms, List.of("B", "D"));
    death(terms, new Terms(Period.ofDays(30), List.of()), List.of("D"));
  }

  /// @param next the terms of the next start
  private static void death(Terms terms, Terms next, List<String> left) throws IOException {
    boolean died = true;
    for (int operations = 0; died; operations++) {
      var beneath = new MemoryDisk();
      var clock = new ManualTime();
      var living = new DyingDisk(beneath, Integer.MAX_VALUE);
      append(new Folder(os(living, clock), DIRECTORY), living, "A", "B", "C");
      clock.advance(Duration.ofDays(40));
      append(new Folder(os(living, clock), DIRECTORY), living, "D");
      var before = before(clock);
      var dying = new DyingDisk(beneath, operations);
      try {
        new Folder(os(dying, clock), DIRECTORY).retire(before, terms);
      } catch (IOException _) {
        // Dead.
      }
      died = dying.isDead();
      assertThat(problems(beneath))
          .as("after %d operations", operations)
          .allMatch(each -> each.contains("its removal was cut short"));
      var folder = new Folder(os(living, clock), DIRECTORY);
      folder.sweep(next);
      folder.retire(before, next);
      assertThat(problems(beneath)).as("after %d operations", operations).isEmpty();
      assertThat(ids(beneath)).isEqualTo(left);
    }
  }

  @Test
  void nothingIsRemovedWhereSomethingWasChanged() throws IOException {
    var folder = new Folder(os(disk, time), DIRECTORY);
    append(folder, disk, "A", "B");
    time.advance(Duration.ofDays(40));
    var day = Place.days(disk, DIRECTORY).getFirst();
    disk.vanish(day.resolve("000000000001-A.json").toString());
    assertThatThrownBy(() -> folder.retire(before(time), FOR_EVER))
        .hasMessageContaining(
            "entry 1, or the one before it, in /archive is not as it was written");
    assertThat(ids()).containsExactly("B");
  }

  /// One that is the last to go has no entry behind it that goes, too, and names its hash.
  @Test
  void theLastThatIsTooOldIsNotRemovedWhereItWasChanged() throws IOException {
    var folder = new Folder(os(disk, time), DIRECTORY);
    append(folder, disk, "A", "B");
    var record = Place.days(disk, DIRECTORY).getFirst().resolve("000000000002-B.json");
    var was = new String(disk.read(record), UTF_8);
    disk.with(record.toString(), was.replace("lan", "wan"));
    time.advance(Duration.ofDays(40));
    assertThatThrownBy(() -> folder.retire(before(time), FOR_EVER))
        .hasMessageContaining("is not as it was written");
    append(folder, disk, "C");
    assertThatThrownBy(() -> folder.retire(before(time), FOR_EVER))
        .hasMessageContaining(
            "entry 3, or the one before it, in /archive is not as it was written");
    assertThat(ids()).containsExactly("A", "B", "C");
    disk.with(record.toString(), was);
    folder.retire(before(time), FOR_EVER);
    assertThat(ids()).containsExactly("C");
    assertThat(problems(disk)).isEmpty();
  }

  /// There may be a million of them.
  @Test
  void whatIsHeldIsNotReadAgainWhileNobodyLiftsAHold() throws IOException {
    List<Path> read = new ArrayList<>();
    var counting =
        new PassingDisk(disk) {
          @Override
          public byte[] read(Path file) throws IOException {
            read.add(file);
            return super.read(file);
          }
        };
    var folder = new Folder(os(counting, time), DIRECTORY);
    append(folder, disk, "A", "B");
    time.advance(Duration.ofDays(40));
    var terms = new Terms(Period.ofDays(30), List.of("there.test"));
    folder.retire(before(time), terms);
    folder.sweep(terms);
    read.clear();
    folder.sweep(terms);
    assertThat(folder.known().held()).isEqualTo(2);
    assertThat(read).isEmpty();
    folder.sweep(new Terms(Period.ofDays(30), List.of("b@there.test")));
    assertThat(ids()).containsExactly("B");
    assertThat(folder.known().held()).isEqualTo(1);
  }

  @Test
  void aListOfHeldEntriesNamesNoOtherFiles() throws IOException {
    append(new Folder(os(disk), DIRECTORY), disk, "A");
    disk.with("/archive/held.txt", "0 " + Hashes.NOTHING + " ../../etc/shadow\n");
    var folder = new Folder(os(new DyingDisk(disk, 99)), DIRECTORY);
    assertThatThrownBy(folder::known).hasMessageContaining("held.txt cannot be read");
  }

  private static LocalDate before(ManualTime clock) {
    return LocalDate.ofInstant(clock.now(), ZoneOffset.UTC).minusDays(30);
  }

  private List<String> ids() throws IOException {
    return ids(disk);
  }

  private static List<String> ids(Disk disk) throws IOException {
    List<String> ids = new ArrayList<>();
    new Search(null, null, null, List.of(), null, null, null)
        .in(disk, DIRECTORY, (entry, _) -> ids.add(entry.about().id()), (_, _) -> {});
    return ids;
  }
}
