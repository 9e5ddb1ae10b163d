package dev.poststation.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// From where the connections of a connector come: `source`, `proxy`. Immutable.
///
/// @param sources our addresses; empty: the choice of the system
/// @param proxy what stands between us and the next hops; null: nothing does
public record Egress(List<SourceAddress> sources, @Nullable Proxy proxy) {
  /// As the system chooses, with nothing in between.
  public static final Egress DIRECT = new Egress(List.of(), null);

  public Egress {
    sources = List.copyOf(sources);
  }

  /// Whether a next hop of this family may be called.
  public boolean reaches(boolean six) {
    return sources.isEmpty() || sources.stream().anyMatch(source -> source.six() == six);
  }

  static Egress read(Section in, Connector.AddressFamily prefer, List<Connector.Host> hosts) {
    List<SourceAddress> sources = SourceAddress.read(in, prefer);
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
    return new Egress(proxy == null ? sources : List.of(), proxy);
  }
}
