package dev.poststation.route;

import dev.poststation.config.Connector;
import dev.poststation.os.IpText;

/// A host to try.
///
/// @param host a name without dot at the end, a numeric address, or `unix:` and the path of a
///   socket of this machine
/// @param implicitTls whether TLS starts with the first octet
/// @param rank hosts of a lower rank come first; those of the same share the connections
/// @param weight how large a share of them it takes
/// @param assurance what is known of it, where the terms of TLS depend on the DNS
public record NextHop(
    String host, int port, boolean implicitTls, int rank, int weight, Assurance assurance) {
  /// One of the best, of which nothing is known.
  public NextHop(String host, int port, boolean implicitTls) {
    this(host, port, implicitTls, 0);
  }

  /// One of which nothing is known.
  public NextHop(String host, int port, boolean implicitTls, int rank) {
    this(host, port, implicitTls, rank, 1, Assurance.NONE);
  }

  /// The same with another share.
  NextHop weighing(int share) {
    return new NextHop(host, port, implicitTls, rank, share, assurance);
  }

  /// Whether it is a socket of this machine.
  public boolean local() {
    return host.startsWith(Connector.Host.UNIX);
  }

  /// The path of the socket.
  public String path() {
    return host.substring(Connector.Host.UNIX.length());
  }

  @Override
  public String toString() {
    return local() ? host : IpText.at(host, port);
  }
}
