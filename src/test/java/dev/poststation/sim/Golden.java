package dev.poststation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Files that say what the program writes for others to read. With `-Dgolden.write=true` (`make
/// golden`) they are written instead; the difference is then to be reviewed.
public final class Golden {
  private static final Path EXPECTED = Path.of("src/test/resources/golden");
  private static final Path WRITTEN = Path.of("target/golden");

  private Golden() {}

  /// Fails when `actual` is not what the file of src/test/resources/golden has; then it lies in
  /// target/golden, to be reviewed and copied.
  public static void check(String file, String actual) throws IOException {
    check(EXPECTED.resolve(file), actual);
  }

  /// The same for a file elsewhere in the project: a page of the manual.
  public static void check(Path expected, String actual) throws IOException {
    var written = WRITTEN.resolve(expected.getFileName());
    Files.createDirectories(WRITTEN);
    Files.writeString(written, actual);
    if (Boolean.getBoolean("golden.write")) {
      Files.createDirectories(expected.toAbsolutePath().getParent());
      Files.writeString(expected, actual);
    }
    assertThat(actual)
        .as("If the change is meant, copy %s over %s, or run make golden", written, expected)
        .isEqualTo(Files.exists(expected) ? Files.readString(expected) : "");
  }
}
