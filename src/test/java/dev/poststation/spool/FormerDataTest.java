package dev.poststation.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.TraceSettings;
import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import dev.poststation.sim.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// `data` directories that former programs wrote are opened, and nothing in them is lost.
class FormerDataTest {
  private static final Path SAMPLES = Path.of("src/test/resources/data");
  private static final QueueId FIRST = QueueId.at(DataSample.NOW);

  /// The tables of traces are as old as the sample: they must not be deleted for it.
  private static final TraceSettings TRACE =
      new TraceSettings(Duration.ofDays(36_500), 1L << 30, true);

  @TempDir Path data;

  static Stream<Path> samples() throws IOException {
    try (var files = Files.list(SAMPLES)) {
      return files.filter(file -> file.toString().endsWith(".zip")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void whatAFormerProgramWroteIsReadAsItWas(Path sample) throws IOException {
    unpack(sample, data);
    String expected = sample.getFileName().toString().replace(".zip", ".txt");
    for (int start = 1; start <= 2; start++) {
      try (var spool = open()) {
        Golden.check(SAMPLES.resolve(expected), DataReport.of(spool, FIRST));
      }
    }
  }

  /// So that the sample that is packed next has something of everything, too.
  @Test
  void todaysSampleIsReadAsTheLastOne() throws IOException {
    DataSample.write(data);
    Path last = samples().toList().getLast();
    String expected = last.toString().replace(".zip", ".txt");
    try (var spool = open()) {
      assertThat(DataReport.of(spool, FIRST)).isEqualTo(Files.readString(Path.of(expected)));
    }
  }

  private LocalSpool open() throws IOException {
    return LocalSpool.open(Os.real(), data, LocalSpoolTest.SETTINGS, TRACE, 1 << 20);
  }

  static void unpack(Path zip, Path directory) throws IOException {
    try (var in = new ZipInputStream(Files.newInputStream(zip))) {
      for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        Path file = directory.resolve(entry.getName());
        Files.createDirectories(file.getParent());
        Files.copy(in, file);
      }
    }
  }
}
