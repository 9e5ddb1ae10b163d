package dev.poststation.config;

import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads `users.ldap`.
final class LdapKeys {
  private static final String FORM = "write \"ldaps://HOST\" or \"ldap://HOST\", with :PORT";
  private static final String PASSWORD = "file:/etc/poststation/directory.secret";

  private static final Kind<LdapSettings.Server> SERVER =
      new Kind<>("URL", Kind.Form.QUOTED, (text, _) -> server(text));

  static final Kind<String> NAME =
      new Kind<>("distinguished name", Kind.Form.QUOTED, (text, _) -> distinguished(text));

  private static final Kind<String> FILTER =
      new Kind<>("LDAP filter", Kind.Form.QUOTED, (text, _) -> filter(text, LdapSettings.USER));

  static final Kind<String> ATTRIBUTE =
      new Kind<>("attribute", Kind.Form.WORD, (text, _) -> attribute(text));

  private LdapKeys() {}

  static LdapSettings read(Section in) {
    List<LdapSettings.Server> servers = servers(in);
    LdapSettings.Tls tls = tls(in, servers, "the passwords of the users go");
    return new LdapSettings(
        servers,
        tls,
        authorities(in),
        base(in),
        binding(in).orElse(null),
        filter(in),
        name(in),
        own(in),
        group(in),
        connections(in),
        timeout(in),
        remember(in),
        in.origin());
  }

  static List<LdapSettings.Server> servers(Section in) {
    List<LdapSettings.Server> servers =
        in.list(
            "url",
            SERVER,
            Standard.emptyList("none; it must be written", "ldaps://dc1.example.com"),
            """
            The server of the directory, or several that have the same. They are tried in this
            order; one that failed is asked last for half a minute. `ldaps:` is TLS from the first
            octet (port 636), `ldap:` StartTLS (port 389).
            """);
    if (servers.isEmpty() && !in.refused("url") && !in.reading().documenting()) {
      in.error(
          "url",
          in.where() + " has no url",
          "write, for example, url = \"ldaps://dc1.example.com\"");
    }
    return servers;
  }

  /// @param secret what would go in clear
  static LdapSettings.Tls tls(Section in, List<LdapSettings.Server> servers, String secret) {
    LdapSettings.Tls tls =
        in.read(
            "tls",
            Kinds.choice(LdapSettings.Tls.class),
            "starttls",
            """
            For `ldap:`: `starttls`, without which no connection is used, or `off`. Certificates are
            always verified.
            """);
    if (tls == LdapSettings.Tls.OFF && servers.stream().anyMatch(LdapKeys::isAbroad)) {
      in.warning(
          "tls",
          in.path("tls") + " is off: " + secret + " in clear over the network",
          "write \"ldaps://…\", or tls = starttls");
    }
    if (tls == LdapSettings.Tls.OFF
        && servers.stream().anyMatch(LdapSettings.Server::implicitTls)) {
      in.warning(
          "tls",
          in.path("tls") + " = off is not for ldaps: there the connection is encrypted",
          "remove it, or write \"ldap://…\"");
    }
    return tls;
  }

  private static boolean isAbroad(LdapSettings.Server server) {
    boolean loopback =
        server.host().equals("localhost")
            || Addresses.numeric(server.host()).filter(InetAddress::isLoopbackAddress).isPresent();
    return !server.implicitTls() && !loopback;
  }

  static @Nullable Path authorities(Section in) {
    Optional<Path> authorities =
        in.optional(
            "authorities",
            in.file(),
            Standard.none("those of the machine", "/etc/poststation/directory-ca.pem"),
            """
            A PEM file with the authorities that vouch for the certificates of the servers, and no
            others do. Read anew when it changes.
            """);
    CertificateFiles.check(in, "authorities", authorities.orElse(Path.of("?")));
    return authorities.orElse(null);
  }

  static String base(Section in) {
    return in.required(
        "base",
        NAME,
        "",
        "ou=people,dc=example,dc=com",
        """
        Below which entry people are looked for.
        """);
  }

  static Optional<LdapSettings.Binding> binding(Section in) {
    Optional<String> dn =
        in.optional(
            "bind-dn",
            Kinds.TEXT,
            Standard.none("none; as nobody", "cn=poststation,ou=services,dc=example,dc=com"),
            """
            As whom people are looked for: an account that may do no more than that. Active
            Directory also takes `poststation@example.com`. It is not needed where everybody may
            look for people.
            """);
    Optional<Secret> password =
        in.optional(
            "bind-password",
            in.secret(),
            Standard.none("none", PASSWORD),
            """
            Its password, which stands elsewhere.
            """);
    if (!in.reading().documenting() && in.has("bind-dn") != in.has("bind-password")) {
      boolean without = in.has("bind-dn");
      in.error(
          without ? "bind-dn" : "bind-password",
          in.where() + (without ? " has bind-dn, but no bind-password" : " has no bind-dn"),
          without
              ? "write, for example, bind-password = \"" + PASSWORD + "\""
              : "write bind-dn, or remove bind-password");
    }
    return dn.isPresent() && password.isPresent()
        ? Optional.of(new LdapSettings.Binding(dn.get(), password.get()))
        : Optional.empty();
  }

  private static String filter(Section in) {
    return in.read(
        "filter",
        FILTER,
        "(&(objectClass=person)(|(uid={user})(mail={user})))",
        """
        What the entry of a user looks like (RFC 4515). `{user}` stands for the name that the client
        said, made harmless. Exactly one entry must be found; where there are more, nobody can log
        in by that name. It must have the name there, in whatever case, where `bind-dn` can read
        it: Active Directory finds `anna` by `änna`, too, who is nobody. For Active Directory
        `(&(objectClass=user)(|(sAMAccountName={user})(userPrincipalName={user})))`.
        """);
  }

  private static String name(Section in) {
    return in.read(
        "name",
        ATTRIBUTE,
        "uid",
        """
        The attribute by which a user is called in the log, in `clients` and where his logins are
        counted, whatever he said to be found: so that nobody has two names, or chooses his own.
        Whose entry has none cannot log in. The filter must find him by this one, too. For Active
        Directory `sAMAccountName`.
        """);
  }

  private static List<String> own(Section in) {
    return in.list(
        "own",
        ATTRIBUTE,
        Standard.list(ATTRIBUTE, "mail", "proxyAddresses"),
        """
        Attributes with the user's own addresses, for `senders = own`. Of values with a prefix, as
        in `proxyAddresses`, only those with `smtp:` count, in any case. Without any address the
        user has that which is his name, as one of the users file.
        """);
  }

  private static @Nullable String group(Section in) {
    return in.optional(
            "group",
            NAME,
            Standard.none(
                "none; whoever is found may log in", "cn=mailers,ou=groups,dc=example,dc=com"),
            """
            The group that a user must be in: by `memberOf` of his entry, or by `member`,
            `uniqueMember` or `memberUid` of the group. Groups within groups do not count.
            """)
        .orElse(null);
  }

  private static int connections(Section in) {
    return in.read(
        "connections",
        Kinds.integer(2, 100),
        "4",
        """
        Connections to one server that look for people, and as many that try passwords. When all are
        busy, a login waits for one, as long as `timeout`. One less is how many passwords of one
        name, and from one address, have a turn to be looked at at once.
        """);
  }

  private static Duration timeout(Section in) {
    return in.read(
        "timeout",
        Kinds.duration("100 ms", "1 minute"),
        "5 s",
        """
        How long a server may take to be connected to, and for each answer. Then the next one is
        asked; when none answers, the client gets 454 4.7.0 and tries again later.
        """);
  }

  private static Duration remember(Section in) {
    return in.read(
        "remember",
        Kinds.duration("0 s", "1 hour"),
        "1 minute",
        """
        How long a password that was good is taken without asking the directory, so that a program
        that logs in for each mail is no burden to it. As long a password that was changed, and a
        user who was locked, are still taken. Wrong passwords are not remembered. Addresses are
        looked up anew after the same time.
        """);
  }

  private static Parsed<LdapSettings.Server> server(String text) {
    boolean implicit = text.regionMatches(true, 0, "ldaps://", 0, 8);
    if (!implicit && !text.regionMatches(true, 0, "ldap://", 0, 7)) {
      return Parsed.bad("is no URL of a directory", FORM);
    }
    String rest = text.substring(implicit ? 8 : 7);
    String place = rest.endsWith("/") ? rest.substring(0, rest.length() - 1) : rest;
    if (place.indexOf('/') >= 0) {
      return Parsed.bad("has something behind the host", "write it in base and filter");
    }
    return switch (Addresses.split(place, implicit ? 636 : 389)) {
      case Parsed.Bad<Addresses.HostPort>(String fault, String remedy) -> Parsed.bad(fault, remedy);
      case Parsed.Good<Addresses.HostPort>(Addresses.HostPort(String host, int port))
          when port > 0 && (Addresses.numeric(host).isPresent() || Names.isDomain(host)) ->
          Parsed.good(new LdapSettings.Server(host, port, implicit));
      case Parsed.Good<Addresses.HostPort> _ -> Parsed.bad("names no host", FORM);
    };
  }

  private static Parsed<String> distinguished(String text) {
    return !text.isBlank() && DN.isValidDN(text)
        ? Parsed.good(text)
        : Parsed.bad("is no distinguished name", "write one like \"ou=people,dc=example,dc=com\"");
  }

  /// @param word that must stand in it
  static Parsed<String> filter(String text, String word) {
    if (!text.contains(word)) {
      return Parsed.bad(
          word.equals(LdapSettings.USER)
              ? "does not look at the name of the user"
              : "does not look at the address",
          "write " + word + " where it is to stand");
    }
    try {
      Filter.create(text.replace(word, "x"));
      return Parsed.good(text);
    } catch (LDAPException _) {
      return Parsed.bad("is no LDAP filter", "write one like \"(uid=" + word + ")\"");
    }
  }

  private static Parsed<String> attribute(String text) {
    return text.matches("[A-Za-z][A-Za-z0-9;-]*|[0-9]+(\\.[0-9]+)*")
        ? Parsed.good(text)
        : Parsed.bad("is no attribute", "write its name, as in mail");
  }
}
