package dev.poststation.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Compares with a file of src/test/resources/golden. With `-Dgolden.write=true` the file is written instead; the
/// difference is then to be reviewed.
public final class Golden {
  private static final Path DIRECTORY = Path.of("src/test/resources/golden");

  private Golden() {}

  /// Fails when `actual` is not what the file has.
  public static void check(String file, String actual) throws IOException {
    var path = DIRECTORY.resolve(file);
    if (Boolean.getBoolean("golden.write")) {
      Files.createDirectories(DIRECTORY);
      Files.writeString(path, actual);
    }
    assertThat(actual).isEqualTo(Files.readString(path));
  }
}
