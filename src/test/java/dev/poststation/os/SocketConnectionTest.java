package dev.poststation.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.poststation.sim.ConnectionContractTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// The real connection keeps the promises that the simulated one makes.
class SocketConnectionTest extends ConnectionContractTest {
  private static final Os OS = Os.real();

  SocketConnectionTest() throws IOException {
    var any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (var acceptor = OS.network().listen(any, 1)) {
      client = OS.network().connect(acceptor.local(), null, Duration.ofSeconds(5));
      server = acceptor.accept();
    }
  }

  @Override
  protected void pass(Duration time) {
    // It passes by itself.
  }

  private static void write(Connection to, String text) throws IOException {
    byte[] octets = text.getBytes(StandardCharsets.US_ASCII);
    to.write(octets, 0, octets.length);
  }

  /// All up to the end of the stream.
  private static String readAll(Connection from) throws IOException {
    var text = new StringBuilder();
    byte[] buffer = new byte[1000];
    int count;
    while ((count = from.read(buffer, 0, buffer.length)) >= 0) {
      text.append(new String(buffer, 0, count, StandardCharsets.US_ASCII));
    }
    return text.toString();
  }

  @Test
  void closedGentlyItResetsNobodyWhoIsStillSending() throws Exception {
    write(client, "x".repeat(50_000));
    server.read(new byte[1], 0, 1);
    write(server, "goodbye");
    var closer = OS.tasks().virtual("closer", () -> server.closeGently(Duration.ofSeconds(20)));
    assertThat(readAll(client)).isEqualTo("goodbye");
    for (int i = 0; i < 20; i++) {
      // The second write would fail if the first one had been answered with a reset.
      assertThatCode(() -> write(client, "y".repeat(1000))).doesNotThrowAnyException();
    }
    client.close();
    closer.join();
  }

  @Test
  void aGentleCloseIsOverWhenItsTimeIs() throws Exception {
    write(server, "goodbye");
    server.closeGently(Duration.ofMillis(100));
    assertThat(readAll(client)).isEqualTo("goodbye");
  }

  @Test
  void aGentleCloseIsOverWhenThePeerNeverStopsSending() throws Exception {
    client.deadline(Duration.ofSeconds(20));
    var closer = OS.tasks().virtual("closer", () -> server.closeGently(Duration.ofHours(1)));
    byte[] flood = new byte[64 * 1024];
    assertThatCode(
            () -> {
              while (true) {
                client.write(flood, 0, flood.length);
              }
            })
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(java.net.SocketTimeoutException.class);
    closer.join();
  }
}
