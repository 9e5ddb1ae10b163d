package dev.poststation.system;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The program itself as a process of its own, with a temporary `data`, that relays for 127.0.0.1.
final class RunningRelay implements AutoCloseable {
  private static final String BASIS =
      """
      hostname = "relay.here.test"
      data = "@HOME@/data"
      listeners { relay { bind = "127.0.0.1:@PORT@" } }
      clients = [ { name = local, networks = ["127.0.0.1"] } ]
      limits { message-size = "200 MB" }
      log { file = "@HOME@/mail.log" }
      admin { bind = "127.0.0.1:@ADMIN@" }
      """;

  private final Home home;
  private final int port;
  private final List<String> command;
  private Program program;

  private RunningRelay(Home home, int port, List<String> command) {
    this.home = home;
    this.port = port;
    this.command = command;
    program = launch();
  }

  /// Starts it with this configuration besides the basis, which it may override.
  static RunningRelay start(String configuration) {
    return start(configuration, List.of(), List.of());
  }

  /// Starts it towards one next hop on 127.0.0.1.
  static RunningRelay to(int port, String... connectorKeys) {
    return start(towards(port, connectorKeys));
  }

  /// The configuration of `to`.
  static String towards(int port, String... connectorKeys) {
    return """
    connectors { next { hosts = ["127.0.0.1:%d"], %s } }
    routes = [ { via = [next] } ]
    queue { retry = ["1 s"] }
    """
        .formatted(port, String.join(", ", connectorKeys));
  }

  /// Starts it with flags for the JVM, run by another program, such as strace.
  static RunningRelay start(String configuration, List<String> runner, List<String> jvmFlags) {
    Home home = Home.create("relay");
    int port = Port.free();
    Path file =
        home.write(
            "poststation.conf",
            BASIS + configuration,
            Map.of(
                "HOME", home.path().toString(),
                "PORT", Integer.toString(port),
                "ADMIN", Integer.toString(Port.free())));
    List<String> command = new ArrayList<>();
    runner.forEach(word -> command.add(word.replace("@HOME@", home.path().toString())));
    command.addAll(java(jvmFlags));
    command.addAll(List.of("run", "--config", file.toString()));
    return new RunningRelay(home, port, List.copyOf(command));
  }

  /// The command that runs the program, without its arguments.
  static List<String> java(List<String> jvmFlags) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(jvmFlags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.poststation.Main"));
    return command;
  }

  private Program launch() {
    Program started = Program.start(command);
    Port.awaitListening(started, port);
    started.awaitLine(line -> line.contains(" runs as "), Duration.ofSeconds(60)); // With its API.
    return started;
  }

  int port() {
    return port;
  }

  /// The mail log.
  String log() {
    return home.read("mail.log");
  }

  /// Where its configuration, its `data` and its mail log are.
  Path home() {
    return home.path();
  }

  /// What the program printed.
  String output() {
    return program.output();
  }

  /// Ends it as a crash would.
  void kill() {
    program.kill();
  }

  /// Ends it as an administrator would, and waits until it has ended.
  void stop() {
    program.close();
  }

  /// Starts it again after `kill` or `stop`, with what is in its `data`.
  void restart() {
    program = launch();
  }

  @Override
  public void close() {
    program.close();
    home.close();
  }
}
