package dev.poststation.config;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads what a connector has that sends each mail by a request of HTTP: to Microsoft Graph, or to
/// an endpoint.
final class HttpKeys {
  /// What is about SMTP, and no matter of HTTPS.
  private static final List<String> OF_SMTP =
      List.of(
          "tls-for",
          "tls-min",
          "tls-name",
          "pin",
          "certificate",
          "prefer",
          "login-at",
          "hello",
          "source",
          "idle",
          "bandwidth",
          "probe-every",
          "probe-login",
          "xforward");

  private static final List<String> OF_ENDPOINTS = List.of("url", "token", "authorities");

  private static final String URL_REMEDY =
      "write one like \"https://archive.example.com/journal\"; what it wants to know of us belongs"
          + " into token or auth";

  private static final Kind<URI> URL = new Kind<>("URL", Kind.Form.QUOTED, (text, _) -> url(text));

  private HttpKeys() {}

  private static Parsed<URI> url(String text) {
    try {
      var url = new URI(text);
      boolean http =
          "https".equalsIgnoreCase(url.getScheme()) || "http".equalsIgnoreCase(url.getScheme());
      if (!http) {
        return Parsed.bad("does not begin with https://", URL_REMEDY);
      }
      if (url.getHost() == null || url.getRawFragment() != null || url.getPort() > 65_535) {
        return Parsed.bad("is no URL of a place to post to", URL_REMEDY);
      }
      return url.getRawUserInfo() != null
          ? Parsed.bad("has an account in it, which would be seen in the log", URL_REMEDY)
          : Parsed.good(new URI(url.toASCIIString()));
    } catch (URISyntaxException _) {
      return Parsed.bad("is no URL", URL_REMEDY);
    }
  }

  /// Tells what a connector of one of these types has that is about SMTP.
  static void withoutSmtp(Section in, Connector.Type type) {
    for (String key : OF_SMTP) {
      noEffect(in, type, key);
    }
    if (type == Connector.Type.GRAPH) {
      noEffect(in, type, "tls");
    }
  }

  private static void noEffect(Section in, Connector.Type type, String key) {
    if (in.has(key)) {
      in.warning(
          key,
          "%s is of no effect with type = %s: it speaks HTTPS, not SMTP"
              .formatted(in.path(key), Kinds.word(type)),
          "remove it, or write another type");
    }
  }

  /// Reads where mail is posted; null where it is not, or nobody can say where: that was told.
  static @Nullable HttpEndpoint endpoint(Section in, Connector.Type type) {
    Optional<URI> url =
        in.optional(
            "url",
            URL,
            Standard.none("none; `type = http` needs it", "https://archive.example.com/journal"),
            """
            With `type = http`: where mail is posted. The certificate of an `https` address is always
            verified; `http` is for this machine, and with `tls = off` for others.
            """);
    Optional<Secret> token =
        in.optional(
            "token",
            in.secret(),
            Standard.none("none", "file:/etc/poststation/provider.secret"),
            """
            With `type = http`: what is shown there as `Authorization: Bearer` (RFC 6750). A name and a
            password (`Basic`, RFC 7617), or tokens of OAuth 2, stand in `auth`.
            """);
    Optional<Path> authorities =
        in.optional(
            "authorities",
            in.file(),
            Standard.none("those of the machine", "/etc/poststation/archive-ca.pem"),
            """
            With `type = http`: a PEM file with the authorities that vouch for its certificate, and no
            others do.
            """);
    if (in.reading().documenting()) {
      return null;
    }
    if (type != Connector.Type.HTTP) {
      for (String key : OF_ENDPOINTS) {
        if (in.has(key)) {
          in.misplaced(key, "type = " + Kinds.word(type), "type = http");
        }
      }
      return null;
    }
    CertificateFiles.check(in, "authorities", authorities.orElse(Path.of("?")));
    token.ifPresent(each -> checkToken(in, each));
    if (in.has("hosts")) {
      in.error("hosts", in.where() + " has type = http, whose host stands in url", "remove hosts");
    }
    if (url.isEmpty() && !in.refused("url")) {
      in.error("url", in.where() + " has type = http, and no url", URL_REMEDY);
    }
    return url.map(each -> new HttpEndpoint(each, token.orElse(null), authorities.orElse(null)))
        .orElse(null);
  }

  /// What a command prints nobody knows before it is asked for.
  private static void checkToken(Section in, Secret token) {
    try {
      if (!token.byCommand() && !isToken(token.reveal())) {
        in.error(
            "token",
            in.path("token") + " has characters that no token has (RFC 6750 2.1)",
            "write the token alone into it, without \"Bearer\"");
      }
    } catch (IOException _) {
      // That was told.
    }
  }

  /// Whether a header can have it.
  static boolean isToken(String text) {
    return !text.isEmpty() && text.chars().allMatch(each -> each > ' ' && each < 127);
  }

  /// What is demanded of TLS: all that there is, or nothing.
  ///
  /// @param written by the administrator
  static TlsTerms terms(Section in, HttpEndpoint endpoint, TlsTerms written) {
    var level = endpoint.plain() ? Connector.Tls.OFF : Connector.Tls.VERIFY;
    if (in.has("tls") && written.level() != level && !in.refused("tls")) {
      in.warning(
          "tls",
          "%s is of no effect with an %s address%s"
              .formatted(
                  in.path("tls"),
                  endpoint.plain() ? "http" : "https",
                  endpoint.plain() ? "" : ": its certificate is always verified"),
          "remove it");
    }
    if (endpoint.open() && !(in.has("tls") && written.level() == Connector.Tls.OFF)) {
      in.error(
          "url",
          in.path("url") + " begins with http://: whoever sees the traffic reads the mail",
          "write https://, or tls = off beside it if that is meant");
    }
    return TlsTerms.of(level, "url of connector " + in.name());
  }

  /// Whether what shows who we are fits to an endpoint.
  static void check(Section in, @Nullable HttpEndpoint endpoint, @Nullable Auth auth) {
    withoutProxy(in, "http", "remove it");
    if (endpoint == null) {
      return;
    }
    if (endpoint.token() != null && auth != null) {
      in.error("token", in.where() + " has token and auth", "remove one of them");
    }
    if (endpoint.open() && (endpoint.token() != null || auth != null)) {
      in.error(
          "url",
          in.path("url")
              + " begins with http://: whoever sees the traffic learns the "
              + (auth == null ? "token" : "password"),
          "write https://, or remove " + (auth == null ? "token" : "auth"));
    }
    if (auth == null) {
      return;
    }
    for (var account : auth.accounts()) {
      if (account.mechanism() != null) {
        in.reading()
            .problems()
            .error(
                account.origin(),
                in.where() + " has type = http, and mechanism, which is of SMTP",
                "remove mechanism: a password goes by Basic, a token by Bearer");
      } else if (account.password() != null && account.user().indexOf(':') >= 0) {
        in.reading()
            .problems()
            .error(
                account.origin(),
                in.where() + " has a user with a colon, which Basic cannot tell (RFC 7617 2)",
                "write another user, or token = …");
      }
    }
  }

  /// Whether the accounts are those of Microsoft Graph.
  static void checkGraph(Section in, @Nullable Auth auth) {
    boolean tokens =
        auth != null
            && auth.accounts().stream()
                .allMatch(each -> each.grant() != null && each.user().indexOf('@') > 0);
    if (!tokens && !in.refused("auth")) {
      in.error(
          "auth",
          in.where() + " has type = graph, and not all accounts are mailboxes with tokens",
          "write auth { user = \"scanner@example.com\", tenant = …, client-id = …, client-secret ="
              + " … } with preset = microsoft365-graph");
    }
    withoutProxy(in, "graph", "remove it, or send by SMTP (preset = microsoft365)");
  }

  private static void withoutProxy(Section in, String type, String remedy) {
    if (in.has("proxy")) {
      in.error("proxy", in.path("proxy") + " is not possible with type = " + type, remedy);
    }
  }
}
