package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.MemoryConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A next hop whose EHLO promises what it does not keep: no mail is lost or doubled, none waits
/// without a reason and a next time.
class LyingHopTest {
  private static final String CONFIGURATION =
      """
      connectors { next { hosts = ["192.0.2.1:25"], tls = off, timeouts {
        hello = "30 s", mail = "30 s", rcpt = "30 s", data-init = "30 s", data-end = "30 s" } } }
      routes = [ { via = [next] } ]
      queue { retry = ["1 minute"], lifetime = "1 hour" }
      """;

  private final List<String> heard = new ArrayList<>();
  private final List<String> taken = new ArrayList<>();

  /// Serves one connection; a command that came together with others is lost where it cannot
  /// pipeline.
  private void serve(MemoryConnection connection, List<String> promised, boolean pipelines) {
    try {
      say(connection, "220 liar.example");
      byte[] buffer = new byte[64 * 1024];
      var content = new StringBuilder();
      boolean data = false;
      for (int count = 0; count >= 0; count = connection.read(buffer, 0, buffer.length)) {
        String came = new String(buffer, 0, count, StandardCharsets.ISO_8859_1);
        if (data) {
          content.append(came);
          if (content.toString().endsWith("\r\n.\r\n")) {
            data = false;
            taken.add(content.toString());
            content.setLength(0);
            say(connection, "250 2.0.0 ok");
          }
          continue;
        }
        List<String> lines = came.lines().toList();
        for (String line : pipelines ? lines : lines.subList(0, Math.min(1, lines.size()))) {
          heard.add(line);
          data |= command(connection, line, promised);
        }
      }
    } catch (IOException _) {
      // It is gone.
    }
  }

  /// @return whether content follows
  private static boolean command(MemoryConnection connection, String line, List<String> promised)
      throws IOException {
    switch (line.substring(0, Math.min(4, line.length())).toUpperCase(Locale.ROOT)) {
      case "EHLO" -> {
        say(connection, "250-liar.example");
        for (String extension : promised) {
          say(connection, "250-" + extension);
        }
        say(connection, "250 HELP");
      }
      case "MAIL", "RCPT" -> say(connection, line.contains("=") ? "555 5.5.4 what" : "250 ok");
      case "DATA" -> {
        say(connection, "354 go");
        return true;
      }
      case "QUIT" -> {
        say(connection, "221 bye");
        connection.close();
      }
      case "RSET" -> say(connection, "250 ok");
      default -> say(connection, "500 5.5.1 what");
    }
    return false;
  }

  private static void say(MemoryConnection connection, String line) throws IOException {
    byte[] octets = (line + "\r\n").getBytes(StandardCharsets.US_ASCII);
    connection.write(octets, 0, octets.length);
  }

  @Test
  void whoCannotPipelineThoughItSaysSoMakesTheMailWaitWithAReasonUntilItExpires() {
    try (var world = new World(CONFIGURATION)) {
      world.streets.house("192.0.2.1:25", peer -> serve(peer, List.of("PIPELINING"), false));
      String id = world.send("10.0.0.1", "Subject: x\r\n\r\ny\r\n", "b@there.example");
      world.until("an attempt", Duration.ofMinutes(5), () -> !world.attempts(id).isEmpty());
      assertThat(world.attempts(id))
          .allSatisfy(
              attempt -> {
                assertThat(attempt.status()).isEqualTo("deferred");
                assertThat(attempt.text()).contains("192.0.2.1");
                assertThat(attempt.next()).isNotNull();
              });
      world.until("it expires", Duration.ofHours(2), () -> world.removed(id));
      assertThat(world.attempts(id).getLast().status()).isEqualTo("expired");
      assertThat(taken).allMatch(content -> content.equals(".\r\n"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SIZE 10000000", // and then it knows no SIZE= of MAIL
        "8BITMIME",
        "DSN",
        "SMTPUTF8",
        "CHUNKING",
        "LIMITS RCPTMAX=0 MAILMAX=0",
        "SIZE -1",
        "PIPELINING-NOT",
        "AUTH",
      })
  void whatItPromisesAndDoesNotKnowLosesNoMail(String promised) {
    try (var world = new World(CONFIGURATION)) {
      world.streets.house("192.0.2.1:25", peer -> serve(peer, List.of(promised), true));
      String id = world.send("10.0.0.1", "Subject: x\r\n\r\ny\r\n", "b@there.example");
      world.until("it ends", Duration.ofHours(2), () -> world.removed(id));
      var last = world.attempts(id).getLast();
      // Delivered once, or the sender is told what the next hop said.
      assertThat(last.status()).isIn("sent", "bounced", "expired");
      assertThat(taken).hasSize(last.status().equals("sent") ? 1 : 0);
      assertThat(last.text()).isNotBlank();
    }
  }
}
