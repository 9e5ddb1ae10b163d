package dev.poststation.config;

import static java.util.stream.Collectors.joining;

import dev.poststation.os.Networks;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// From where the connections of a connector come: `source`, `blocklists`, `proxy`. Immutable.
///
/// @param sources our addresses; empty: the choice of the system
/// @param blocklists the lists of the DNS that are asked whether they have one of them (RFC 5782)
/// @param proxy what stands between us and the next hops; null: nothing does
/// @param routed whether a route names the sources, in place of the connector
public record Egress(
    List<SourceAddress> sources, List<String> blocklists, @Nullable Proxy proxy, boolean routed) {
  /// A label that is longer is cut, and says so by a digest.
  private static final int LABEL_MAX = 80;

  /// As the system chooses, with nothing in between.
  public static final Egress DIRECT = of(List.of(), null);

  public Egress {
    sources = List.copyOf(sources);
    blocklists = List.copyOf(blocklists);
  }

  /// Those about which no list is asked.
  public static Egress of(List<SourceAddress> sources, @Nullable Proxy proxy) {
    return new Egress(sources, List.of(), proxy, false);
  }

  /// The same from the addresses that a route names.
  Egress from(List<SourceAddress> routed) {
    return new Egress(routed, blocklists, proxy, true);
  }

  /// The same without a proxy.
  Egress directly() {
    return new Egress(sources, blocklists, null, routed);
  }

  /// What makes its connections different from others of the same connector: `@192.0.2.10`, or
  /// `@192.0.2.10*3,[2001:db8::10]`; empty where the connector names the addresses.
  String label() {
    if (!routed) {
      return "";
    }
    String all = sources.stream().map(Egress::label).collect(joining(","));
    return all.length() <= LABEL_MAX
        ? "@" + all
        : "@%s+%d-%08x".formatted(label(sources.getFirst()), sources.size() - 1, all.hashCode());
  }

  private static String label(SourceAddress source) {
    String address = source.six() ? "[" + source + "]" : source.toString();
    return source.weight() == 1 ? address : address + "*" + source.weight();
  }

  /// Whether a next hop of this family may be called.
  public boolean reaches(boolean six) {
    return sources.isEmpty() || sources.stream().anyMatch(source -> source.six() == six);
  }

  static Egress read(Section in, Connector.AddressFamily prefer, List<Connector.Host> hosts) {
    List<SourceAddress> sources = SourceAddress.read(in, prefer);
    List<String> blocklists = blocklists(in, sources);
    Proxy proxy = Proxy.read(in).orElse(null);
    if (in.isList("source") && sources.isEmpty() && !in.reading().documenting()) {
      in.error("source", in.path("source") + " is an empty list", "write an address, or remove it");
    }
    if (proxy != null && in.has("source")) {
      in.warning(
          "source",
          in.path("source") + " is of no effect with a proxy: next hops see the proxy's address",
          "remove one of them");
    }
    if (proxy != null
        && hosts.stream().anyMatch(host -> host.name().startsWith(Connector.Host.UNIX))) {
      in.warning(
          "proxy",
          in.path("proxy") + " is of no effect for unix: hosts: that never leaves this machine",
          "remove it, or write another host");
    }
    return proxy == null ? new Egress(sources, blocklists, null, false) : of(List.of(), proxy);
  }

  private static List<String> blocklists(Section in, List<SourceAddress> sources) {
    List<String> blocklists =
        in.list(
            "blocklists",
            Kinds.HOSTNAME,
            Standard.emptyList("none", "zen.example.org"),
            """
            The blocklists of the DNS (RFC 5782) that are asked every quarter of an hour whether they
            have an address of `source`. One that is listed sends nothing while it is, unless it is
            the last of its family. Many lists answer only the resolver of whoever registered.
            """);
    if (blocklists.isEmpty() || in.reading().documenting()) {
      return blocklists;
    }
    if (sources.isEmpty()) {
      in.error(
          "blocklists",
          in.path("blocklists") + " is of no effect without source",
          "name in source the addresses that the lists are to be asked about");
    }
    for (var source : sources) {
      if (Networks.isPrivate(source.outside())) {
        in.warning(
            "blocklists",
            in.path("blocklists") + ": no list knows " + source + ", which is a private address",
            "write public = \"ADDRESS\" beside it, with the address that the world sees");
      }
    }
    return blocklists;
  }
}
