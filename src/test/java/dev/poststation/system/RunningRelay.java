package dev.poststation.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// The program itself as a process of its own, with a temporary `data`, that relays for 127.0.0.1.
final class RunningRelay implements AutoCloseable {
  /// What each has; @HOME@, @PORT@ and @ADMIN@ are filled in.
  static final String BASIS =
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
  private final int adminPort;
  private final List<String> command;
  private Program program;

  private RunningRelay(
      Home home, int port, int adminPort, List<String> runner, List<String> command) {
    this.home = home;
    this.port = port;
    this.adminPort = adminPort;
    this.command = command;
    program = begin(runner);
    awaitListening();
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
    int adminPort = Port.free();
    Path file =
        home.write(
            "poststation.conf",
            BASIS + configuration,
            Map.of(
                "HOME", home.path().toString(),
                "PORT", Integer.toString(port),
                "ADMIN", Integer.toString(adminPort)));
    List<String> command = new ArrayList<>(PackedProgram.relay(jvmFlags));
    command.addAll(List.of("run", "--config", file.toString()));
    return new RunningRelay(home, port, adminPort, runner, List.copyOf(command));
  }

  private Program begin(List<String> runner) {
    List<String> words = new ArrayList<>();
    runner.forEach(word -> words.add(word.replace("@HOME@", home.path().toString())));
    words.addAll(command);
    return Program.start(words);
  }

  /// Waits until clients can connect, and commands are answered.
  void awaitListening() {
    Port.awaitListening(program, port);
    program.awaitLine(line -> line.contains(" runs as "), Duration.ofMinutes(2));
  }

  int port() {
    return port;
  }

  /// Where its HTTP API is.
  int adminPort() {
    return adminPort;
  }

  /// The mail log.
  String log() {
    return home.read("mail.log");
  }

  /// Waits until the mail log, which is written a little later, has something like this.
  void awaitLog(String regex) {
    var pattern = Pattern.compile(regex);
    Until.holds(
        "in the log: " + regex, Duration.ofSeconds(20), () -> pattern.matcher(log()).find());
  }

  /// Waits until the mail log has this in it.
  void awaitLogWith(String text) {
    awaitLog(Pattern.quote(text));
  }

  /// Where its configuration, its `data` and its mail log are.
  Path home() {
    return home.path();
  }

  /// What the program printed.
  String output() {
    return program.output();
  }

  /// A metric; -1 as long as the HTTP API does not answer, which starts last.
  ///
  /// @param name with its labels, as in `x_total{by="y"}`
  long metric(String name) {
    return reading(name).orElseThrow(() -> new AssertionError("there is no metric " + name));
  }

  /// The same of a counter with labels, which is not there before there is something to count.
  long counted(String name) {
    return reading(name).orElse(0L);
  }

  private Optional<Long> reading(String name) {
    try (var in = URI.create("http://127.0.0.1:" + adminPort + "/metrics").toURL().openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.startsWith(name + " "))
          .map(line -> (long) Double.parseDouble(line.substring(name.length() + 1)))
          .findFirst();
    } catch (ConnectException e) {
      if (!program.isAlive()) {
        throw new AssertionError("the relay ended:\n" + output(), e);
      }
      return Optional.of(-1L);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Sends it a signal, such as `STOP`.
  void signal(String name) {
    program.signal(name);
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
    restart(List.of());
  }

  /// The same, run by another program.
  void restart(List<String> runner) {
    program = begin(runner);
    awaitListening();
  }

  /// Starts it again without waiting for anything.
  void begin() {
    program = begin(List.of());
  }

  @Override
  public void close() {
    program.close();
    home.close();
  }
}
