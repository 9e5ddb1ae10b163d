package dev.poststation.delivery;

import dev.poststation.config.Connector;
import dev.poststation.config.Proxy;
import dev.poststation.config.SourceAddress;
import dev.poststation.dns.Resolver;
import dev.poststation.os.Connection;
import dev.poststation.os.Network;
import dev.poststation.smtp.PeerText;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Connects to a next hop as its connector says: directly, from an address of ours, or through a
/// proxy. Blocks; safe for any thread.
final class Outward {
  /// Addresses of a proxy that are tried.
  private static final int ADDRESSES_MAX = 4;

  private final Network network;
  private final Resolver resolver;

  Outward(Network network, Resolver resolver) {
    this.network = network;
    this.resolver = resolver;
  }

  /// Connects.
  ///
  /// @param from where the connection comes from; null: the choice of the system, or the proxy's
  /// @throws ProxyException when it is the proxy that cannot be used
  /// @throws IOException when the next hop cannot be reached
  Connection connect(Connector connector, @Nullable SourceAddress from, InetSocketAddress to)
      throws IOException {
    var proxy = connector.egress().proxy();
    return proxy == null
        ? network.connect(to, from == null ? null : from.address(), connector.timeouts().connect())
        : through(connector, proxy, to);
  }

  private Connection through(Connector connector, Proxy proxy, InetSocketAddress to)
      throws IOException {
    var patience = connector.timeouts().connect();
    var connection = reach(connector, proxy);
    try {
      new Tunnel(connection, connector, proxy, patience).to(to);
      connection.onward(to);
      return connection;
    } catch (IOException e) {
      connection.close();
      throw e;
    }
  }

  private Connection reach(Connector connector, Proxy proxy) throws ProxyException {
    String why = "";
    for (InetAddress address : addresses(connector, proxy)) {
      try {
        var there = new InetSocketAddress(address, proxy.port());
        return network.connect(there, null, connector.timeouts().connect());
      } catch (IOException e) {
        why = String.valueOf(e.getMessage());
      }
    }
    throw new ProxyException(connector, proxy, "cannot be reached: " + PeerText.of(why));
  }

  private List<InetAddress> addresses(Connector connector, Proxy proxy) throws ProxyException {
    return switch (resolver.addresses(proxy.host())) {
      case Resolver.Answer.Found<InetAddress>(var found) ->
          found.subList(0, Math.min(found.size(), ADDRESSES_MAX));
      case Resolver.Answer.NoRecord<InetAddress> _ ->
          throw new ProxyException(connector, proxy, "has no address in the DNS");
      case Resolver.Answer.NoName<InetAddress> _ ->
          throw new ProxyException(connector, proxy, "does not exist in the DNS");
      case Resolver.Answer.Failed<InetAddress>(var reason) ->
          throw new ProxyException(connector, proxy, "cannot be looked up now: " + reason);
    };
  }
}
