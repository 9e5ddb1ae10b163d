package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What an administrator does wrong is answered with one clear sentence, a remedy and an exit code:
/// never with a stack trace, and nothing keeps running.
@Tag("peer")
final class MistakesTest {
  private static final String GOOD =
      """
      hostname = "relay.here.test"
      data = "@HOME@/data"
      listeners { relay { bind = "127.0.0.1:@PORT@" } }
      clients = [ { name = local, networks = ["127.0.0.1"] } ]
      connectors { next { hosts = ["127.0.0.1:2525"] } }
      routes = [ { via = [next] } ]
      admin { bind = "127.0.0.1:@ADMIN@" }
      """;

  private final Home home = Home.create("mistakes");
  private final int port = Port.free();

  @AfterEach
  void clean() {
    home.close();
  }

  private record Answer(int exit, String text) {}

  @Test
  void anUnknownKeyIsNamedWithItsLineAndTheNearestOne() {
    var answer =
        run(
            "check",
            GOOD.replace("bind = \"127.0.0.1:@PORT@\"", "bind = \"127.0.0.1:@PORT@\", tlz = off"));

    assertThat(answer.exit()).isEqualTo(2);
    assertThat(answer.text())
        .contains(
            "poststation.conf:3: unknown key \"tlz\" in listeners.relay; did you mean \"tls\"?");
  }

  @Test
  void allProblemsAreToldAtOnce() {
    var answer =
        run(
            "check",
            GOOD.replace("via = [next]", "via = [nowhere]")
                .replace("\"127.0.0.1\"", "\"127.0.0.300\""));

    assertThat(answer.exit()).isEqualTo(2);
    assertThat(answer.text())
        .contains("poststation.conf:6: ", "there is no connector \"nowhere\"")
        .contains("poststation.conf:4: ", "127.0.0.300")
        .contains("2 errors");
  }

  @Test
  void aMissingBraceIsToldWithItsLine() {
    assertThat(run("run", GOOD + "\nlimits { sessions = 5").text())
        .contains("poststation.conf:9: ", "never closed");
  }

  @Test
  void aMissingFileIsNamed() {
    var answer = execute("run", "--config", home.path().resolve("missing.conf").toString());

    assertThat(answer.exit()).isEqualTo(2);
    assertThat(answer.text()).contains("missing.conf does not exist");
  }

  @Test
  void aMissingSecretIsNamedWithTheLineThatWantsIt() {
    var answer =
        run(
            "check",
            GOOD.replace(
                "hosts = [\"127.0.0.1:2525\"]",
                "hosts = [\"127.0.0.1:2525\"], tls = verify, auth { user = u, password ="
                    + " \"file:@HOME@/secret\" }"));

    assertThat(answer.exit()).isEqualTo(2);
    assertThat(answer.text())
        .contains(
            "poststation.conf:5: connectors.next.auth.password: ",
            home.path() + "/secret does not exist");
  }

  @Test
  void aPortInUseIsNamedWithTheListener() throws IOException {
    try (var _ = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      var answer = run("run", GOOD);

      assertThat(answer.exit()).isEqualTo(2);
      assertThat(answer.text())
          .contains(
              "listeners.relay",
              "poststation.conf:3",
              "cannot listen on 127.0.0.1:" + port,
              "name another one");
    }
  }

  @Test
  void aDataDirectoryThatCannotBeWrittenIsNamed() {
    home.write("file", "no directory", Map.of());
    var answer = run("run", GOOD.replace("@HOME@/data", "@HOME@/file/data"));

    assertThat(answer.exit()).isEqualTo(2);
    assertThat(answer.text())
        .contains("The directory " + home.path() + "/file/data cannot be", "set another `data`");
  }

  @Test
  void aDataDirectoryThatIsAFileIsNamed() {
    home.write("data", "a file", Map.of());
    var answer = run("run", GOOD);

    assertThat(answer.exit()).isEqualTo(2);
    assertThat(answer.text()).contains(home.path() + "/data, which is a file: name a directory");
  }

  @Test
  void aMailLogWithoutADirectoryIsNamedOnceWithTheRemedy() {
    var answer = run("run", GOOD + "log { file = \"@HOME@/none/mail.log\" }\n");

    assertThat(answer.exit()).isEqualTo(2);
    assertThat(answer.text())
        .containsOnlyOnce("none/mail.log")
        .contains("(log.file) cannot be written: No such file or directory; its directory must");
  }

  @Test
  void aDataDirectoryInUseIsNamed() {
    try (var first =
        Program.start(command("run", "--config", configuration("first.conf", GOOD).toString()))) {
      Port.awaitListening(first, port);
      Path second =
          configuration("second.conf", GOOD.replace("@PORT@", Integer.toString(Port.free())));
      var answer = execute("run", "--config", second.toString());

      assertThat(answer.exit()).isEqualTo(2);
      assertThat(answer.text()).contains("/data is in use by another running relay");
    }
  }

  @Test
  void aWrongTokenIsToldByItsFile() throws IOException {
    Path file = configuration("poststation.conf", GOOD);
    try (var relay = Program.start(command("run", "--config", file.toString()))) {
      relay.awaitLine(line -> line.contains("admin API"), Duration.ofSeconds(30));
      Files.writeString(home.path().resolve("data/admin.token"), "wrong\n");
      var answer = execute("status", "--config", file.toString());

      assertThat(answer.exit()).isEqualTo(4);
      assertThat(answer.text())
          .contains("does not take the token " + home.path() + "/data/admin.token");
    }
  }

  @Test
  void aCommandWithoutARelaySaysSo() {
    var answer = run("status", GOOD);

    assertThat(answer.exit()).isEqualTo(3);
    assertThat(answer.text()).contains("No relay has run", "poststation run");
  }

  private Answer run(String verb, String configuration) {
    return execute(verb, "--config", configuration("poststation.conf", configuration).toString());
  }

  private Path configuration(String name, String text) {
    return home.write(
        name,
        text,
        Map.of(
            "HOME", home.path().toString(),
            "PORT", Integer.toString(port),
            "ADMIN", Integer.toString(Port.free())));
  }

  private static List<String> command(String... arguments) {
    var command = new ArrayList<>(PackedProgram.command());
    command.addAll(List.of(arguments));
    return command;
  }

  /// Runs a command to its end; whatever it says must be fit for a person.
  private static Answer execute(String... arguments) {
    try (var program = Program.start(command(arguments))) {
      int exit = program.awaitExit(Duration.ofSeconds(30));
      String text = program.output();
      assertThat(text).doesNotContain("Exception", "\tat ", "java.");
      assertThat(text.lines().count()).isBetween(1L, 6L);
      return new Answer(exit, text);
    }
  }
}
