package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
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
    Files.writeString(data.resolve("admin.token"), "0".repeat(64));
    var admin = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    return new Api(Os.real(), new Whereabouts(data, admin, null), Duration.ofMillis(100));
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
}
