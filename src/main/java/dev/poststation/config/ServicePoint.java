package dev.poststation.config;

/// Where a service of `content` listens: a host and its port, or a socket of this machine.
/// Immutable.
///
/// @param host a name or a numeric address; the path of a socket where `port` is 0
/// @param port 1 to 65535; 0: a socket of this machine
public record ServicePoint(String host, int port) {
  private static final String OF_MILTERS =
      "write \"127.0.0.1:8891\", \"inet:8891@127.0.0.1\", \"unix:/run/milter.sock\" or"
          + " \"local:/run/milter.sock\"";

  /// Whether it is a socket of this machine.
  public boolean isLocal() {
    return port == 0;
  }

  /// @param port the usual one
  static Kind<ServicePoint> kind(int port) {
    return new Kind<>("host:port or unix:/path", Kind.Form.QUOTED, (text, _) -> read(text, port));
  }

  /// The same of a milter, of which people know the forms of Sendmail and Postfix.
  static Kind<ServicePoint> ofMilter(int port) {
    return new Kind<>(
        "host:port or unix:/path",
        Kind.Form.QUOTED,
        (text, _) ->
            read(text, port) instanceof Parsed.Bad<ServicePoint>(String fault, _)
                ? Parsed.bad(fault, OF_MILTERS)
                : read(text, port));
  }

  private static Parsed<ServicePoint> read(String text, int port) {
    if (text.contains("://")) {
      return Parsed.bad("has a scheme", "write host:port, or unix:/path");
    }
    return switch (Names.serviceHost(ofMilters(text), port)) {
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

  /// Without what milters, and Sendmail and Postfix for them, write in front: `inet:8891@host`,
  /// `inet:host:8891`, `local:/path`.
  private static String ofMilters(String text) {
    if (text.startsWith("local:/")) {
      return Connector.Host.UNIX + text.substring("local:".length());
    }
    String rest = text.replaceFirst("^inet6?:", "");
    if (rest.equals(text)) {
      return text;
    }
    int at = rest.indexOf('@');
    String host = rest.substring(at + 1);
    return at < 0
        ? rest
        : (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + rest.substring(0, at);
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
