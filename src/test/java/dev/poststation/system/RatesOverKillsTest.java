package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The rate of a client, with the real program that is killed.
@Tag("slow")
final class RatesOverKillsTest {
  /// Ten seconds, and time for a busy machine.
  private static final Duration SOON = Duration.ofSeconds(30);

  @Test
  void whatWasUsedTenSecondsBeforeAKillIsUsedAfterIt() throws IOException {
    try (var relay =
        RunningRelay.start(
            """
            clients = [ { name = few, networks = ["127.0.0.1"], rate = "3/day" } ]
            connectors { keep { type = hold } }
            routes = [ { via = [keep] } ]
            """)) {
      for (int i = 0; i < 3; i++) {
        assertThat(mailFrom(relay)).startsWith("250 ");
      }
      assertThat(mailFrom(relay)).startsWith("450 4.7.1 ");
      Path used = relay.home().resolve("data/rates.used");
      Until.holds("the rates are written", SOON, () -> Files.exists(used));
      relay.kill();
      relay.restart();
      assertThat(mailFrom(relay)).startsWith("450 4.7.1 ");
    }
  }

  /// @return the reply to MAIL
  private static String mailFrom(RunningRelay relay) throws IOException {
    try (var socket = new Socket("127.0.0.1", relay.port());
        var in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
      socket.setSoTimeout(30_000);
      in.readLine();
      say(socket, "HELO a");
      in.readLine();
      say(socket, "MAIL FROM:<a@here.test>");
      return in.readLine();
    }
  }

  private static void say(Socket socket, String line) throws IOException {
    socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
  }
}
