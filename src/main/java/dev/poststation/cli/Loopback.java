package dev.poststation.cli;

import dev.poststation.os.Connection;
import dev.poststation.os.Network;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Where a browser on this machine is sent back to after a login (RFC 8252 7.3): answers one page,
/// and gives the parameters of the first request that brings the answer of this login. Used once.
final class Loopback implements AutoCloseable {
  /// Where the browser is sent back to.
  static final String PATH = "/";

  private static final int REQUEST_MAX = 16 * 1024;
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String PAGE =
      "<!DOCTYPE html><title>Poststation</title><p>Poststation has the answer: this window can be"
          + " closed. The terminal says what came of it.";

  private final Network.Acceptor acceptor;
  private final Time.Signal came;
  private final AtomicReference<@Nullable Map<String, String>> answer = new AtomicReference<>();
  private volatile @Nullable String state;

  private Loopback(Os os, Network.Acceptor acceptor) {
    this.acceptor = acceptor;
    this.came = os.time().signal();
  }

  /// Listens on 127.0.0.1.
  ///
  /// @param port 0: any free one
  static Loopback listen(Os os, int port) throws IOException {
    var address = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    var loopback = new Loopback(os, os.network().listen(new InetSocketAddress(address, port), 5));
    os.tasks().virtual("loopback", loopback::serve);
    return loopback;
  }

  int port() {
    return acceptor.local().getPort();
  }

  /// Takes an answer from now on.
  ///
  /// @param itsState what only the answer of this login has: other programs of this machine, and
  ///   pages in the browser, can ask here, too
  void expect(String itsState) {
    state = itsState;
  }

  /// Waits for the answer.
  Optional<Map<String, String>> await(Duration atMost) throws InterruptedException {
    came.await(atMost);
    return Optional.ofNullable(answer.get());
  }

  private void serve() {
    while (true) {
      try (var connection = acceptor.accept()) {
        serve(connection);
      } catch (IOException _) {
        return; // It was closed.
      }
    }
  }

  private void serve(Connection connection) {
    try {
      connection.deadline(PATIENCE);
      String line = request(connection);
      // GET /?code=…&state=… HTTP/1.1; a browser also asks for /favicon.ico.
      String[] words = line.split(" ", -1);
      boolean asked = words.length > 1 && words[0].equals("GET") && words[1].startsWith(PATH + "?");
      Map<String, String> brought =
          asked ? parameters(words[1].substring(PATH.length() + 1)) : Map.of();
      boolean wanted = isAnswer(brought);
      String body = wanted ? PAGE : "";
      byte[] reply =
          ("HTTP/1.1 "
                  + (wanted ? "200 OK" : "404 Not Found")
                  + "\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: "
                  + body.length()
                  + "\r\nConnection: close\r\n\r\n"
                  + body)
              .getBytes(StandardCharsets.US_ASCII);
      connection.write(reply, 0, reply.length);
      connection.closeGently(Duration.ofSeconds(1));
      if (wanted && answer.compareAndSet(null, brought)) {
        came.raise();
      }
    } catch (IOException | IllegalArgumentException _) {
      // The next one may be the browser.
    }
  }

  private boolean isAnswer(Map<String, String> brought) {
    var its = state;
    return its != null
        && its.equals(brought.get("state"))
        && (brought.containsKey("code") || brought.containsKey("error"));
  }

  /// The first line, once the whole header is there.
  private static String request(Connection connection) throws IOException {
    byte[] octets = new byte[REQUEST_MAX];
    int length = 0;
    while (length < octets.length) {
      int count = connection.read(octets, length, octets.length - length);
      if (count < 0) {
        break;
      }
      length += count;
      String text = new String(octets, 0, length, StandardCharsets.ISO_8859_1);
      if (text.contains("\r\n\r\n")) {
        return text.substring(0, text.indexOf("\r\n"));
      }
    }
    throw new IOException("no request");
  }

  private static Map<String, String> parameters(String query) {
    Map<String, String> parameters = new HashMap<>();
    for (String each : query.split("&", -1)) {
      int equals = each.indexOf('=');
      if (equals > 0) {
        parameters.put(
            each.substring(0, equals),
            URLDecoder.decode(each.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return parameters;
  }

  @Override
  public void close() {
    acceptor.close();
  }
}
