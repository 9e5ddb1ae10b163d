package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.poststation.log.Trace;
import dev.poststation.message.QueueId;
import dev.poststation.sim.MemoryConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// A password changes while the relay runs, on either side, and none of them is ever seen anywhere.
class SecretsTest {
  private static final String IN = "canary-of-anna";
  private static final String GUESS = "canary-of-a-guess";
  private static final String OLD = "canary-of-last-year";
  private static final String NEW = "canary-of-this-year";
  private static final String SECRET = "/etc/poststation/provider.secret";

  private final WholeRelay relay =
      new WholeRelay(
          """
          clients = [ { name = staff, users = ["*"] } ]
          connectors.next.hosts = ["127.0.2.1:25"]
          connectors.next.auth { user = "account", password = "file:provider.secret", mechanism = plain }
          queue { retry = ["1 m"] }
          """);
  private final List<String> passwords = new CopyOnWriteArrayList<>();
  private final List<String> arrived = new CopyOnWriteArrayList<>();

  /// A provider who takes the new password only, and repeats a wrong one.
  private void provider(MemoryConnection connection) {
    try {
      say(connection, "220 provider.example");
      byte[] buffer = new byte[8192];
      var unread = new StringBuilder();
      boolean content = false;
      for (int count = 0; count >= 0; count = connection.read(buffer, 0, buffer.length)) {
        unread.append(new String(buffer, 0, count, StandardCharsets.US_ASCII));
        for (int end = unread.indexOf("\r\n"); end >= 0; end = unread.indexOf("\r\n")) {
          String line = unread.substring(0, end);
          unread.delete(0, end + 2);
          if (content && line.equals(".")) {
            content = false;
            arrived.add("mail");
            say(connection, "250 2.0.0 ok");
          } else if (!content) {
            say(connection, answer(line));
            content = line.equals("DATA");
          }
        }
      }
    } catch (IOException _) {
      // It is gone.
    }
  }

  private String answer(String line) {
    if (line.startsWith("EHLO")) {
      return "250-provider.example\r\n250 AUTH PLAIN";
    }
    if (line.startsWith("AUTH PLAIN ")) {
      String said = new String(Base64.getDecoder().decode(line.substring(11)));
      String password = said.substring(said.lastIndexOf('\0') + 1);
      passwords.add(password);
      return password.equals(NEW) ? "235 2.7.0 ok" : "535 5.7.8 " + password + " is wrong";
    }
    return line.equals("DATA") ? "354 go" : "250 2.0.0 ok";
  }

  private static void say(MemoryConnection connection, String line) throws IOException {
    byte[] octets = (line + "\r\n").getBytes(StandardCharsets.US_ASCII);
    connection.write(octets, 0, octets.length);
  }

  private static List<String> canaries() {
    List<String> all = new ArrayList<>();
    for (String canary : List.of(IN, GUESS, OLD, NEW)) {
      all.add(canary);
      for (String before : List.of("", "\0anna\0", "\0account\0")) {
        byte[] octets = (before + canary).getBytes(StandardCharsets.UTF_8);
        // The end of BASE64 may look otherwise, where it is part of something longer.
        all.add(Base64.getEncoder().withoutPadding().encodeToString(octets).substring(0, 16));
      }
    }
    return all;
  }

  private String everything(String id) throws Exception {
    var all = new StringBuilder();
    relay.log("").forEach(line -> all.append(line).append('\n'));
    var entries = relay.spool.trace(QueueId.parse(id).orElseThrow());
    all.append(Trace.text(Trace.shown(entries))).append(Trace.json(Trace.shown(entries)));
    for (String command :
        List.of("config", "config --json", "check", "user list", "user show anna")) {
      all.append(relay.command(command));
    }
    all.append(relay.relay().metrics().scrape());
    all.append(relay.relay().concerns());
    for (Path file : relay.disk.list(Path.of("/data"))) {
      all.append(new String(relay.disk.read(file), StandardCharsets.ISO_8859_1));
    }
    return all.toString();
  }

  @Test
  void aPasswordIsTakenUpWhenItsFileChangesAndNoneIsSeenAnywhere() throws Exception {
    var root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    var server = new ListAppender<ILoggingEvent>();
    server.start();
    root.addAppender(server);
    var own = (Logger) LoggerFactory.getLogger("dev.poststation");
    var before = root.getLevel();
    var ownBefore = own.getLevel();
    root.setLevel(Level.DEBUG); // Commands that ran in this process may have made it silent,
    own.setLevel(Level.DEBUG); // and so may simulations.
    try {
      relay.disk.with(SECRET, OLD + "\n");
      relay.password("user add anna", IN);
      relay.disk.remove(Path.of("/tmp/password"));
      relay.house("127.0.2.1:25", this::provider);
      relay.start();
      String id;
      try (var client = relay.secure("198.51.100.7")) {
        assertThat(client.plain("anna", GUESS)).startsWith("535 5.7.8 ");
        assertThat(client.scram("anna", GUESS)).startsWith("535 5.7.8 ");
        assertThat(client.plain("anna", IN)).startsWith("235 ");
        String told = client.mail("anna@example.com", "x@there.example");
        id = told.substring(told.lastIndexOf(' ') + 1);
      }
      relay.pass(Duration.ofSeconds(10));
      assertThat(passwords).containsOnly(OLD);
      assertThat(arrived).isEmpty();
      assertThat(everything(id)).contains("535 5.7.8", "***").doesNotContain(canaries());

      relay.disk.with(SECRET, NEW + "\n");
      relay.pass(Duration.ofMinutes(10));
      assertThat(passwords).endsWith(NEW);
      assertThat(arrived).hasSize(1);
      assertThat(everything(id)).contains("status=sent").doesNotContain(canaries());
      assertThat(server.list.stream().map(ILoggingEvent::getFormattedMessage))
          .isNotEmpty()
          .noneMatch(line -> canaries().stream().anyMatch(line::contains));
    } finally {
      root.setLevel(before);
      own.setLevel(ownBefore);
      root.detachAppender(server);
      relay.close();
    }
  }

  /// A file that others can read now is no good any more; the mail waits.
  @Test
  void aSecretThatBecomesReadableByOthersIsNotUsed() throws Exception {
    relay.disk.with(SECRET, NEW + "\n");
    relay.password("user add anna", IN);
    relay.house("127.0.2.1:25", this::provider);
    relay.start();
    try (var client = relay.secure("198.51.100.7")) {
      relay.disk.withReadable(SECRET, NEW + "\n");
      client.plain("anna", IN);
      assertThat(client.mail("anna@example.com", "x@there.example")).startsWith("250 ");
      relay.pass(Duration.ofSeconds(10));
      assertThat(passwords).isEmpty();
      assertThat(relay.log("event=attempt"))
          .last()
          .asString()
          .contains("status=deferred", "provider.secret can be read by others");
    }
    relay.close();
  }
}
