package dev.poststation.route;

import dev.poststation.config.Connector;

/// A host to try.
///
/// @param host a name without dot at the end, a numeric address, or `unix:` and the path of a
///   socket of this machine
/// @param implicitTls whether TLS starts with the first octet
/// @param rank hosts of a lower rank come first; those of the same share the mail
public record NextHop(String host, int port, boolean implicitTls, int rank) {
  /// One of the best.
  public NextHop(String host, int port, boolean implicitTls) {
    this(host, port, implicitTls, 0);
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
    if (local()) {
      return host;
    }
    return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
  }
}
