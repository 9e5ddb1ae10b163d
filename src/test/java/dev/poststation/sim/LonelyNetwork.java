package dev.poststation.sim;

import dev.poststation.dns.NumericAddress;
import dev.poststation.os.Connection;
import dev.poststation.os.Network;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A network in which nobody else is, with addresses of our own. Safe for any thread.
public class LonelyNetwork implements Network {
  private final Set<InetAddress> local;
  private final Map<InetAddress, String> neighbours = new ConcurrentHashMap<>();

  /// Has these addresses.
  public LonelyNetwork(String... numeric) {
    this.local =
        Arrays.stream(numeric)
            .map(text -> NumericAddress.parse(text).orElseThrow())
            .collect(Collectors.toSet());
  }

  /// From now on a neighbour has this hardware address.
  public final LonelyNetwork neighbour(String numeric, String hardware) {
    neighbours.put(NumericAddress.parse(numeric).orElseThrow(), hardware);
    return this;
  }

  @Override
  public Map<InetAddress, String> neighbours() throws IOException {
    return Map.copyOf(neighbours);
  }

  @Override
  public Acceptor listen(InetSocketAddress address, int backlog) throws IOException {
    throw new IOException("this network has no sockets");
  }

  @Override
  public Connection connect(InetSocketAddress to, @Nullable InetAddress from, Duration timeout)
      throws IOException {
    throw new ConnectException("nobody is there");
  }

  @Override
  public byte[] exchange(
      InetSocketAddress to,
      byte[] datagram,
      int sizeMax,
      Duration timeout,
      Predicate<byte[]> answers)
      throws IOException {
    throw new ConnectException("nobody is there");
  }

  @Override
  public Set<InetAddress> localAddresses() {
    return local;
  }
}
