package dev.poststation.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// TCP ports on 127.0.0.1.
final class Port {
  /// Whoever asks for several wants different ones, and may not listen on the first one yet.
  private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

  private Port() {}

  /// A port that nobody listens on now, and that was not given to anybody else.
  static int free() {
    while (true) {
      try (var probe = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
        if (GIVEN.add(probe.getLocalPort())) {
          return probe.getLocalPort();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /// Waits until the program listens; fails at once when it has ended before.
  static void awaitListening(Program program, int port) {
    Until.holds(
        "listening on port " + port,
        Duration.ofMinutes(2),
        () -> {
          if (!program.isAlive()) {
            throw new AssertionError("ended before it listened:\n" + program.output());
          }
          return isOpen(port);
        });
  }

  static boolean isOpen(int port) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
