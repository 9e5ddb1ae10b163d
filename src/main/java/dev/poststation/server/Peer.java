package dev.poststation.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// Whom a session is with. Immutable.
///
/// @param address the client's, as the connection has it or as a balancer announced it
/// @param balancer who announced it; null: nobody did, it is the other end of the connection
/// @param check whether a balancer comes for itself, as to look whether we are well
record Peer(InetSocketAddress address, @Nullable InetAddress balancer, boolean check) {
  /// The other end of a connection.
  static Peer direct(InetSocketAddress address) {
    return new Peer(address, null, false);
  }

  /// A client of a balancer. Itself it announces as one in version 1, which has no other way.
  static Peer announced(InetSocketAddress client, InetAddress balancer) {
    return new Peer(client, balancer, client.getAddress().equals(balancer));
  }

  /// A balancer, for itself.
  static Peer check(InetSocketAddress balancer) {
    return new Peer(balancer, null, true);
  }
}
