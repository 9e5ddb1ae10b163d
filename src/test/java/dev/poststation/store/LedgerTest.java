package dev.poststation.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import dev.poststation.os.Tasks;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.PassingDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What was learned and cannot be read any more is neither lost nor written over.
class LedgerTest {
  private static final Path DATA = Path.of("data");
  private static final Path FILE = DATA.resolve("profiles");
  private static final Path ASIDE = DATA.resolve("profiles.damaged-20260101-000000");

  private final MemoryDisk disk = new MemoryDisk();
  private final List<String> known = new ArrayList<>();

  private final ManualTime time = new ManualTime();
  private final List<Runnable> later = new ArrayList<>();

  private Os os(Disk on) {
    var real = Os.real();
    var told =
        new Tasks() {
          @Override
          public Thread virtual(String name, Runnable body) {
            return platform(name, body);
          }

          @Override
          public Thread platform(String name, Runnable body) {
            later.add(body);
            return Thread.currentThread();
          }
        };
    return new Os(time, real.network(), told, real.chance(), on);
  }

  private Ledger ledger(Disk on) {
    var ledger = new Ledger(os(on), FILE, () -> known);
    ledger.read(
        100,
        line -> {
          boolean good = line.startsWith("good");
          if (good) {
            known.add(line);
          }
          return good;
        });
    return ledger;
  }

  private String text(Path file) throws IOException {
    return new String(disk.read(file), StandardCharsets.UTF_8);
  }

  private static void changed(Ledger ledger) {
    ledger.changed();
    ledger.close();
  }

  /// A disk that has lost what is in the file.
  private class LossyDisk extends PassingDisk {
    LossyDisk() {
      super(disk);
    }

    @Override
    public byte[] read(Path file) throws IOException {
      if (file.equals(FILE)) {
        throw new IOException("Input/output error");
      }
      return super.read(file);
    }
  }

  @Test
  void aFileThatCannotBeReadIsSetAsideBeforeItIsWrittenAnew() throws Exception {
    disk.with("data/profiles", "good 1\n");
    var ledger = ledger(new LossyDisk());
    assertThat(known).isEmpty();
    known.add("good 2");
    changed(ledger);
    assertThat(text(ASIDE)).isEqualTo("good 1\n");
    assertThat(text(FILE)).isEqualTo("good 2\n");
    assertThat(Ledger.concerns(disk, DATA))
        .singleElement()
        .asString()
        .startsWith("data/profiles.damaged-20260101-000000 was damaged when the relay read it: ");
  }

  @Test
  void whatCannotEvenBeSetAsideIsNotWrittenOver() throws Exception {
    disk.with("data/profiles", "good 1\n");
    var stuck =
        new LossyDisk() {
          private boolean mended;

          @Override
          public void move(Path from, Path to) throws IOException {
            if (!mended) {
              throw new IOException("Read-only file system");
            }
            super.move(from, to);
          }
        };
    var ledger = ledger(stuck);
    known.add("good 2");
    ledger.changed();
    ledger.write();
    assertThat(text(FILE)).isEqualTo("good 1\n");
    stuck.mended = true;
    ledger.close();
    assertThat(text(ASIDE)).isEqualTo("good 1\n");
    assertThat(text(FILE)).isEqualTo("good 2\n");
  }

  @Test
  void ofADamagedFileTheOtherLinesHoldAndItIsKeptAsItWas() throws Exception {
    disk.with("data/profiles", "good 1\nb\0d\ngood 2\n");
    changed(ledger(disk));
    assertThat(text(FILE)).isEqualTo("good 1\ngood 2\n");
    assertThat(text(ASIDE)).isEqualTo("good 1\nb\0d\ngood 2\n");
    assertThat(Ledger.concerns(disk, DATA)).hasSize(1);
  }

  @Test
  void aDamagedFileThatCannotBeKeptUnderAnotherNameIsNotWrittenOver() throws Exception {
    disk.with("data/profiles", "good 1\nb\0d\n");
    var stuck =
        new PassingDisk(disk) {
          private boolean mended;

          @Override
          public void link(Path file, Path second) throws IOException {
            if (!mended) {
              throw new IOException("No space left on device");
            }
            super.link(file, second);
          }
        };
    var ledger = ledger(stuck);
    known.add("good 2");
    ledger.changed();
    ledger.write();
    assertThat(text(FILE)).isEqualTo("good 1\nb\0d\n");
    stuck.mended = true;
    ledger.close();
    assertThat(text(ASIDE)).isEqualTo("good 1\nb\0d\n");
    assertThat(text(FILE)).isEqualTo("good 1\ngood 2\n");
  }

  @Test
  void aDamageIsToldOnceAndNotAtEachStartAnew() throws Exception {
    disk.with("data/profiles", "good 1\nb\0d\n");
    ledger(disk).close();
    assertThat(text(FILE)).isEqualTo("good 1\n");
    disk.move(ASIDE, DATA.resolve("looked-at"));
    known.clear();
    ledger(disk).close();
    assertThat(known).containsExactly("good 1");
    assertThat(Ledger.concerns(disk, DATA)).isEmpty();
  }

  @Test
  void whatIsWholeOrNotThereIsNoConcern() {
    changed(ledger(disk));
    disk.with("data/profiles", "good 1\n").with("data/other.damaged-1", "");
    changed(ledger(disk));
    assertThat(Ledger.concerns(disk, DATA)).isEmpty();
    assertThat(disk.list(DATA)).hasSize(2);
  }

  @Test
  void whatTakesLongToWriteIsWrittenLessOften() {
    var took = new AtomicReference<>(Duration.ZERO);
    var slow =
        new PassingDisk(disk) {
          @Override
          public void replace(Path file, byte[] content, boolean ownerOnly) throws IOException {
            time.advance(took.get());
            super.replace(file, content, ownerOnly);
          }
        };
    var ledger = new Ledger(os(slow), FILE, () -> known, Ledger.SOON);

    assertThat(secondsUntilWritten(ledger)).isEqualTo(10);
    took.set(Duration.ofMillis(500));
    assertThat(secondsUntilWritten(ledger)).isEqualTo(10);
    took.set(Duration.ofSeconds(9));
    assertThat(secondsUntilWritten(ledger)).as("a hundred times half a second").isEqualTo(59);
    took.set(Duration.ZERO);
    assertThat(secondsUntilWritten(ledger)).as("five minutes at most").isEqualTo(300);
    assertThat(secondsUntilWritten(ledger)).isEqualTo(10);
  }

  /// With the writing itself.
  private long secondsUntilWritten(Ledger ledger) {
    long before = time.nanos();
    ledger.changed();
    later.removeFirst().run();
    return Duration.ofNanos(time.nanos() - before).toSeconds();
  }

  @Test
  void allThatIsLearnedIsListed() throws Exception {
    Set<String> names = new TreeSet<>();
    try (var sources = Files.walk(Path.of("src/main/java"))) {
      for (Path source : sources.filter(each -> each.toString().endsWith(".java")).toList()) {
        String text = Files.readString(source);
        var name = Pattern.compile("String FILE = \"(.*)\";").matcher(text);
        if (text.contains("new Ledger(") && name.find()) {
          names.add(name.group(1));
        }
      }
    }
    assertThat(names).containsExactlyInAnyOrderElementsOf(Learned.FILES);
  }
}
