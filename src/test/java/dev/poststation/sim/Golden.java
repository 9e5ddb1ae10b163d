package dev.poststation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Files of src/test/resources/golden: what the program writes for others to read.
public final class Golden {
  private static final Path EXPECTED = Path.of("src/test/resources/golden");
  private static final Path WRITTEN = Path.of("target/golden");

  private Golden() {}

  /// Fails when `actual` is not what the file has; then it lies in target/golden, to be reviewed and copied.
  public static void check(String file, String actual) throws IOException {
    var written = WRITTEN.resolve(file);
    Files.createDirectories(WRITTEN);
    Files.writeString(written, actual);
    var expected = EXPECTED.resolve(file);
    assertThat(actual)
        .as("If the change is meant, copy %s over %s", written, expected)
        .isEqualTo(Files.exists(expected) ? Files.readString(expected) : "");
  }
}
