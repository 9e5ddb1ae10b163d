package dev.poststation.cli;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.admin.LiveRelay;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an administrator sees of an address of ours that is listed, at a relay that runs.
class SourceCommandsTest {
  private static final String LISTED =
      "554 5.7.1 Client host [127.0.0.2] blocked using zen.example\r\n";

  @TempDir Path directory;
  private ServerSocket hop;
  private LiveRelay relay;

  @BeforeEach
  void begin() throws Exception {
    hop = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
    Thread.ofVirtual().start(this::refuse);
    relay =
        new LiveRelay(
            directory,
            """
            clients = [ { name = local, networks = ["127.0.0.0/8"] } ]
            connectors { hop { hosts = ["127.0.0.1:%d"], source = [
              { address = "127.0.0.2", weight = 1000 }, "127.0.0.3" ] } }
            routes = [ { via = [hop] } ]
            """
                .formatted(hop.getLocalPort()));
  }

  /// Nobody is let in, and one address for being listed.
  private void refuse() {
    try {
      while (true) {
        try (Socket socket = hop.accept()) {
          boolean listed = socket.getInetAddress().getHostAddress().equals("127.0.0.2");
          String greeting = listed ? LISTED : "421 4.3.2 not now\r\n";
          socket.getOutputStream().write(greeting.getBytes(StandardCharsets.US_ASCII));
          socket.getInputStream().readAllBytes();
        }
      }
    } catch (IOException _) {
      // The end.
    }
  }

  @AfterEach
  void end() throws Exception {
    relay.close();
    hop.close();
  }

  private Ran run(String line) {
    return Ran.with(relay.file(), line);
  }

  @Test
  void itIsSeenInListStatusAndExplainAndRestored() {
    assertThat(run("source restore 127.0.0.2").exit()).isEqualTo(Exit.NO);
    assertThat(run("source restore somewhere").err()).contains("is no numeric address");
    var server = relay.relay().listening().getFirst().getPort();
    run("send --server 127.0.0.1:" + server + " --from a@x.example --to b@y.example");
    String why = "at 127.0.0.1 until 20";
    eventually("it is listed", () -> run("connector list").out().contains("listed " + why));
    assertThat(run("connector list").out()).contains("blocked using zen.example");
    assertThat(run("status").out()).contains("poststation source restore 127.0.0.2");
    assertThat(run("explain --client 127.0.0.1 --from a@x.example --to b@y.example").out())
        .contains("from 127.0.0.2 (listed " + why);
    var restored = run("source restore 127.0.0.2");
    assertThat(restored.exit()).as(restored.toString()).isZero();
    assertThat(restored.out()).isEqualTo("Used again: 127.0.0.2\n");
  }
}
