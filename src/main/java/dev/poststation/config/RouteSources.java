package dev.poststation.config;

import dev.poststation.config.Connector.AddressFamily;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads `source` of routes. What is said of an address at a connector holds at a route too, where
/// the address stands alone. Confined to one thread.
final class RouteSources {
  private final Map<String, Connector> connectors;

  /// What routes have said of each address.
  private final Map<InetAddress, Written> written = new HashMap<>();

  private record Written(SourceAddress source, Origin origin) {}

  RouteSources(Map<String, Connector> connectors) {
    this.connectors = connectors;
  }

  List<SourceAddress> read(Section in, List<String> names) {
    var via = names.stream().map(connectors::get).filter(each -> each != null).toList();
    Set<InetAddress> seen = new HashSet<>();
    List<SourceAddress> all =
        in.entries(
            "source",
            "address",
            "`source` of the connector",
            """
            The addresses of this machine that mail of this route goes from, in place of those that
            its connectors name, written as there. Of an address that stands alone holds what a
            connector says of it (`public`, `hello`, `warm-up`). Mail of routes with different
            addresses shares no connection.
            """,
            entry -> entry(entry, via, seen));
    if (in.reading().documenting() || !in.has("source") || in.refused("source")) {
      return List.of();
    }
    if (all.isEmpty()) {
      in.error("source", in.path("source") + " is an empty list", "write an address, or remove it");
      return all;
    }
    SourceAddress.checkAlone(in, all);
    via.forEach(connector -> check(in, connector, all));
    return all;
  }

  private SourceAddress entry(Section in, List<Connector> via, Set<InetAddress> seen) {
    var read = SourceAddress.entry(in, AddressFamily.IPV6, seen);
    if (in.reading().documenting() || !in.has("address") || in.refused("address")) {
      return read;
    }
    boolean alone = !in.has("public") && !in.has("hello") && !in.has("warm-up");
    var known = known(read.address(), via);
    var source = alone ? known.map(each -> each.weighing(read.weight())).orElse(read) : read;
    known
        .flatMap(each -> naming(each))
        .filter(_ -> !source.agrees(known.orElseThrow()))
        .ifPresent(where -> otherwise(in, source, where));
    var before = written.putIfAbsent(source.address(), new Written(source, in.origin()));
    if (before != null && !source.agrees(before.source)) {
      otherwise(in, source, "the route at " + before.origin);
    }
    return source;
  }

  /// What a connector says of an address: one of the route before all others.
  private Optional<SourceAddress> known(InetAddress address, List<Connector> via) {
    List<Connector> all = new ArrayList<>(via);
    all.addAll(connectors.values());
    return all.stream()
        .flatMap(each -> each.egress().sources().stream())
        .filter(each -> each.address().equals(address))
        .findFirst();
  }

  private Optional<String> naming(SourceAddress source) {
    return connectors.values().stream()
        .filter(each -> each.egress().sources().contains(source))
        .map(Connector::where)
        .findFirst();
  }

  /// An address has one name in EHLO and one plan: that is what next hops know it by.
  private static void otherwise(Section in, SourceAddress source, String where) {
    in.error(
        "address",
        in.where() + ": of " + source + " something else is said in " + where,
        "write the address alone, as in source = \"" + source + "\", or the same in both");
  }

  private static void check(Section in, Connector connector, List<SourceAddress> all) {
    if (!connector.departs()) {
      in.warning(
          "source",
          in.path("source")
              + " is of no effect for connector "
              + connector.name()
              + ": "
              + why(connector),
          "remove it, or name another connector in via");
      return;
    }
    boolean six = connector.prefer() == AddressFamily.ONLY_IPV6;
    if ((six || connector.prefer() == AddressFamily.ONLY_IPV4)
        && all.stream().noneMatch(source -> source.six() == six)) {
      in.error(
          "source",
          in.path("source")
              + " has no address that connector "
              + connector.name()
              + " can use, which has prefer = "
              + Kinds.word(connector.prefer()),
          "change one of them");
    }
  }

  private static String why(Connector connector) {
    if (!connector.type().sends()) {
      return "it sends nothing";
    }
    if (connector.type().byRequests()) {
      return "it speaks HTTPS, not SMTP";
    }
    return connector.egress().proxy() != null
        ? "next hops see the address of its proxy"
        : "it never leaves this machine";
  }
}
