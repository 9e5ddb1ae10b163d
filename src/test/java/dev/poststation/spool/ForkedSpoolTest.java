package dev.poststation.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Processes that are killed, or whose disk fails, while they fill a spool.
@Tag("slow")
class ForkedSpoolTest {
  @TempDir Path data;

  private final Set<QueueId> acknowledged = new TreeSet<>();
  private final Set<QueueId> removed = new TreeSet<>();
  private final Set<QueueId> refused = new TreeSet<>();
  private boolean ended;
  private int fileSizeMax;
  private boolean nearlyFull;
  private int sessions = 20;

  @Test
  void aKillLosesNothingThatWasAcknowledged() throws Exception {
    for (int round = 1; round <= 3; round++) {
      run(List.of(), 1_000_000, 1_000L * round);
      assertThat(ended).isFalse();
      assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(1_000 * round);
      assertNothingIsMissing();
    }
    assertThat(refused).isEmpty();
  }

  /// A kill keeps the page cache and cannot show a missing sync: the system calls do.
  @Test
  void beforeEachAcknowledgementASyncHasEndedThatBeganAfterTheLastWrite() throws Exception {
    Path calls = data.resolve("calls");
    var strace =
        List.of(
            "strace",
            "-f",
            "--seccomp-bpf",
            "-qq",
            "-y",
            "-s",
            "8",
            "-o",
            calls.toString(),
            "-e",
            "trace=write,fdatasync");
    sessions = 1;
    run(strace, 60, Long.MAX_VALUE);
    int acks = 0;
    boolean written = false;
    boolean syncing = false;
    boolean synced = false;
    for (String call : Files.readAllLines(calls, StandardCharsets.ISO_8859_1)) {
      if (call.contains(".log>") && call.contains(" write(")) {
        written = true;
        syncing = false;
        synced = false;
      } else if (call.contains(" fdatasync(") && call.contains(".log>")) {
        syncing = written;
        synced = syncing && call.endsWith("= 0");
      } else if (call.contains("<... fdatasync resumed>")) {
        synced = syncing && call.endsWith("= 0");
      } else if (call.contains("write(1") && call.contains("\"ack ")) {
        assertThat(synced).as(call).isTrue();
        acks++;
      }
    }
    assertThat(acks).isEqualTo(60);
  }

  /// Often enough it hits also what is written while the spool is opened anew, and tables are
  /// merged.
  @ParameterizedTest
  @ValueSource(ints = {40, 11})
  void aFailedSyncRefusesTheMailAndTheSpoolRecovers(int every) throws Exception {
    run(failingSyncs(every), 200, Long.MAX_VALUE);
    assertThat(ended).isTrue();
    assertThat(refused).isNotEmpty();
    assertThat(acknowledged).isNotEmpty();
    assertNothingIsMissing();
    assertRefusedMailIsNotThere();
  }

  private static List<String> failingSyncs(int every) {
    return List.of(
        "strace",
        "-f",
        "--seccomp-bpf",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        "trace=fdatasync",
        "-e",
        "inject=fdatasync:error=EIO:when=25+" + every);
  }

  /// When there is no room, and when there is again, garbage is collected: whatever that writes may
  /// fail, too.
  @Test
  void failedSyncsWhileRoomComesAndGoesLoseNothing() throws Exception {
    nearlyFull = true;
    run(failingSyncs(11), 40, Long.MAX_VALUE);
    assertThat(refused).isNotEmpty();
    assertThat(acknowledged).isNotEmpty();
    assertNothingIsMissing();
    assertRefusedMailIsNotThere();
  }

  @Test
  void aFailedWriteRefusesTheMailAndTheSpoolRecovers() throws Exception {
    // No file may exceed 8 MB: each log ends in a write that fails in the middle of a record.
    fileSizeMax = 8 << 20;
    run(List.of(), 100, Long.MAX_VALUE);
    assertThat(refused).isNotEmpty();
    assertThat(acknowledged).isNotEmpty();
    assertNothingIsMissing();
    assertRefusedMailIsNotThere();
  }

  private void assertRefusedMailIsNotThere() throws IOException {
    try (var spool = open()) {
      for (QueueId id : refused) {
        assertThat(spool.load(id)).as("refused " + id).isEmpty();
      }
    }
  }

  /// Starts a process, and kills it after so many acknowledged mails.
  private void run(List<String> wrapper, int mails, long killAfter) throws Exception {
    var command = new ArrayList<>(wrapper);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xmx512m", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of(SpoolChild.class.getName(), data.toString(), "" + sessions, "" + mails));
    if (nearlyFull) {
      command.add("nearly-full");
    }
    Path errors = data.resolve("errors");
    var process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    ended = false;
    long acks = 0;
    try (var lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        acks += note(line) ? 1 : 0;
        if (line.equals("ready") && fileSizeMax > 0) {
          limitFileSize(process.pid());
        }
        if (acks == killAfter) {
          // By its handle: what it said before must still be read.
          process.toHandle().destroyForcibly();
        }
      }
    } finally {
      process.destroyForcibly();
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
    if (killAfter == Long.MAX_VALUE) {
      assertThat(ended).as(Files.readString(errors)).isTrue();
    }
  }

  private void limitFileSize(long pid) throws Exception {
    var limit = new ProcessBuilder("prlimit", "--pid", "" + pid, "--fsize=" + fileSizeMax);
    assertThat(limit.inheritIO().start().waitFor()).isZero();
  }

  private boolean note(String line) {
    String[] words = line.split(" ", 3);
    switch (words[0]) {
      case "ack" -> acknowledged.add(id(words[1]));
      case "gone" -> removed.add(id(words[1]));
      case "refused" -> refused.add(id(words[1]));
      case "end" -> ended = true;
      default -> {}
    }
    return words[0].equals("ack");
  }

  private static QueueId id(String text) {
    return QueueId.parse(text).orElseThrow();
  }

  private LocalSpool open() throws IOException {
    return LocalSpool.open(Os.real(), data, LocalSpoolTest.SETTINGS, LocalSpoolTest.TRACE, 1 << 20);
  }

  private void assertNothingIsMissing() throws IOException {
    var expected = new TreeSet<>(acknowledged);
    expected.removeAll(removed);
    try (var spool = open()) {
      for (QueueId id : expected) {
        var stored = spool.load(id).orElseThrow(() -> lost(id));
        assertThat(Mails.read(spool.content(stored.mail()))).isEqualTo(SpoolChild.contentOf(id));
      }
      var listed = all(spool);
      assertThat(listed).containsAll(expected);
      assertThat(spool.usage().mails()).isEqualTo(listed.size());
    }
  }

  private AssertionError lost(QueueId id) {
    try {
      return new AssertionError("lost " + id + "\n" + Files.readString(data.resolve("errors")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Collection<QueueId> all(Spool spool) throws IOException {
    var all = new TreeSet<QueueId>();
    for (var some = spool.incoming(QueueId.FIRST, 1000);
        !some.isEmpty();
        some = spool.incoming(some.getLast(), 1000)) {
      all.addAll(some);
    }
    return all;
  }
}
