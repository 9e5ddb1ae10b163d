package dev.poststation.config;

import dev.poststation.sasl.Mechanism;
import dev.poststation.sasl.SaslPrep;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads `auth` of a connector: one account, or a list of accounts for different mail.
final class AuthKeys {
  private static final int USER_LENGTH_MAX = 255;

  private static final Kind<String> USER =
      new Kind<>(Kinds.TEXT.name(), Kinds.TEXT.form(), (text, _) -> user(text));

  private static final String PASSWORD =
      "write, for example, password = \"file:/etc/poststation/provider.secret\"";

  private AuthKeys() {}

  /// Reads `auth` of a connector.
  ///
  /// @param in the connector
  /// @return null when there is none that could be used, which was told
  static @Nullable Auth read(Section in) {
    List<Optional<AccountRule>> rules =
        in.oneOrMore(
            "auth",
            """
            How this relay logs in at the next hop (RFC 4954). Without it, it does not. A list has
            several accounts there: `auth = [ { from = ["@sales.example"], user = … }, { client =
            [erp], user = … }, { user = … } ]`. The first entry whose conditions all hold says which
            account a mail goes by, and no connection ever carries mail of two. Mail that no entry
            is for does not go by this connector.
            """,
            section -> rule(section, in.name()));
    if (in.isList("auth") && rules.isEmpty()) {
      in.error("auth", in.path("auth") + " is an empty list", "write an account, or remove it");
    }
    List<AccountRule> read = new ArrayList<>();
    rules.forEach(rule -> rule.ifPresent(each -> read.add(known(each, read))));
    if (read.isEmpty()) {
      return null;
    }
    var first = read.getFirst();
    return !in.isList("auth") && first.matchesAll() ? Auth.of(first.account()) : Auth.of(read);
  }

  /// The same account under several conditions is one.
  private static AccountRule known(AccountRule rule, List<AccountRule> before) {
    for (AccountRule other : before) {
      if (other.account().sameAs(rule.account())) {
        return new AccountRule(rule.from(), rule.client(), other.account(), rule.origin());
      }
    }
    return rule;
  }

  private static Optional<AccountRule> rule(Section in, String connector) {
    List<String> from =
        in.list(
            "from",
            Kinds.PATTERN,
            Standard.emptyList("any sender", "@sales.example.com"),
            """
            In a list of accounts: the sender addresses that this one is for, written as in
            `routes`.
            """);
    List<String> client =
        in.list(
            "client",
            Kinds.NAME,
            Standard.emptyList("any client", "lan"),
            """
            In a list of accounts: the names of entries of `clients` that this one is for.
            """);
    Optional<String> user =
        in.optional(
            "user",
            USER,
            Standard.none("none; it must be written, but with `mechanism = external`", "account"),
            """
            The name of the account at the next hop.
            """);
    Optional<Secret> password =
        in.optional(
            "password",
            in.secret(),
            Standard.none(
                "none; it must be written where nothing else stands in its place",
                "file:/etc/poststation/provider.secret"),
            """
            Its password, which stands elsewhere.
            """);
    Optional<Mechanism> mechanism =
        in.optional(
            "mechanism",
            Kinds.choice(Mechanism.class),
            Standard.none("the strongest that the next hop offers", "scram-sha-256"),
            """
            The mechanism of SASL, where it is not to be the strongest one that the next hop offers:
            with a password SCRAM, bound to TLS where both ends can do that, then CRAM-MD5, PLAIN
            and LOGIN. `external` shows the client certificate of the connector. PLAIN, LOGIN and
            tokens are never used without TLS; only to a host of this machine PLAIN and LOGIN are,
            where `tls = off` and one of `plain` and `login` stands here.
            """);
    Optional<OauthGrant> grant = OauthGrant.read(in);
    if (in.reading().documenting()) {
      return Optional.empty();
    }
    in.refuseEmpty("from", from, "write what it is for, or remove it");
    in.refuseEmpty("client", client, "write what it is for, or remove it");
    boolean external = mechanism.filter(Mechanism.EXTERNAL::equals).isPresent();
    if (user.isEmpty() && !external && !in.refused("user")) {
      in.error("user", in.where() + " has no user", "write, for example, user = \"account\"");
    }
    if (!in.refused("mechanism")) {
      checkMeans(in, mechanism.orElse(null), grant.isPresent());
    }
    // Whatever is missing was told: nothing comes of such a configuration.
    return user.isPresent() || external
        ? Optional.of(
            new AccountRule(
                from,
                client,
                new Account(
                    connector,
                    user.orElse(""),
                    mechanism.orElse(null),
                    password.orElse(null),
                    grant.orElse(null),
                    in.origin()),
                in.origin()))
        : Optional.empty();
  }

  /// A password for those mechanisms that take one, a way to a token for the others.
  private static void checkMeans(Section in, @Nullable Mechanism mechanism, boolean grant) {
    boolean password = in.has("password");
    if (mechanism == Mechanism.EXTERNAL) {
      if (password || grant) {
        in.warning(
            password ? "password" : "mechanism",
            in.where() + " has mechanism = external, which shows a certificate and nothing else",
            "remove the rest, or mechanism");
      }
    } else if (mechanism == null) {
      if (password && grant) {
        in.error(
            "password",
            in.where() + " has a password and a way to get tokens",
            "remove one of them");
      } else if (!password && !grant) {
        in.error("password", in.where() + " has no password", PASSWORD);
      }
    } else if (mechanism.byToken()) {
      if (!grant) {
        in.error(
            "mechanism",
            in.where() + " has mechanism = " + Kinds.word(mechanism) + ", but no way to get tokens",
            OauthGrant.REMEDY);
      } else if (password) {
        in.warning("password", in.path("password") + " is of no effect with tokens", "remove it");
      }
    } else if (!password) {
      in.error("password", in.where() + " has no password", PASSWORD);
    } else if (grant) {
      in.warning(
          "mechanism",
          in.where() + " has mechanism = " + Kinds.word(mechanism) + ", which takes no tokens",
          "remove mechanism, or what gets tokens");
    }
  }

  private static Parsed<String> user(String text) {
    String remedy = "write the name of the account as the provider gave it";
    if (text.isBlank()) {
      return Parsed.bad("is empty", remedy);
    }
    if (text.length() > USER_LENGTH_MAX) {
      return Parsed.bad("is longer than " + USER_LENGTH_MAX + " characters", remedy);
    }
    boolean control = text.chars().anyMatch(Character::isISOControl);
    return control || SaslPrep.said(text).isEmpty()
        ? Parsed.bad("has characters that no name may have (RFC 4013)", remedy)
        : Parsed.good(text);
  }
}
