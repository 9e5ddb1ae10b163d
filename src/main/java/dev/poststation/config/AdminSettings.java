package dev.poststation.config;

import java.net.InetSocketAddress;

/// `admin`: the HTTP API and metrics.
///
/// @param bind where it listens
public record AdminSettings(InetSocketAddress bind) {
  private static final int PORT = 8025;

  /// `admin.bind`, when it is not written.
  static final String BIND = "127.0.0.1:" + PORT;

  static final Kind<InetSocketAddress> KIND = Kinds.local(PORT);

  static AdminSettings read(Section in) {
    InetSocketAddress bind =
        in.read(
            "bind",
            KIND,
            BIND,
            """
            Where the HTTP API and the metrics are served. Only this machine, since it speaks HTTP
            without TLS: to reach it from elsewhere put a proxy with TLS in front.
            """);
    if (!bind.getAddress().isLoopbackAddress()) {
      in.warning(
          "bind",
          "admin.bind: the API, which speaks HTTP without TLS, can be reached from other machines",
          "write \"127.0.0.1:" + bind.getPort() + "\" and put a proxy with TLS in front");
    }
    return new AdminSettings(bind);
  }
}
