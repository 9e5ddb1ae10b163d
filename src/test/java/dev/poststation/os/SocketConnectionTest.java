package dev.poststation.os;

import dev.poststation.sim.ConnectionContractTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;

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
}
