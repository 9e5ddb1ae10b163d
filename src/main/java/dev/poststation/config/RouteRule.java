package dev.poststation.config;

import java.util.List;
import java.util.Set;

/// Which way: an entry of `routes`. A rule without a condition matches all mail.
///
/// @param from sender patterns: `user@domain`; `@domain` or `domain`, without those below it;
///   `.domain`, only those below it, as in Postfix's transport table; `<>`; empty: any
/// @param to recipient patterns, likewise
/// @param client names of client rules; empty: any
/// @param via names of connectors, tried in order
/// @param fallback what sends mail on to the next of them
public record RouteRule(
    List<String> from,
    List<String> to,
    List<String> client,
    List<String> via,
    Set<Fallback> fallback,
    Origin origin) {
  /// What holds when nothing is written.
  public static final Set<Fallback> USUAL =
      Set.of(Fallback.CONNECTION, Fallback.AUTH, Fallback.MAIL_4YZ);

  public RouteRule {
    from = List.copyOf(from);
    to = List.copyOf(to);
    client = List.copyOf(client);
    via = List.copyOf(via);
    fallback = Set.copyOf(fallback);
  }

  /// @param connectors the names that `via` may have
  /// @param clients the names that `client` may have
  static RouteRule read(Section in, Set<String> connectors, Set<String> clients) {
    List<String> from =
        in.list(
            "from",
            Kinds.PATTERN,
            Standard.emptyList("any sender", "@subsidiary.example", "<>"),
            """
            Sender addresses that the rule is for: `user@domain`; `@domain` or `domain`, which are
            the same; `.domain` for all domains below it, but not itself; `<>` for the null sender
            of notices. A domain may be an address literal: `[192.0.2.1]`, `[IPv6:2001:db8::1]`.
            """);
    List<String> to =
        in.list(
            "to",
            Kinds.PATTERN,
            Standard.emptyList("any recipient", "example.com", ".example.com"),
            """
            Recipient addresses that the rule is for, written likewise.
            """);
    if (to.contains("<>")) {
      in.error("to", in.path("to") + ": <> is no recipient", "remove it");
    }
    List<String> client =
        in.list(
            "client",
            Kinds.NAME,
            Standard.emptyList("any client", "lan"),
            """
            Names of entries of `clients` that the rule is for.
            """);
    List<String> via =
        in.list(
            "via",
            Kinds.NAME,
            Standard.emptyList("none; it must be written", "provider"),
            """
            Names of `connectors`, tried in this order: the next one when the one before fails in a
            way that `fallback` names.
            """);
    if (via.isEmpty() && !in.refused("via") && !in.reading().documenting()) {
      in.error("via", in.where() + " has no via", "write, for example, via = [provider]");
    }
    Set<Fallback> fallback = fallback(in, via);
    notEmpty(in, "from", from);
    notEmpty(in, "to", to);
    notEmpty(in, "client", client);
    known(in, "client", client, clients);
    known(in, "via", via, connectors);
    return new RouteRule(from, to, client, via, fallback, in.origin());
  }

  private static Set<Fallback> fallback(Section in, List<String> via) {
    List<Fallback> fallback =
        in.list(
            "fallback",
            Kinds.choice(Fallback.class),
            Standard.list(Kinds.choice(Fallback.class), "connection", "auth", "mail-4yz"),
            """
            What sends mail on to the next connector of `via` at once: `connection` (no host is
            known, takes the connection, talks to us, has the TLS that is asked for, or stays until
            it has answered MAIL); `auth` (we cannot log in, or have no token); `mail-4yz` (the host
            answers MAIL with 4yz); `any-4yz` (it answers anything with 4yz, also a recipient or the
            content); `quota` (a quota of the connector is used up). After anything else mail waits and begins again with the first connector. What
            a host may have taken without saying so is never passed on.
            """);
    if (in.has("fallback") && via.size() == 1 && !in.refused("via") && !in.refused("fallback")) {
      in.warning(
          "fallback",
          in.path("fallback") + " is of no effect: via names one connector only",
          "add another one to via, or remove fallback");
    }
    return Set.copyOf(fallback);
  }

  /// A condition that was emptied would match all mail, where it seems to match none.
  private static void notEmpty(Section in, String key, List<String> condition) {
    if (in.has(key) && condition.isEmpty() && !in.refused(key)) {
      in.error(key, in.path(key) + " is an empty list", "write what it is for, or remove it");
    }
  }

  private static void known(Section in, String key, List<String> names, Set<String> known) {
    if (in.reading().documenting()) {
      return;
    }
    String what = key.equals("via") ? "connector" : "client";
    for (String name : names) {
      if (!known.contains(name)) {
        String otherwise =
            known.isEmpty()
                ? "there are no " + what + "s"
                : "the " + what + "s are " + String.join(", ", known);
        in.error(
            key,
            in.path(key) + ": there is no " + what + " \"" + name + "\"",
            Nearest.remedy(name, known, otherwise));
      }
    }
    if (Set.copyOf(names).size() < names.size()) {
      in.warning(key, in.path(key) + " names the same " + what + " twice", "remove one of them");
    }
  }

  /// Whether every mail that matches `later` matches this rule too. Only what can be seen from the
  /// patterns as they are written.
  boolean covers(RouteRule later) {
    return covers(from, later.from) && covers(to, later.to) && covers(client, later.client);
  }

  private static boolean covers(List<String> mine, List<String> others) {
    return mine.isEmpty() || (!others.isEmpty() && mine.containsAll(others));
  }

  /// Whether it matches all mail.
  boolean matchesAll() {
    return from.isEmpty() && to.isEmpty() && client.isEmpty();
  }
}
