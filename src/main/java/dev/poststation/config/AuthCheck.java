package dev.poststation.config;

import dev.poststation.sasl.Mechanism;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Looks at whether the accounts of connectors fit to what is around them. Pure functions but for
/// what they tell.
final class AuthCheck {
  private static final String VERIFY = "write tls = verify";

  private AuthCheck() {}

  /// Whether they fit to their connector.
  ///
  /// @param in the connector
  /// @param whom to whom a secret may be told
  static void fits(
      Section in,
      @Nullable Auth auth,
      Connector.Type type,
      TlsTerms terms,
      List<Connector.Host> hosts,
      Whom whom) {
    Connector.Tls tls = terms.level();
    if (in.has("auth") && type == Connector.Type.MX) {
      in.error(
          "auth",
          in.where() + " has type = mx and auth: any mail exchanger would be told the password",
          "remove auth, or write type = smarthost");
    } else if (auth != null && tls == Connector.Tls.OFF) {
      auth.accounts().forEach(account -> inClear(in, account, hosts));
    } else if (auth != null) {
      unverified(in, auth, terms, hosts, whom);
    }
    if (auth != null && tls != Connector.Tls.OFF && !in.has("certificate")) {
      auth.accounts().stream()
          .filter(account -> account.mechanism() == Mechanism.EXTERNAL)
          .forEach(account -> withoutCertificate(in, account));
    }
  }

  private static void withoutCertificate(Section in, Account account) {
    in.reading()
        .problems()
        .error(
            account.origin(),
            in.where() + " has mechanism = external, but no certificate to show",
            "write certificate { chain = \"FILE\", key = \"FILE\" } in the connector");
  }

  private static void unverified(
      Section in, Auth auth, TlsTerms terms, List<Connector.Host> hosts, Whom whom) {
    boolean tells = auth.accounts().stream().anyMatch(AuthCheck::tells);
    boolean refused = in.refused("tls") || in.refused("hosts") || in.refused("login-at");
    if (tells && !refused && whom == Whom.VERIFIED) {
      String secret = auth.accounts().stream().anyMatch(AuthCheck::byToken) ? "token" : "password";
      doubt(in, terms, hosts, secret);
    }
    if (terms.level() == Connector.Tls.OPPORTUNISTIC) {
      in.warning(
          "tls",
          in.where() + " has auth and tls = opportunistic: mail waits where a host offers no TLS",
          VERIFY);
    }
  }

  /// Nobody is told a password, or a token, of whom it is not known who he is.
  private static void doubt(Section in, TlsTerms terms, List<Connector.Host> hosts, String secret) {
    boolean pinned = terms.level() == Connector.Tls.PINNED;
    if (terms.level() != Connector.Tls.VERIFY && !pinned) {
      if (!areHere(in, hosts)) {
        in.error(
            "tls",
            in.where()
                + " has auth and tls = "
                + terms.word()
                + ": who answers in place of the host"
                + (in.has("proxy") ? ", as its proxy can," : "")
                + " learns the "
                + secret,
            VERIFY + ", pinned, or login-at = anyone if he may");
      }
    } else if (!pinned && terms.name() == null && hosts.stream().anyMatch(Connector.Host::byMx)) {
      in.error(
          "hosts",
          in.where()
              + " has auth and a host by mx: who forges an answer of the DNS learns the "
              + secret,
          "write the host itself, tls-name, or login-at = anyone if he may");
    }
  }

  private static boolean byToken(Account account) {
    var fixed = account.mechanism();
    return fixed == null ? account.grant() != null : fixed.byToken();
  }

  /// To whom this relay logs in.
  enum Whom {
    /// Hosts whose certificate shows who they are.
    VERIFIED,
    /// Whoever answers.
    ANYONE
  }

  /// Reads `login-at` of a connector.
  static Whom whom(Section in) {
    return in.read(
        "login-at",
        Kinds.choice(Whom.class),
        "verified",
        """
        Where this relay tells a password or a token: at `verified` hosts, whose certificate shows
        who they are (`tls = verify` or `pinned`; the name of a host by `mx:` is only as true as the
        DNS), or at `anyone` who answers. Hosts of this machine, and SCRAM or CRAM-MD5 where they
        are fixed by `mechanism`, need neither.
        """);
  }

  private static boolean tells(Account account) {
    var fixed = account.mechanism();
    return fixed == null || fixed.inClear();
  }

  private static void inClear(Section in, Account account, List<Connector.Host> hosts) {
    var fixed = account.mechanism();
    boolean token = fixed == null ? account.grant() != null : fixed.byToken();
    if (token) {
      error(in, account, "tokens are never sent without TLS (RFC 6750 5.2)");
    } else if (fixed == Mechanism.EXTERNAL) {
      error(in, account, "a certificate is shown in TLS only");
    } else if (fixed != null && fixed.bound()) {
      error(in, account, Kinds.word(fixed) + " is bound to TLS");
    } else if (fixed == null) {
      in.reading()
          .problems()
          .warning(
              account.origin(),
              in.where()
                  + " has auth and tls = off: without TLS only SCRAM and CRAM-MD5 are used, and"
                  + " mail waits where a host offers neither",
              VERIFY);
    } else if (fixed.inClear() && !areHere(in, hosts)) {
      in.reading() // ADR 20.
          .problems()
          .error(
              account.origin(),
              in.where()
                  + " has tls = off and mechanism = "
                  + Kinds.word(fixed)
                  + ": the password would be sent in clear"
                  + (in.has("proxy") ? " to the proxy" : ""),
              VERIFY + ", or mechanism = scram-sha-256 or cram-md5 if the host knows it");
    }
  }

  private static void error(Section in, Account account, String why) {
    in.reading()
        .problems()
        .error(account.origin(), in.where() + " has auth and tls = off: " + why, VERIFY);
  }

  /// Whether all are this machine: nobody can answer in its place, nor listen on the way to it.
  /// With a proxy there is a way, and `localhost` is what the proxy takes for it.
  private static boolean areHere(Section in, List<Connector.Host> hosts) {
    boolean direct = !in.has("proxy");
    return hosts.stream().allMatch(host -> isHere(host, direct));
  }

  private static boolean isHere(Connector.Host host, boolean direct) {
    return host.name().startsWith(Connector.Host.UNIX)
        || direct
            && !host.byMx()
            && (host.name().equals("localhost")
                || Addresses.numeric(host.name())
                    .filter(InetAddress::isLoopbackAddress)
                    .isPresent());
  }

  /// Whether each account can be meant, and none is there twice.
  static void choices(Section in, Configuration configuration) {
    var clients = new TreeSet<String>();
    configuration.clients().forEach(client -> clients.add(client.name()));
    boolean sound = !in.reading().problems().haveErrors();
    for (Connector connector : configuration.connectors().values()) {
      var auth = connector.auth();
      if (auth != null && !auth.rules().isEmpty()) {
        var choices = new Choices(in.reading().problems(), connector, auth.rules());
        choices.checkClients(clients);
        if (sound) { // A condition that could not be read seems to be none.
          choices.check();
        }
      }
    }
  }

  private record Choices(Problems problems, Connector connector, List<AccountRule> rules) {
    void checkClients(TreeSet<String> clients) {
      rules.forEach(rule -> rule.client().forEach(name -> known(rule, name, clients)));
    }

    void check() {
      Map<String, Account> names = new HashMap<>();
      for (int i = 0; i < rules.size(); i++) {
        AccountRule rule = rules.get(i);
        var first = names.putIfAbsent(rule.account().name(), rule.account());
        if (first != null && !first.sameAs(rule.account())) {
          problems.error(
              rule.origin(),
              where() + " has account \"" + first.name() + "\" twice, first at " + first.origin(),
              "give both the same mechanism and password, or another user");
        }
        rules.subList(0, i).stream()
            .filter(before -> before.covers(rule))
            .findFirst()
            .ifPresent(
                before ->
                    problems.warning(
                        rule.origin(),
                        where()
                            + ": this account is never used: the one at "
                            + before.origin()
                            + " is for all of its mail",
                        "put it before that one, or remove it"));
      }
      if (rules.stream().noneMatch(AccountRule::matchesAll)) {
        problems.warning(
            rules.getFirst().origin(),
            where() + " has no account without conditions: mail that none is for does not go by it",
            "end the list with { user = NAME, password = … }, if it should");
      }
    }

    private String where() {
      return "connectors." + connector.name() + ".auth";
    }

    private void known(AccountRule rule, String name, TreeSet<String> clients) {
      if (!clients.contains(name)) {
        String otherwise =
            clients.isEmpty()
                ? "there are no clients"
                : "the clients are " + String.join(", ", clients);
        problems.error(
            rule.origin(),
            where() + ": there is no client \"" + name + "\"",
            Nearest.remedy(name, clients, otherwise));
      }
    }
  }
}
