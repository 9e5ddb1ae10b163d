package dev.poststation.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.ListenerSettings;
import dev.poststation.log.Event;
import dev.poststation.os.Connection;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Clients that begin TLS and do not mean it, over real sockets.
@Timeout(60)
class HandshakeTest {
  private static final Os OS = Os.real();
  private static final Duration BOUND = Duration.ofSeconds(30);

  private final Relay relay = new Relay(OS.time());
  private final Sessions sessions = new Sessions(OS.time());

  private static void write(Connection to, byte[] octets) throws IOException {
    to.write(octets, 0, octets.length);
  }

  private static void say(Connection to, String line) throws IOException {
    write(to, (line + "\r\n").getBytes(StandardCharsets.US_ASCII));
  }

  /// Reads until the line that begins so.
  private static void await(Connection from, String beginning) throws IOException {
    var all = new StringBuilder();
    byte[] buffer = new byte[4096];
    while (!("\n" + all).contains("\n" + beginning)) {
      int count = from.read(buffer, 0, buffer.length);
      assertThat(count).as("ended after: " + all).isPositive();
      all.append(new String(buffer, 0, count, StandardCharsets.US_ASCII));
    }
  }

  @ParameterizedTest
  @CsvSource({
    // What comes in the place of a handshake, and then nothing.
    "OFFERED, ''", // silence
    "OFFERED, 160301", // half the head of a record
    "OFFERED, 16030102000100", // a record that promises more than comes
    "OFFERED, 160301ffff01", // one that is longer than any
    "OFFERED, 160301000401000000", // a ClientHello with nothing in it
    "OFFERED, 1503010002022800", // an alert
    "OFFERED, 8080010301005700000020", // SSL 2
    "OFFERED, 504f5354202f20485454502f312e310d0a", // HTTP
    "OFFERED, 4d41494c2046524f4d3a3c613e0d0a", // MAIL FROM
    "OFFERED, 00ff00ff0d0a",
    "IMPLICIT, ''",
    "IMPLICIT, 16030102000100",
    "IMPLICIT, 45484c4f20780d0a", // EHLO
  })
  void whoDoesNotShakeHandsIsDroppedAndNobodyWaitsForIt(ListenerSettings.Tls tls, String octets)
      throws Exception {
    relay.tls = tls;
    relay.tlsTimeout = Duration.ofMillis(300);
    try (var listener =
        new Listener(relay::current, sessions, relay.intake, relay.logins, relay.journal, OS)) {
      listener.start();
      try (var client = OS.network().connect(listener.address(), null, BOUND);
          var other = OS.network().connect(listener.address(), null, BOUND)) {
        client.deadline(BOUND);
        if (tls == ListenerSettings.Tls.OFFERED) {
          await(client, "220 ");
          say(client, "EHLO client.example");
          say(client, "STARTTLS");
          await(client, "220 2.0.0 ");
          other.deadline(BOUND);
          await(other, "220 ");
        }
        write(client, HexFormat.of().parseHex(octets));
        assertThat(relay.journal.await(Event.Disconnected.class::isInstance, BOUND)).isTrue();
        assertThat(relay.journal.events(Event.Secured.class))
            .isNotEmpty()
            .allSatisfy(secured -> assertThat(secured.problem()).isNotBlank());
      }
    }
    assertThat(relay.spool.usage().mails()).isZero();
  }
}
