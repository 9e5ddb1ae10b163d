package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.ServerLog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `check` and `run` say the same of files of the relay that others can read or write.
class ExposedFilesTest {
  private static final String TOKEN = "0123456789abcdef".repeat(4) + "\n";

  @TempDir private Path directory;
  private Path config;
  private Path data;

  @BeforeEach
  void write() throws IOException {
    config = directory.resolve("poststation.conf");
    data = Files.createDirectory(directory.resolve("data"));
    configure(0);
  }

  private void configure(int port) throws IOException {
    Files.writeString(
        config,
        """
        hostname = "relay.example.com"
        data = "%s"
        listeners { lan { bind = "127.0.0.1:%d" } }
        admin { bind = "127.0.0.1:0" }
        clients = [ { name = lan, networks = ["127.0.0.1"] } ]
        connectors { out { type = mx } }
        routes = [ { via = [out] } ]
        """
            .formatted(data, port));
  }

  private static Path write(Path file, String text, String mode) throws IOException {
    Files.createDirectories(file.resolveSibling(""));
    Files.writeString(file, text);
    return chmod(file, mode);
  }

  private static Path chmod(Path path, String mode) throws IOException {
    return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  private Ran check() {
    return Ran.with(config, "check");
  }

  /// What `run` logs before it finds that its port is taken.
  private List<String> logged() throws IOException {
    try (var taken = new ServerSocket()) {
      taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      configure(taken.getLocalPort());
      var log = ServerLog.of(RunCommand.class);
      var ran = Ran.with(config, "run");
      assertThat(ran.exit()).isEqualTo(Exit.WRONG);
      assertThat(ran.err()).contains("cannot listen on");
      return log.end();
    } finally {
      configure(0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"oauth.tokens", "users.secret", "journal.secret", "quarantine.key"})
  void aSecretOfTheRelayThatOthersCanReadOrWriteIsAWarning(String name) throws IOException {
    Path file = write(data.resolve(name), "", "rw----r--");
    assertThat(check().out())
        .contains(
            config + ":2: warning: ",
            file + " can be read by others (mode 0604, group ",
            "; run: chmod 600 " + file + "\n");
    assertThat(check().exit()).isEqualTo(Exit.OK);
    assertThat(logged())
        .anyMatch(
            line ->
                line.startsWith("WARN ")
                    && line.contains(file + " can be read by others")
                    && !line.contains("warning"));

    chmod(file, "rw-----w-");
    assertThat(check().out())
        .contains(
            file + " can be written by others (mode 0602, group ",
            "; run: chmod 600 " + file + "\n")
        .doesNotContain("can be read by others");
    assertThat(logged()).anyMatch(line -> line.contains(file + " can be written by others"));

    chmod(file, "rw-------");
    assertThat(check().out()).contains("is good.\n");
    assertThat(logged()).noneMatch(line -> line.contains("by others"));
  }

  @Test
  void anAdminTokenThatOthersCanReadIsAnErrorForRunRefusesIt() throws IOException {
    Path token = write(data.resolve("admin.token"), TOKEN, "rw-r--r--");

    assertThat(check().out())
        .contains(
            config + ":2: the admin token " + token + " can be read by others (mode 0644, group ",
            "; run: chmod 600 " + token + "\n");
    assertThat(check().exit()).isEqualTo(Exit.WRONG);
    var log = ServerLog.of(RunCommand.class);
    var ran = Ran.with(config, "run");
    assertThat(log.end()).noneMatch(line -> line.contains("by others"));
    assertThat(ran.exit()).isEqualTo(Exit.WRONG);
    assertThat(ran.err()).contains(token + " can be read by others: run chmod 600 " + token);

    chmod(token, "rw-----w-");
    assertThat(check().out())
        .contains("warning: the admin token " + token + " can be written by others (mode 0602, ");
    assertThat(check().exit()).isEqualTo(Exit.OK);
  }

  /// It is made anew, for its owner only.
  @Test
  void ofAnAdminTokenThatWasCutOffNothingIsSaid() throws IOException {
    write(data.resolve("admin.token"), "short\n", "rw-r--r--");

    assertThat(check().out()).contains("is good.\n");
  }

  @Test
  void whereALinkLeadsCounts() throws IOException {
    Path file = write(directory.resolve("elsewhere/tokens"), "", "rw-r--r--");
    Path link = Files.createSymbolicLink(data.resolve("oauth.tokens"), file);

    assertThat(check().out()).contains(link + " can be read by others (mode 0644, ");
    Files.delete(file);
    assertThat(check().out()).contains("is good.\n");
  }

  @Test
  void aUsersFileThatOthersCanWriteIsAWarning() throws IOException {
    Path file = write(data.resolve("users"), "", "rw-----w-");

    assertThat(check().out())
        .contains("warning: the users file " + file + " can be written by others (mode 0602, ");
    assertThat(check().exit()).isEqualTo(Exit.OK);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dkim/example.com/a.pem",
        "dkim/example.com/keys",
        "smime/own/a.pem",
        "openpgp/own/a.asc"
      })
  void aKeyOfTheRelayThatOthersCanWriteIsAWarning(String name) throws IOException {
    Path file = write(data.resolve(name), "", "rw-----w-");

    assertThat(check().out())
        .contains("warning: the key " + file + " can be written by others (mode 0602, ");
  }

  @Test
  void aDataDirectoryInWhichOthersReplaceFilesIsAWarning() throws IOException {
    chmod(data, "rwxrwxrwx");

    assertThat(check().out())
        .contains(
            config + ":2: warning: others can put files into the directory " + data + ", ",
            "(mode 0777, group ",
            "; run: chmod go-w " + data + "\n");
    assertThat(check().exit()).isEqualTo(Exit.OK);
    assertThat(logged()).anyMatch(line -> line.contains("the directory " + data + ", "));

    chmod(config, "rw-rw-rw-");
    Path above = chmod(directory, "rwxrwxrwx");
    data = above;
    configure(0);
    assertThat(check().out())
        .containsOnlyOnce("the directory " + above + ", ")
        .contains("file " + config + " can be written by others (mode 0666, ");
  }
}
