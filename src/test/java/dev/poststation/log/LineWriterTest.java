package dev.poststation.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LineWriterTest {
  @TempDir private Path directory;
  private final FailingDisk disk = new FailingDisk();
  private Path file;

  @BeforeEach
  void nameFile() {
    file = directory.resolve("mail.log");
  }

  private LineWriter writer() throws IOException {
    var os = disk.os();
    return new LineWriter(
        os, LogFile.open(os.disk(), file, 1 << 30), missing -> bytes("missing=" + missing + "\n"));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void eventually(Callable<Boolean> condition) throws Exception {
    var time = Os.real().time();
    long end = time.nanos() + Duration.ofSeconds(10).toNanos();
    while (!condition.call()) {
      assertThat(time.nanos()).as("still not after 10 s").isLessThan(end);
      time.sleep(Duration.ofMillis(10));
    }
  }

  @Test
  void linesReachTheFileSoonWithoutAnybodyAsking() throws Exception {
    try (var writer = writer()) {
      writer.append(bytes("one\n"));
      eventually(() -> Files.readString(file).equals("one\n"));
      writer.append(bytes("two\n"));
      eventually(() -> Files.readString(file).equals("one\ntwo\n"));
    }
  }

  @Test
  void closingWritesEverything() throws IOException {
    var writer = writer();
    for (int i = 0; i < 10_000; i++) {
      writer.append(bytes("line " + i + "\n"));
    }
    writer.close();
    assertThat(Files.readAllLines(file)).hasSize(10_000).endsWith("line 9999");
    assertThat(writer.lines()).isEqualTo(10_000);
  }

  @Test
  void manyThreadsLoseNoLineAndTearNone() throws Exception {
    var threads = new ArrayList<Thread>();
    try (var writer = writer()) {
      for (int t = 0; t < 20; t++) {
        var line = bytes(Character.toString('a' + t).repeat(50) + "\n");
        threads.add(
            Os.real()
                .tasks()
                .virtual(
                    "t" + t,
                    () -> {
                      for (int i = 0; i < 500; i++) {
                        writer.append(line);
                      }
                    }));
      }
      for (var thread : threads) {
        thread.join();
      }
    }
    assertThat(Files.readAllLines(file))
        .hasSize(10_000)
        .allMatch(line -> line.equals(line.substring(0, 1).repeat(50)));
  }

  @Test
  void aFileThatLogrotateMovedAwayGetsASuccessor() throws Exception {
    try (var writer = writer()) {
      writer.append(bytes("one\n"));
      eventually(() -> Files.readString(file).equals("one\n"));
      Files.move(file, directory.resolve("mail.log.1"));
      Files.createFile(file);
      int[] number = {0};
      eventually(
          () -> {
            writer.append(bytes("line " + number[0]++ + "\n"));
            return Files.size(file) > 0;
          });
    }
    var all = Files.readString(directory.resolve("mail.log.1")) + Files.readString(file);
    assertThat(all).startsWith("one\nline 0\n");
  }

  @Test
  void reopenTakesEffectAtOnce() throws Exception {
    try (var writer = writer()) {
      writer.append(bytes("one\n"));
      eventually(() -> Files.readString(file).equals("one\n"));
      Files.move(file, directory.resolve("mail.log.1"));
      writer.reopen();
      writer.append(bytes("two\n"));
      eventually(() -> Files.exists(file) && Files.readString(file).equals("two\n"));
    }
  }

  @Test
  void redirectedLinesGoToTheOtherFile() throws Exception {
    var other = directory.resolve("other.log");
    try (var writer = writer()) {
      writer.append(bytes("one\n"));
      eventually(() -> Files.readString(file).equals("one\n"));
      writer.redirect(LogFile.open(disk.os().disk(), other, 1 << 30));
      writer.append(bytes("two\n"));
      eventually(() -> Files.readString(other).equals("two\n"));
    }
  }

  @Test
  void aFullDiskLosesNothingThatFitsIntoMemory() throws Exception {
    disk.failures.set(2);
    try (var writer = writer()) {
      writer.append(bytes("first line\n"));
      eventually(() -> disk.failures.get() == 0);
      writer.append(bytes("second line\n"));
      eventually(() -> Files.readString(file).contains("second line\n"));
    }
    assertThat(Files.readAllLines(file)).containsSubsequence("first line", "second line");
  }

  @Test
  void aDiskThatHangsStopsNobodyAndTheGapIsTold() throws Exception {
    disk.gate = new CountDownLatch(1);
    var big = bytes("x".repeat(99_999) + "\n");
    int tried = 2 * LineWriter.BUFFER_MAX / big.length;
    try (var writer = writer()) {
      writer.append(big);
      // Or the writer might take what fits in between, and the gap would not be at the end.
      eventually(() -> disk.hung);
      for (int i = 1; i < tried; i++) {
        writer.append(big);
      }
      assertThat(writer.dropped()).isPositive();
      assertThat(writer.lines() + writer.dropped()).isEqualTo(tried);
      disk.gate.countDown();
      eventually(() -> Files.readString(file).endsWith("missing=" + writer.dropped() + "\n"));
      writer.append(bytes("after\n"));
      eventually(() -> Files.readString(file).endsWith("\nafter\n"));
    }
  }
}
