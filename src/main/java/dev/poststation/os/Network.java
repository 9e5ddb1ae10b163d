package dev.poststation.os;

import java.io.Closeable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The only door to sockets. Safe for any thread.
public interface Network {
  /// Listens for connections.
  ///
  /// @param backlog connections that the kernel may hold for us
  /// @throws IOException when the address is in use or not ours
  Acceptor listen(InetSocketAddress address, int backlog) throws IOException;

  /// Connects, waiting at most `timeout`.
  ///
  /// @param from the local address to use, or null for the system's choice
  /// @throws java.net.SocketTimeoutException when nobody answered in time
  /// @throws NotOursException when this machine does not have `from`
  /// @throws UnboundException when nothing can be sent from `from` now for another reason
  /// @throws IOException when it was refused or is unreachable
  Connection connect(InetSocketAddress to, @Nullable InetAddress from, Duration timeout)
      throws IOException;

  /// Connects to a Unix socket of this machine, by its path.
  ///
  /// @throws IOException when nobody listens there, or it is not for us
  default Connection connect(String path) throws IOException {
    throw new ConnectException("there are no Unix sockets here: " + path);
  }

  /// Sends a datagram and waits, at most `timeout`, for the one that answers it.
  ///
  /// @param sizeMax octets that the answer may have
  /// @param answers whether a datagram that came is the answer; others are passed over, for anybody
  ///   can forge one
  /// @throws java.net.SocketTimeoutException when no answer came in time
  /// @throws IOException when the network says that it cannot be reached
  byte[] exchange(
      InetSocketAddress to,
      byte[] datagram,
      int sizeMax,
      Duration timeout,
      Predicate<byte[]> answers)
      throws IOException;

  /// The addresses that this machine has now, loopback included.
  Set<InetAddress> localAddresses() throws IOException;

  /// The hardware addresses of those on the same links, by their addresses (without a scope), as
  /// the kernel knows them now.
  ///
  /// @throws IOException when this machine does not say
  default Map<InetAddress, String> neighbours() throws IOException {
    return Map.of();
  }

  /// A listening socket. Used by one accepting thread; `close` by any.
  interface Acceptor extends Closeable {
    /// Where it really listens (port 0 is resolved).
    InetSocketAddress local();

    /// Waits for the next connection.
    ///
    /// @throws IOException when the socket was closed or the process is out of descriptors
    Connection accept() throws IOException;

    @Override
    void close();
  }
}
