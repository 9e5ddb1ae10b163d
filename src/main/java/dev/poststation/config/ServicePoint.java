package dev.poststation.config;

/// Where a service of `content` listens: a host and its port, or a socket of this machine.
/// Immutable.
///
/// @param host a name or a numeric address; the path of a socket where `port` is 0
/// @param port 1 to 65535; 0: a socket of this machine
public record ServicePoint(String host, int port) {
  /// Whether it is a socket of this machine.
  public boolean isLocal() {
    return port == 0;
  }

  /// @param port the usual one
  static Kind<ServicePoint> kind(int port) {
    return new Kind<>("host:port or unix:/path", Kind.Form.QUOTED, (text, _) -> read(text, port));
  }

  private static Parsed<ServicePoint> read(String text, int port) {
    if (text.contains("://")) {
      return Parsed.bad("has a scheme", "write host:port, or unix:/path");
    }
    return switch (Names.serviceHost(text, port)) {
      case Parsed.Bad<Connector.Host>(String fault, String remedy) -> Parsed.bad(fault, remedy);
      case Parsed.Good<Connector.Host>(Connector.Host host) when host.byMx() ->
          Parsed.bad("asks for mail exchangers, which are no such service", "write host:port");
      case Parsed.Good<Connector.Host>(Connector.Host host) ->
          Parsed.good(
              host.port() == 0
                  ? new ServicePoint(host.name().substring(Connector.Host.UNIX.length()), 0)
                  : new ServicePoint(host.name(), host.port()));
    };
  }

  /// As it is written in the file.
  @Override
  public String toString() {
    if (isLocal()) {
      return Connector.Host.UNIX + host;
    }
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
