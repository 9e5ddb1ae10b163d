package dev.poststation.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The program as Maven packed it, or its classes where a single test is run without Maven.
///
/// Hundreds of relays and commands are started when all tests run, and most of what each costs is
/// the loading of classes. So a relay that takes a mail, and a command that asks it, keep what they
/// have loaded for the others (JEP 514).
final class PackedProgram {
  private static final Duration LONG = Duration.ofMinutes(3);
  private static final List<String> JVM =
      List.of(
          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          "--enable-native-access=ALL-UNNAMED",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1");

  /// What Maven packed; without it the classes are run.
  private static final @Nullable String JAR = System.getProperty("test.program");

  private static final Path OF_RELAYS = Path.of("target", "relay.aot").toAbsolutePath();
  private static final Path OF_COMMANDS = Path.of("target", "command.aot").toAbsolutePath();

  static {
    if (JAR != null) {
      load(JAR);
    }
  }

  private PackedProgram() {}

  /// The command that runs a relay, without its arguments.
  static List<String> relay(List<String> jvmFlags) {
    List<String> command = new ArrayList<>(JVM);
    command.addAll(jvmFlags);
    command.addAll(JAR == null ? classes() : List.of("-XX:AOTCache=" + OF_RELAYS, "-jar", JAR));
    return command;
  }

  /// The command that runs any other one, without its arguments.
  static List<String> command() {
    List<String> command = new ArrayList<>(JVM);
    command.addAll(JAR == null ? classes() : List.of("-XX:AOTCache=" + OF_COMMANDS, "-jar", JAR));
    return command;
  }

  private static List<String> classes() {
    return List.of("-cp", System.getProperty("java.class.path"), "dev.poststation.Main");
  }

  /// Of two test JVMs one makes the caches and the other waits for them.
  private static void load(String jar) {
    try (var lock =
            FileChannel.open(
                Path.of("target", "program.aot.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        var _ = lock.lock()) {
      if (!Files.exists(OF_COMMANDS)
          || Files.getLastModifiedTime(OF_COMMANDS)
                  .compareTo(Files.getLastModifiedTime(Path.of(jar)))
              < 0) {
        Files.deleteIfExists(OF_COMMANDS);
        run(jar, Path.of(OF_COMMANDS + ".begun"));
        Files.move(Path.of(OF_COMMANDS + ".begun"), OF_COMMANDS);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void run(String jar, Path ofCommands) {
    int port = Port.free();
    try (var home = Home.create("first")) {
      String file =
          home.write(
                  "poststation.conf",
                  RunningRelay.BASIS + RunningRelay.towards(Port.free()),
                  Map.of(
                      "HOME", home.path().toString(),
                      "PORT", Integer.toString(port),
                      "ADMIN", Integer.toString(Port.free())))
              .toString();
      try (var relay = keeping(OF_RELAYS, jar, "run", "--config", file)) {
        relay.awaitLine(line -> line.contains(" runs as "), LONG);
        try (var client = RecordingClient.start("first", port, 1, 1000)) {
          Until.holds("a mail", LONG, () -> !client.acknowledged().isEmpty());
        }
        try (var command = keeping(ofCommands, jar, "status", "--config", file)) {
          command.awaitExit(LONG);
        }
        relay.signal("TERM"); // The other way would close what it still writes to.
        relay.awaitExit(LONG);
      }
    }
  }

  private static Program keeping(Path cache, String jar, String... arguments) {
    List<String> command = new ArrayList<>(JVM);
    command.addAll(List.of("-XX:AOTCacheOutput=" + cache, "-jar", jar));
    command.addAll(List.of(arguments));
    return Program.start(command);
  }
}
