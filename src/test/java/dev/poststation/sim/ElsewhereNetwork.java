package dev.poststation.sim;

import dev.poststation.os.Connection;
import dev.poststation.os.Network;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A network in which one server of this machine stands behind all addresses, at all ports, until
/// it is silent. Safe for any thread.
public final class ElsewhereNetwork extends LonelyNetwork {
  private final Network real;
  private final InetSocketAddress server;
  private final AtomicInteger calls = new AtomicInteger();
  private volatile boolean silent;

  /// @param real where the server is
  public ElsewhereNetwork(Network real, InetSocketAddress server) {
    this.real = real;
    this.server = server;
  }

  /// Whether nobody answers.
  public void silent(boolean now) {
    silent = now;
  }

  /// How often somebody was called.
  public int calls() {
    return calls.get();
  }

  @Override
  public Connection connect(InetSocketAddress to, @Nullable InetAddress from, Duration timeout)
      throws IOException {
    calls.incrementAndGet();
    if (silent) {
      throw new SocketTimeoutException("nobody answers");
    }
    return real.connect(server, null, timeout);
  }
}
