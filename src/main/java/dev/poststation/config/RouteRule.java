package dev.poststation.config;

import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which way: an entry of `routes`.
///
/// @param when what it is for; a rule without a condition matches all mail
/// @param ways the connectors, by rising priority
/// @param fallback what sends mail on to the next of them
/// @param source the addresses of ours that it goes from; empty: those of the connectors
public record RouteRule(
    RouteConditions when,
    List<Via> ways,
    Set<Fallback> fallback,
    List<SourceAddress> source,
    Origin origin) {
  /// What holds when nothing is written.
  public static final Set<Fallback> USUAL =
      Set.of(Fallback.CONNECTION, Fallback.AUTH, Fallback.MAIL_4YZ);

  public RouteRule {
    ways = List.copyOf(ways);
    fallback = Set.copyOf(fallback);
    source = List.copyOf(source);
  }

  /// One that tries connectors in this order, and leaves it to them from where mail goes.
  public RouteRule(RouteConditions when, List<String> via, Set<Fallback> fallback, Origin origin) {
    this(when, Via.inOrder(via), fallback, List.of(), origin);
  }

  /// The names of its connectors, by rising priority.
  public List<String> via() {
    return ways.stream().map(Via::connector).toList();
  }

  /// Whether some of them share the mail.
  public boolean shared() {
    return ways.size() > 1 // Asked for each mail.
        && ways.stream().mapToInt(Via::priority).distinct().count() < ways.size();
  }

  /// @param connectors those that `via` may name
  /// @param known what its conditions may name
  /// @param sources what is said of the addresses that connectors and routes name
  static RouteRule read(
      Section in,
      Map<String, Connector> connectors,
      RouteConditions.Known known,
      RouteSources sources) {
    RouteConditions when = RouteConditions.read(in, known);
    List<Via> ways = Via.read(in, connectors);
    List<String> via = ways.stream().map(Via::connector).toList();
    Set<Fallback> fallback = fallback(in, via);
    return new RouteRule(when, ways, fallback, sources.read(in, via), in.origin());
  }

  private static Set<Fallback> fallback(Section in, List<String> via) {
    List<Fallback> fallback =
        in.list(
            "fallback",
            Kinds.choice(Fallback.class),
            Standard.list(Kinds.choice(Fallback.class), "connection", "auth", "mail-4yz"),
            """
            What sends mail on to the next connector of `via` at once: `connection` (no host is
            known, takes the connection, talks to us, has the TLS that is asked for, stays until it
            has answered MAIL, or has what the mail needs, such as SMTPUTF8 or a large enough SIZE);
            `auth` (we cannot log in, or have no token); `mail-4yz` (the host answers MAIL with 4yz);
            `any-4yz` (it answers anything with 4yz, also a recipient or the content); `quota` (a
            quota of the connector is used up); `busy` (all of its connections, by
            `max-connections` or `quota-connections`, carry mail, and the next connector has a free
            one). After anything else mail waits and begins again with
            the first connector. What a host may have taken without saying so is never passed on.
            """);
    if (in.has("fallback") && via.size() == 1 && !in.refused("via") && !in.refused("fallback")) {
      in.warning(
          "fallback",
          in.path("fallback") + " is of no effect: via names one connector only",
          "add another one to via, or remove fallback");
    }
    return Set.copyOf(fallback);
  }

  /// What is named must be there.
  static void known(Section in, String key, List<String> names, Set<String> known) {
    if (in.reading().documenting()) {
      return;
    }
    String what = key.equals("via") ? "connector" : key;
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
    return when.cover(later.when);
  }

  /// Whether it matches all mail.
  boolean matchesAll() {
    return when.isEmpty();
  }
}
