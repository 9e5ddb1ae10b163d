package dev.poststation.sim;

import java.net.InetSocketAddress;
import java.time.Duration;

/// The simulated connection keeps the promises of the real one.
class MemoryConnectionTest extends ConnectionContractTest {
  private final SimTime time = new SimTime();

  MemoryConnectionTest() {
    var pair =
        MemoryConnection.pair(
            time,
            new InetSocketAddress("192.0.2.10", 40_000),
            new InetSocketAddress("192.0.2.1", 25));
    client = pair.client();
    server = pair.server();
  }

  @Override
  protected void pass(Duration by) {
    time.advance(by);
  }
}
