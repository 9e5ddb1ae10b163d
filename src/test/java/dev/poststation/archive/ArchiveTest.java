package dev.poststation.archive;

import static dev.poststation.archive.Ground.about;
import static dev.poststation.archive.Ground.content;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.os.Os;
import dev.poststation.os.Tasks;
import dev.poststation.os.Together;
import dev.poststation.sim.Eventually;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.PassingDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Period;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// An archive that is written by many at the same time.
@Timeout(60)
class ArchiveTest {
  private static final Terms FOR_EVER = new Terms(null, List.of());
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir Path directory;

  @Test
  void manyAtTheSameTimeAreOneChain() throws IOException {
    var os = Os.real();
    List<Entry> told = new ArrayList<>();
    try (var archives = new Archives(os)) {
      var archive = in(archives, directory.resolve("a"), FOR_EVER);
      List<Supplier<Entry>> mails = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        String id = "M" + i;
        mails.add(
            () -> {
              try {
                return archive.add(about(id, "a@here.test", "b@there.test"), content(id), SOON);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
      }
      told.addAll(Together.ask(os.tasks(), "test", mails));
      var standing = archive.standing();
      assertThat(standing.last()).isEqualTo(200);
      assertThat(standing.added()).isEqualTo(200);
      assertThat(standing.usable()).isPositive();
      assertThat(archives.at(directory.resolve("a"))).isSameAs(archive);
    }
    assertThat(told).extracting(Entry::number).doesNotHaveDuplicates().hasSize(200);
    var result = Verification.of(os.disk(), directory.resolve("a"), Map.of());
    assertThat(result.found()).isEmpty();
    assertThat(result.entries()).isEqualTo(200);
    try (var archives = new Archives(os)) { // The next start goes on.
      var archive = in(archives, directory.resolve("a"), FOR_EVER);
      assertThat(archive.add(about("N", "", "b@there.test"), content("N"), SOON).number())
          .isEqualTo(201);
    }
  }

  @Test
  void whereItCannotBeWrittenNothingIsTold() throws IOException {
    var os = Os.real();
    java.nio.file.Files.writeString(directory.resolve("file"), "");
    try (var archives = new Archives(os)) {
      var archive = in(archives, directory.resolve("file"), FOR_EVER);
      assertThatThrownBy(() -> archive.add(about("A", "", "b@there.test"), content("A"), SOON))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("file");
      assertThat(archive.standing().problem()).contains("file");
    }
  }

  /// The clock goes on by itself while nobody sends mail.
  @Test
  void whatIsTooOldGoesByItselfAndComesBackToNobody() throws IOException {
    var disk = new MemoryDisk();
    try (var archives = new Archives(Ground.os(disk))) {
      var terms = new Terms(Period.ofDays(30), List.of("held.test"));
      var archive = in(archives, Ground.DIRECTORY, terms);
      archive.add(about("A", "a@here.test", "b@there.test"), content("A"), SOON);
      archive.add(about("B", "a@here.test", "b@held.test"), content("B"), SOON);
      Eventually.eventually("A is removed", () -> all(disk).equals(List.of("B")));
      Eventually.eventually("B is held", () -> archive.standing().held() == 1);
      in(archives, Ground.DIRECTORY, new Terms(Period.ofDays(30), List.of()));
      Eventually.eventually("B is removed", () -> all(disk).isEmpty());
    }
    assertThat(Ground.problems(disk)).isEmpty();
  }

  /// A fault of ours when old mail is looked for must not cost the mail of today.
  @Test
  void aFaultWhereWhatIsTooOldIsRemovedStopsNoMail() throws IOException {
    var disk = new MemoryDisk();
    var faults = new AtomicInteger();
    var faulty =
        new PassingDisk(disk) {
          @Override
          public byte[] read(Path file) throws IOException {
            if (file.endsWith("000000000001-A.json")) {
              throw new IllegalStateException("a fault " + faults.incrementAndGet());
            }
            return super.read(file);
          }
        };
    try (var archives = new Archives(Ground.os(faulty))) {
      var archive = in(archives, Ground.DIRECTORY, new Terms(Period.ofDays(30), List.of()));
      archive.add(about("A", "a@here.test", "b@there.test"), content("A"), SOON);
      Eventually.eventually("it fails", () -> faults.get() > 0);
      archive.add(about("B", "a@here.test", "b@there.test"), content("B"), SOON);
      Eventually.eventually("said", () -> archive.standing().problem().contains("a fault"));
    }
  }

  @Test
  void mailIsFoundByItsEnvelopeAndTime() throws IOException {
    var disk = new MemoryDisk();
    try (var archives = new Archives(Ground.os(disk))) {
      var archive = in(archives, Ground.DIRECTORY, FOR_EVER);
      archive.add(
          about("A", "ann@here.test", "bob@there.test", "eve@there.test"), content("A"), SOON);
      archive.add(about("B", "bob@here.test", "ann@there.test"), content("B"), SOON);
    }
    assertThat(found(disk, "ANN@here", List.of(), null)).containsExactly("A");
    assertThat(found(disk, null, List.of("bob@", "eve@"), null)).containsExactly("A");
    assertThat(found(disk, null, List.of("bob@", "ann@"), null)).isEmpty();
    assertThat(found(disk, null, List.of(), "über b")).containsExactly("B");
  }

  /// As at a reload.
  @Test
  void whatIsInUseNoMoreGivesUpItsDirectoryAndItsThreads() throws IOException {
    var os = Os.real();
    List<Thread> threads = new CopyOnWriteArrayList<>();
    var tasks =
        new Tasks() {
          @Override
          public Thread virtual(String name, Runnable work) {
            return os.tasks().virtual(name, work);
          }

          @Override
          public Thread platform(String name, Runnable work) {
            var thread = os.tasks().platform(name, work);
            threads.add(thread);
            return thread;
          }
        };
    Path a = directory.resolve("a");
    try (var archives =
        new Archives(new Os(os.time(), os.network(), tasks, os.chance(), os.disk()))) {
      var archive = in(archives, a, FOR_EVER);
      archive.add(about("A", "", "b@there.test"), content("A"), SOON);
      archives.use(Map.of());
      assertThatThrownBy(() -> archive.add(about("B", "", "b@there.test"), content("B"), SOON))
          .isInstanceOf(IOException.class);
      Eventually.eventually("they end", () -> threads.stream().noneMatch(Thread::isAlive));
      os.disk().lock(a.resolve("lock")).orElseThrow().close();

      var again = in(archives, a, FOR_EVER);
      assertThat(again.add(about("C", "", "b@there.test"), content("C"), SOON).number())
          .isEqualTo(2);
    }
  }

  private static Archive in(Archives archives, Path directory, Terms terms) {
    archives.use(Map.of(directory, terms));
    return archives.at(directory);
  }

  private static List<String> all(MemoryDisk disk) {
    try {
      return found(disk, null, List.of(), null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> found(MemoryDisk disk, String from, List<String> to, String subject)
      throws IOException {
    List<String> ids = new ArrayList<>();
    new Search(null, null, from, to, subject, null, null)
        .in(disk, Ground.DIRECTORY, (entry, _) -> ids.add(entry.about().id()), (_, _) -> {});
    return ids;
  }
}
