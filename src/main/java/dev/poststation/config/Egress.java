package dev.poststation.config;

import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// From where the connections of a connector come: `source`, `proxy`. Immutable.
///
/// @param source our address; null: the choice of the system
/// @param proxy what stands between us and the next hops; null: nothing does
public record Egress(@Nullable InetAddress source, @Nullable Proxy proxy) {
  /// As the system chooses, with nothing in between.
  public static final Egress DIRECT = new Egress(null, null);

  static Egress read(Section in, Connector.AddressFamily prefer, List<Connector.Host> hosts) {
    InetAddress source = source(in, prefer);
    Proxy proxy = Proxy.read(in).orElse(null);
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
    return new Egress(proxy == null ? source : null, proxy);
  }

  private static @Nullable InetAddress source(Section in, Connector.AddressFamily prefer) {
    InetAddress source =
        in.optional(
                "source",
                Kinds.ADDRESS,
                Standard.none("the choice of the system", "192.0.2.10"),
                """
                The address of this machine that connections come from, where it has several. Only
                next hops of the same family can then be reached.
                """)
            .orElse(null);
    if (source != null
        && prefer
            == (source.getAddress().length == 16
                ? Connector.AddressFamily.ONLY_IPV4
                : Connector.AddressFamily.ONLY_IPV6)) {
      in.error(
          "source",
          in.path("source") + " is of another family than prefer = " + Kinds.word(prefer),
          "change one of them");
    }
    return source;
  }
}
