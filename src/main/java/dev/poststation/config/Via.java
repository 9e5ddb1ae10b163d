package dev.poststation.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A connector of a route: an entry of `via`. Immutable.
///
/// @param connector its name
/// @param priority those with the lowest number are tried first
/// @param weight how large a share of the mails tries it first, among those of equal priority
public record Via(String connector, int priority, int weight) {
  /// The priority of one without, where another of the list has a priority or a weight.
  private static final int PRIORITY = 10;

  private record Written(
      String connector, Optional<Integer> priority, Optional<Integer> weight, boolean refused) {}

  /// Those that are tried in this order.
  static List<Via> inOrder(List<String> connectors) {
    List<Via> all = new ArrayList<>();
    connectors.forEach(name -> all.add(new Via(name, all.size(), 1)));
    return all;
  }

  /// Reads `via` of a route: by rising priority, equal ones in the order of the file.
  static List<Via> read(Section in, Map<String, Connector> connectors) {
    List<Written> written =
        in.entries(
            "via",
            "connector",
            "none; it must be written",
            """
            The connectors that mail goes by. A text alone is a name of `connectors`; an object can
            say more. Without priorities and weights they are tried in this order: the next one when
            the one before fails in a way that `fallback` names.
            """,
            Via::entry);
    if (in.reading().documenting()) {
      return List.of();
    }
    if (written.isEmpty() && !in.refused("via")) {
      in.error("via", in.where() + " has no via", "write, for example, via = [provider]");
    }
    var known = written.stream().filter(each -> !each.refused).map(Written::connector).toList();
    RouteRule.known(in, "via", known, connectors.keySet());
    var all = ordered(written);
    all.forEach(each -> checkShare(in, each, all, connectors.get(each.connector)));
    return all;
  }

  private static Written entry(Section in) {
    String connector =
        in.required(
            "connector",
            Kinds.NAME,
            "?",
            "provider",
            """
            A name of `connectors`.
            """);
    Optional<Integer> priority =
        in.optional(
            "priority",
            Kinds.integer(0, 65535),
            Standard.none("the place in the list; 10 where another has a priority or weight", "10"),
            """
            Connectors with the lowest number are tried first.
            """);
    Optional<Integer> weight =
        in.optional(
            "weight",
            Kinds.integer(1, 65535),
            Standard.none("1", "1"),
            """
            How large a share of the mails tries it first among those of equal priority; the others
            of these follow before those of the next priority, in a way that `fallback` names. A
            mail keeps its lot at all its attempts.
            """);
    return new Written(
        connector, priority, weight, !in.has("connector") || in.refused("connector"));
  }

  private static List<Via> ordered(List<Written> written) {
    boolean plain = written.stream().allMatch(w -> w.priority.isEmpty() && w.weight.isEmpty());
    List<Via> all = new ArrayList<>();
    for (Written each : written) {
      int priority = plain ? all.size() : each.priority.orElse(PRIORITY);
      all.add(new Via(each.connector, priority, each.weight.orElse(1)));
    }
    all.sort(Comparator.comparingInt(Via::priority));
    return all;
  }

  /// A share of the mail would be thrown away, or kept.
  private static void checkShare(
      Section in, Via via, List<Via> all, @Nullable Connector connector) {
    boolean shares = all.stream().filter(each -> each.priority == via.priority).count() > 1;
    if (shares && connector != null && !connector.type().sends()) {
      in.error(
          "via",
          in.path("via")
              + ": connector "
              + via.connector
              + " sends nothing, and shares its priority "
              + via.priority
              + " with another one",
          "give it a priority of its own, or a route of its own");
    }
  }

  /// How many of how many mails try it first among its equals: `3 of 4`; empty where it has none.
  public String share(List<Via> all) {
    var equals = all.stream().filter(each -> each.priority == priority).toList();
    return equals.size() == 1 ? "" : weight + " of " + equals.stream().mapToInt(Via::weight).sum();
  }
}
