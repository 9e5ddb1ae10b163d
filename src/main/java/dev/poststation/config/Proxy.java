package dev.poststation.config;

import dev.poststation.os.IpText;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A proxy between us and the next hops of a connector: `proxy`, `proxy-password`. Immutable.
///
/// @param host a name, or a numeric address
/// @param user as whom we are known there; empty: as nobody
/// @param password of the user; null: there is none
public record Proxy(Scheme scheme, String host, int port, String user, @Nullable Secret password) {
  /// What is spoken to it.
  public enum Scheme {
    /// RFC 1928, with user and password by RFC 1929.
    SOCKS5("socks5", 1080),
    /// CONNECT (RFC 9110 9.3.6), with user and password by RFC 7617.
    HTTP("http", 3128);

    private final String word;
    private final int port;

    Scheme(String word, int port) {
      this.word = word;
      this.port = port;
    }
  }

  /// User and password have a length in one octet (RFC 1929 2).
  private static final int USER_OCTETS_MAX = 255;

  private static final String FORM = "write \"socks5://HOST:1080\" or \"http://HOST:3128\"";

  private static final Kind<Proxy> KIND =
      new Kind<>("proxy", Kind.Form.QUOTED, (text, _) -> parse(text));

  /// As it is written: `socks5://proxy.example:1080`, without the user.
  @Override
  public String toString() {
    return scheme.word + "://" + IpText.at(host, port);
  }

  private static Parsed<Proxy> parse(String text) {
    int end = text.indexOf("://");
    String word = text.substring(0, Math.max(end, 0));
    Scheme scheme = null;
    for (Scheme each : Scheme.values()) {
      scheme = each.word.equals(word) ? each : scheme;
    }
    if (scheme == null) {
      return switch (word) {
        case "" -> Parsed.bad("does not say what the proxy speaks", FORM);
        case "socks5h" ->
            Parsed.bad(
                "would have the proxy look names up, which the relay does itself",
                "write socks5:// in place of socks5h://");
        default -> Parsed.bad("speaks what this relay does not", FORM);
      };
    }
    String rest = text.substring(end + 3);
    int at = rest.lastIndexOf('@');
    String user = rest.substring(0, Math.max(at, 0));
    if (at == 0
        || user.getBytes(StandardCharsets.UTF_8).length > USER_OCTETS_MAX
        || user.chars().anyMatch(Character::isISOControl)) {
      return Parsed.bad("has no user before the @ that could be", "write USER@HOST:PORT, or HOST");
    }
    int port = scheme.port;
    Scheme known = scheme;
    String host = rest.substring(at + 1);
    return switch (Addresses.split(host.endsWith("/") ? withoutLast(host) : host, port)) {
      case Parsed.Bad<Addresses.HostPort>(String fault, String remedy) -> Parsed.bad(fault, remedy);
      case Parsed.Good<Addresses.HostPort>(Addresses.HostPort(String name, int number)) -> {
        boolean good = number > 0 && (Addresses.numeric(name).isPresent() || Names.isDomain(name));
        yield good
            ? Parsed.good(new Proxy(known, name, number, user, null))
            : Parsed.bad("names no host and port", FORM);
      }
    };
  }

  private static String withoutLast(String text) {
    return text.substring(0, text.length() - 1);
  }

  /// Reads it from a connector.
  static Optional<Proxy> read(Section in) {
    Optional<Proxy> written =
        in.optional(
            "proxy",
            KIND,
            Standard.none(
                "none: next hops are called directly", "socks5://relay@proxy.example:1080"),
            """
            A proxy through which next hops are called, where port 25 or 587 is blocked:
            `socks5://host:port` (RFC 1928), or `http://host:port` (CONNECT), with `user@` before the
            host where it wants a login. It is told the numeric address of the next hop, which the
            relay looks up itself, as always; TLS goes through to the next hop, with all that it is
            asked for. While the proxy cannot be reached mail waits, and no next hop is taken for
            down.
            """);
    Optional<Secret> password =
        in.optional(
            "proxy-password",
            in.secret(),
            Standard.none("none", "file:/etc/poststation/proxy.secret"),
            """
            The password of the user that `proxy` names. It goes to the proxy in clear: both
            protocols know no other way.
            """);
    if (in.reading().documenting() || in.refused("proxy") || in.refused("proxy-password")) {
      return written;
    }
    if (written.isPresent() && written.get().user.indexOf(':') >= 0) {
      in.error(
          "proxy", // Without the value, which has a secret.
          in.path("proxy") + " has a password in plain text, which must not stand in the file",
          "write it into a file, and proxy-password = \"file:PATH\"");
    } else if (in.has("proxy-password") && written.isEmpty()) {
      in.error(
          "proxy-password",
          in.where() + " has a proxy-password, and no proxy",
          "write, for example, proxy = \"socks5://USER@proxy.example:1080\"");
    } else if (written.isPresent() && written.get().user.isEmpty() == in.has("proxy-password")) {
      in.error(
          in.has("proxy-password") ? "proxy-password" : "proxy",
          in.where()
              + (in.has("proxy-password")
                  ? " has a proxy-password, and no user in proxy"
                  : " has a user in proxy, and no proxy-password"),
          in.has("proxy-password")
              ? "write USER@ before the host of the proxy"
              : "write, for example, proxy-password = \"file:/etc/poststation/proxy.secret\"");
    }
    return written.map(
        proxy ->
            new Proxy(proxy.scheme, proxy.host, proxy.port, proxy.user, password.orElse(null)));
  }
}
