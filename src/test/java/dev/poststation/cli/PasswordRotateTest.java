package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.admin.LiveRelay;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `credential rotate` of a password: what the next hop says of the new one to the command, and to
/// the relay that runs.
class PasswordRotateTest {
  private static final String IN = "235 2.7.0 welcome";
  private static final String WRONG = "535 5.7.8 who are you";
  private static final String CANNOT_TELL = "454 4.7.0 the directory of users is down";

  /// In place of a greeting.
  private static final String BUSY = "421 4.3.2 too many connections";

  @TempDir Path directory;
  private Path secret;
  private ServerSocket host;
  private LiveRelay relay;

  /// What the next connections hear, each its own.
  private final ConcurrentLinkedQueue<String> answers = new ConcurrentLinkedQueue<>();

  @BeforeEach
  void start() throws Exception {
    secret = file("secret", "old");
    host = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::serve);
    relay =
        new LiveRelay(
            directory,
            """
            connectors.provider { hosts = ["127.0.0.1:%d"], tls = off
              auth { user = me, mechanism = plain, password = "file:%s" } }
            routes = [ { via = [provider] } ]
            """
                .formatted(host.getLocalPort(), secret));
  }

  @AfterEach
  void stop() throws IOException {
    relay.close();
    host.close();
  }

  private Path file(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  private void serve() {
    try {
      while (true) {
        try (var connection = host.accept()) {
          String answer = answers.poll();
          talk(connection, answer == null ? BUSY : answer);
        }
      }
    } catch (IOException _) {
      // It is closed.
    }
  }

  private static void talk(Socket connection, String answer) throws IOException {
    var in =
        new BufferedReader(
            new InputStreamReader(connection.getInputStream(), StandardCharsets.US_ASCII));
    say(connection, answer.equals(BUSY) ? BUSY : "220 host.example");
    for (var line = in.readLine(); line != null; line = in.readLine()) {
      switch (line.split(" ", 2)[0]) {
        case "EHLO" -> say(connection, "250-host.example\r\n250 AUTH PLAIN");
        case "AUTH" -> say(connection, answer);
        default -> say(connection, "250 2.0.0 ok");
      }
    }
  }

  private static void say(Socket connection, String line) throws IOException {
    connection.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
  }

  /// @param first what the command hears, then the relay
  private Ran rotate(String... first) throws IOException {
    answers.addAll(List.of(first));
    var ran =
        Ran.with(
            relay.file(), "credential rotate provider --secret-from " + file("fresh", "brand-new"));
    assertThat(ran.out() + ran.err()).doesNotContain("brand-new");
    return ran;
  }

  private String inTheFile() throws IOException {
    return Files.readString(secret).strip();
  }

  @Test
  void whatLetsBothInIsTaken() throws Exception {
    var ran = rotate(IN, IN);
    assertThat(ran.exit()).as(ran.toString()).isZero();
    assertThat(ran.out()).contains("the running relay has logged in with it");
    assertThat(inTheFile()).isEqualTo("brand-new");
  }

  @Test
  void whatIsRefusedDoesNotWorkAndWhatTheRelayIsRefusedWithIsPutBack() throws Exception {
    var ran = rotate(WRONG);
    assertThat(ran.exit()).isEqualTo(Exit.NO);
    assertThat(ran.out()).contains("The new secret does not work; nothing was changed.");
    assertThat(inTheFile()).isEqualTo("old");
    ran = rotate(IN, WRONG);
    assertThat(ran.exit()).isEqualTo(Exit.NO);
    assertThat(ran.out()).contains("cannot use the new secret; the old one is back.");
    assertThat(inTheFile()).isEqualTo("old");
  }

  @Test
  void aHostThatIsBusyOrCannotTellSaysNothingOfTheNewSecret() throws Exception {
    for (String answer : Arrays.asList(BUSY, CANNOT_TELL)) {
      var ran = rotate(answer);
      assertThat(ran.exit()).isEqualTo(Exit.NO);
      assertThat(ran.out())
          .contains("Whether the new secret works is not known; nothing was changed.")
          .contains(answer.substring(10))
          .doesNotContain("does not work");
      assertThat(inTheFile()).isEqualTo("old");
    }
  }

  @Test
  void whatHasLetTheCommandInStaysWhereTheRelayFindsTheHostBusy() throws Exception {
    for (String answer : Arrays.asList(BUSY, CANNOT_TELL)) {
      file("secret", "old");
      var ran = rotate(IN, answer);
      assertThat(ran.exit()).as(ran.toString()).isZero();
      assertThat(ran.out())
          .contains("The running relay takes it at its next login; it could not try it now: ")
          .contains(answer.substring(10));
      assertThat(inTheFile()).isEqualTo("brand-new");
    }
  }
}
