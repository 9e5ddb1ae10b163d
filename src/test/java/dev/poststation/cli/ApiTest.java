package dev.poststation.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.HttpServer;
import dev.poststation.config.Loaded.Whereabouts;
import dev.poststation.os.Os;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the commands say when the relay does not answer.
class ApiTest {
  @TempDir Path data;

  private Api api(int port) throws Exception {
    return api(port, Duration.ofSeconds(2));
  }

  private Api api(int port, Duration atMost) throws Exception {
    Files.writeString(data.resolve("admin.token"), "0".repeat(64));
    var admin = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    return new Api(Os.real(), new Whereabouts(data, admin, null), atMost);
  }

  /// It connects, for the kernel takes connections, and waits for ever.
  @Test
  void aRelayThatTakesTooLongIsSaidToBeStillAtWork() throws Exception {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var api = api(socket.getLocalPort());
      var body = JsonNodeFactory.instance.objectNode();
      assertThatThrownBy(() -> api.post("queue/delete", body))
          .isInstanceOfSatisfying(
              Failure.class, failure -> assertThat(failure.exit()).isEqualTo(Exit.NO))
          .hasMessageContaining("it goes on with what it was asked to do")
          .hasMessageContaining("poststation queue list");
    }
  }

  @Test
  void whereNothingListensTheRelayIsToBeStarted() throws Exception {
    int port;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    var api = api(port);
    assertThatThrownBy(() -> api.get("status", Map.of()))
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.exit()).isEqualTo(Exit.UNREACHABLE))
        .hasMessageContaining("start it with poststation run");
  }

  /// Such as the server answers where it fails at a question, and has nothing of ours to say.
  @Test
  void aRelayThatFailsAtAQuestionIsNotTakenForAnotherProgram() throws Exception {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
    server.createContext(
        "/",
        exchange -> {
          byte[] said = "Server Error".getBytes(US_ASCII);
          exchange.sendResponseHeaders(500, said.length);
          exchange.getResponseBody().write(said);
          exchange.close();
        });
    server.start();
    try {
      var api = api(server.getAddress().getPort(), Duration.ofMinutes(1));
      var body = JsonNodeFactory.instance.objectNode();
      assertThatThrownBy(() -> api.post("explain", body))
          .isInstanceOfSatisfying(
              Failure.class, failure -> assertThat(failure.exit()).isEqualTo(Exit.INTERNAL))
          .hasMessageContaining("failed at this: its own log (journalctl -u poststation) says why");
    } finally {
      server.stop(0);
    }
  }
}
