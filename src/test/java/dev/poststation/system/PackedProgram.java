package dev.poststation.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The program as Maven packed it, or its classes where a single test is run without Maven.
///
/// Hundreds of relays and commands are started when all tests run, and most of what each costs is
/// the loading of classes. So the first one keeps what it has loaded for the others (JEP 514).
final class PackedProgram {
  private static final List<String> JVM =
      List.of(
          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          "--enable-native-access=ALL-UNNAMED",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1");

  private static final List<String> PROGRAM = program();

  private PackedProgram() {}

  /// The command that runs it, without its arguments.
  static List<String> command(List<String> jvmFlags) {
    List<String> command = new ArrayList<>(JVM);
    command.addAll(jvmFlags);
    command.addAll(PROGRAM);
    return command;
  }

  private static List<String> program() {
    String jar = System.getProperty("test.program");
    if (jar == null) {
      return List.of("-cp", System.getProperty("java.class.path"), "dev.poststation.Main");
    }
    return List.of("-XX:AOTCache=" + loadedBefore(jar), "-jar", jar);
  }

  /// What a start has loaded; of two test JVMs one makes it and the other waits for it.
  private static Path loadedBefore(String jar) {
    Path cache = Path.of("target", "program.aot").toAbsolutePath();
    try (var lock =
            FileChannel.open(
                Path.of("target", "program.aot.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        var _ = lock.lock()) {
      if (!Files.exists(cache)
          || Files.getLastModifiedTime(cache).compareTo(Files.getLastModifiedTime(Path.of(jar)))
              < 0) {
        Path begun = Path.of("target", "program.aot.begun").toAbsolutePath();
        start(List.of("-XX:AOTCacheOutput=" + begun, "-jar", jar));
        Files.move(begun, cache, StandardCopyOption.REPLACE_EXISTING);
      }
      return cache;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void start(List<String> program) {
    try (var home = Home.create("first")) {
      Path file =
          home.write(
              "poststation.conf",
              RunningRelay.BASIS + RunningRelay.towards(Port.free()),
              Map.of(
                  "HOME", home.path().toString(),
                  "PORT", Integer.toString(Port.free()),
                  "ADMIN", Integer.toString(Port.free())));
      List<String> command = new ArrayList<>(JVM);
      command.addAll(program);
      command.addAll(List.of("run", "--config", file.toString()));
      try (var relay = Program.start(command)) {
        relay.awaitLine(line -> line.contains(" runs as "), Duration.ofMinutes(2));
        relay.signal("TERM"); // The other way would close what it still writes to.
        relay.awaitExit(Duration.ofMinutes(3));
      }
    }
  }
}
