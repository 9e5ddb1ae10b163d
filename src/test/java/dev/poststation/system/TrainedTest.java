package dev.poststation.system;

import static java.nio.file.StandardCopyOption.COPY_ATTRIBUTES;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `poststation train` in an unpacked distribution, with a real Java.
@Tag("slow")
class TrainedTest {
  @TempDir Path top;

  private Path unpack() throws IOException {
    Path lib = Files.createDirectories(top.resolve("dist/lib"));
    try (var files = Files.list(Path.of("target/dist/lib"))) {
      for (var file : files.filter(each -> each.toString().endsWith(".jar")).toList()) {
        Files.copy(file, lib.resolve(file.getFileName()), COPY_ATTRIBUTES);
      }
    }
    Files.copy(Path.of("packaging/find-jdk"), lib.resolve("find-jdk"));
    return Files.copy(Path.of("poststation"), top.resolve("dist/poststation"), COPY_ATTRIBUTES);
  }

  private static Ran run(Path launcher, String... arguments) {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    try (var program = Program.start(command)) {
      return Ran.await(program).good();
    }
  }

  @Test
  void aCommandBeginsWithWhatWasLearnedUntilTheProgramIsMoved() throws IOException {
    Path launcher = unpack();
    assertThat(run(launcher, "train", "--seconds", "1").text()).contains("Kept in ");
    Path kept = top.resolve("dist/lib/poststation.aot");
    assertThat(Files.size(kept)).isGreaterThan(10_000_000);
    // Where it could not be used there would be words of the JVM.
    assertThat(run(launcher, "version").text().lines()).hasSize(1);

    Path moved = Files.move(top.resolve("dist"), top.resolve("moved"));
    assertThat(run(moved.resolve("poststation"), "version").text().lines()).hasSize(1);
  }
}
