package dev.poststation.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// Whom a session is with. Immutable.
///
/// @param address the client's, as the connection has it or as a balancer announced it
/// @param balancer who announced it; null: nobody did, it is the other end of the connection
record Peer(InetSocketAddress address, @Nullable InetAddress balancer) {
  /// The other end of a connection.
  static Peer direct(InetSocketAddress address) {
    return new Peer(address, null);
  }
}
