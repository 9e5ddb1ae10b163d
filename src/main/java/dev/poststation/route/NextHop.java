package dev.poststation.route;

/// A host to try.
///
/// @param host a name without dot at the end, or a numeric address
/// @param implicitTls whether TLS starts with the first octet
public record NextHop(String host, int port, boolean implicitTls) {
  @Override
  public String toString() {
    return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
  }
}
