package dev.poststation.config;

import java.util.Optional;
import java.util.regex.Pattern;

/// Reads names: of hosts and domains, of things in the configuration, and the patterns of routes.
final class Names {
  private static final Pattern LABEL =
      Pattern.compile("[\\p{L}\\p{N}_](?:[\\p{L}\\p{N}\\p{M}_-]{0,61}[\\p{L}\\p{N}\\p{M}_])?");
  private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
  private static final Pattern LITERAL =
      Pattern.compile("\\[(?:([0-9.]+)|IPv6:([0-9A-Fa-f.]*:[0-9A-Fa-f:.]*))]");

  /// Of the kernel (unix(7)), with the zero at its end.
  private static final int SOCKET_PATH_MAX = 108;

  /// What a name may be, as a remedy.
  static final String FORM =
      "use letters, digits, hyphens, underscores and dots, at most 63 of them";

  private Names() {}

  /// The name of a client, connector or listener. It stands in logs and in names of destinations,
  /// so it is plain.
  static Parsed<String> word(String text) {
    if (WORD.matcher(text).matches()) {
      return Parsed.good(text);
    }
    return text.strip().contains(" ")
        ? Parsed.bad(
            "has a space", "write it with a hyphen if it is one name, or put a comma between two")
        : Parsed.bad("is no name", FORM);
  }

  /// A host name, or an address literal in brackets (RFC 5321 4.1.3): what can be said in EHLO.
  static Parsed<String> hostname(String text) {
    if (isLiteral(text)) {
      return Parsed.good(text);
    }
    if (!isDomain(text) || !text.chars().allMatch(c -> c < 128)) {
      return Parsed.bad("is no host name", "write a full name, as in \"relay.example.com\"");
    }
    return Parsed.good(text);
  }

  /// Whether it is an address literal (RFC 5321 4.1.3): `[192.0.2.1]`, `[IPv6:2001:db8::1]`.
  private static boolean isLiteral(String text) {
    var parts = LITERAL.matcher(text);
    if (!parts.matches()) {
      return false;
    }
    String four = parts.group(1);
    return Addresses.numeric(four == null ? parts.group(2) : four).isPresent();
  }

  static boolean isDomain(String text) {
    if (text.isEmpty() || text.length() > 253) {
      return false;
    }
    for (String label : text.split("\\.", -1)) {
      if (!LABEL.matcher(label).matches()) {
        return false;
      }
    }
    return true;
  }

  /// A pattern for senders or recipients: `user@domain`, `@domain`, `domain`, `.domain`, `<>`; the
  /// domain may be an address literal.
  static Parsed<String> pattern(String text) {
    if (text.equals("<>")) {
      return Parsed.good(text);
    }
    if (text.equals("*") || text.equals("*@*")) {
      return Parsed.bad("is no pattern", "leave the key out: then every address matches");
    }
    int at = text.lastIndexOf('@');
    String domain = text.substring(at + 1);
    if (text.startsWith("*@") || text.startsWith("*.")) {
      String rest = text.substring(text.startsWith("*.") ? 1 : 2);
      return Parsed.bad("has a wildcard", "write \"" + rest + "\": no wildcard is needed");
    }
    if (text.contains("*") || text.contains("?")) {
      return Parsed.bad(
          "has a wildcard", "write user@domain, domain, or .domain for all that is below it");
    }
    if (text.contains(" ")) {
      return Parsed.bad("has a space", "put a comma between two patterns");
    }
    String name = at < 0 && domain.startsWith(".") ? domain.substring(1) : domain;
    if (text.indexOf('@') < at && !text.startsWith("\"")) {
      return Parsed.bad("has two @", "write user@domain");
    }
    if (isLiteral(domain) || isDomain(name)) {
      return Parsed.good(text);
    }
    return domain.startsWith("[")
        ? Parsed.bad("is no pattern", "write an address as in [192.0.2.1] or [IPv6:2001:db8::1]")
        : Parsed.bad("is no pattern", "write user@domain, @domain, domain, .domain or <>");
  }

  /// A host of a smarthost connector: `host:port`, `[2001:db8::1]:25`, `smtps://host`, `mx:domain`.
  static Parsed<Connector.Host> host(String text) {
    return text.startsWith(Connector.Host.UNIX)
        ? Parsed.bad("is a socket of this machine", "write host:port, or type = lmtp")
        : host(text, 25);
  }

  /// A host of an LMTP connector: `host:port`, `unix:/path`.
  static Parsed<Connector.Host> lmtpHost(String text) {
    if (text.startsWith("mx:")) {
      return Parsed.bad("asks for mail exchangers, which speak no LMTP", "write host:port");
    }
    return serviceHost(text, 24);
  }

  /// `host:port`, `unix:/path`.
  ///
  /// @param port where none is written
  static Parsed<Connector.Host> serviceHost(String text, int port) {
    if (!text.startsWith(Connector.Host.UNIX)) {
      return host(text, port);
    }
    String path = text.substring(Connector.Host.UNIX.length());
    return path.startsWith("/") && path.length() < SOCKET_PATH_MAX && path.indexOf('[') < 0
        ? Parsed.good(new Connector.Host(text, 0, false, false))
        : Parsed.bad(
            "is no path of a socket", "write the whole path, as in \"unix:/run/dovecot/lmtp\"");
  }

  private static Parsed<Connector.Host> host(String text, int port) {
    String rest = text;
    boolean byMx = text.startsWith("mx:");
    boolean implicit = text.startsWith("smtps://");
    int scheme = text.indexOf("://");
    if (byMx) {
      rest = text.substring(3);
    } else if (implicit || text.startsWith("smtp://")) {
      rest = text.substring(scheme + 3);
    } else if (scheme >= 0) {
      return Parsed.bad("has an unknown scheme", "write host:port, smtps://host or mx:domain");
    }
    boolean tls = implicit;
    return switch (Addresses.split(rest, implicit ? 465 : port)) {
      case Parsed.Bad<Addresses.HostPort>(String fault, String remedy) -> Parsed.bad(fault, remedy);
      case Parsed.Good<Addresses.HostPort>(Addresses.HostPort(String name, int written)) ->
          fault(name, written, byMx)
              .map(bad -> Parsed.<Connector.Host>bad(bad, "write host:port or mx:domain"))
              .orElseGet(() -> Parsed.good(host(name, written, byMx, tls)));
    };
  }

  private static Connector.Host host(String name, int port, boolean byMx, boolean implicit) {
    String bare = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    // Port 465 is submissions: TLS from the first octet (RFC 8314 3.3).
    return new Connector.Host(bare, port, byMx, implicit || port == 465);
  }

  private static Optional<String> fault(String name, int port, boolean byMx) {
    boolean numeric = Addresses.numeric(name).isPresent();
    String bare = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    if (!numeric && !isDomain(bare)) {
      return Optional.of(name.contains(" ") ? "has a space" : "is no host");
    }
    if (numeric && byMx) {
      return Optional.of("asks for the mail exchangers of an address");
    }
    if (!numeric && bare.matches("[0-9.]+")) {
      return Optional.of("is no valid address");
    }
    return port == 0 ? Optional.of("has port 0") : Optional.empty();
  }
}
