package dev.poststation.system;

import dev.poststation.os.FreePort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;

/// TCP ports on 127.0.0.1.
final class Port {
  private Port() {}

  /// A port that nobody listens on now, and that was not given to anybody else.
  static int free() {
    return FreePort.find();
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
