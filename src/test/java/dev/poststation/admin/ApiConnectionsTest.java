package dev.poststation.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// More connections to the API than it serves at a time: the next ones wait in the kernel.
class ApiConnectionsTest {
  private static final int MOST = 100;
  private static final int MORE = 20;
  private static final int PATIENCE_MILLIS = 20_000;

  /// A connection that stays open between requests.
  private record Caller(Socket socket) implements AutoCloseable {
    static Caller of(LiveRelay relay) throws IOException {
      var socket = new Socket(relay.admin().getAddress(), relay.admin().getPort());
      socket.setSoTimeout(PATIENCE_MILLIS);
      return new Caller(socket);
    }

    void ask() throws IOException {
      String request = "GET /health HTTP/1.1\r\nHost: relay\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    }

    /// Reads one answer, of which the body ends with the first line.
    void hear() throws IOException {
      var in = socket.getInputStream();
      assertThat(line(in)).isEqualTo("HTTP/1.1 200 OK");
      while (!line(in).isEmpty()) {
        // A field of the header.
      }
      assertThat(line(in)).isEqualTo("ok");
    }

    private static String line(InputStream in) throws IOException {
      var line = new StringBuilder();
      for (int c = in.read(); c != '\n'; c = in.read()) {
        assertThat(c).as("after: " + line).isNotNegative();
        line.append((char) c);
      }
      return line.toString().strip();
    }

    boolean heard() throws IOException {
      return socket.getInputStream().available() > 0;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Test
  void whoComesWhenAHundredAreThereWaitsUntilOneGoes(@TempDir Path directory) throws Exception {
    List<Caller> served = new ArrayList<>();
    List<Caller> waiting = new ArrayList<>();
    try (var relay = new LiveRelay(directory)) {
      try {
        for (int i = 0; i < MOST; i++) {
          served.add(Caller.of(relay));
          served.getLast().ask();
          served.getLast().hear();
        }
        for (int i = 0; i < MORE; i++) {
          waiting.add(Caller.of(relay));
          waiting.getLast().ask();
        }
        askAll(served);
        for (var caller : waiting) {
          assertThat(caller.heard()).isFalse();
        }

        served.removeLast().close();
        var next = waiting.removeFirst();
        next.hear();
        served.add(next);
        askAll(served);
        for (var caller : waiting) {
          assertThat(caller.heard()).isFalse();
        }

        for (var caller : served) {
          caller.close();
        }
        for (var caller : waiting) {
          caller.hear();
        }
        askAll(waiting);
      } finally {
        for (var caller : served) {
          caller.close();
        }
        for (var caller : waiting) {
          caller.close();
        }
      }
    }
  }

  /// Those that are served are served on; whoever else were served would be by then, too.
  private static void askAll(List<Caller> callers) throws IOException {
    for (var caller : callers) {
      caller.ask();
      caller.hear();
    }
  }
}
