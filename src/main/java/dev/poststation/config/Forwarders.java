package dev.poststation.config;

import java.net.InetAddress;
import java.util.List;

/// Who hands us the clients of others, and is believed when it says who these are: keys of a
/// listener. Immutable.
///
/// @param proxyProtocol balancers that speak the PROXY protocol
/// @param xclient proxies that say XCLIENT: what they say is decided upon
/// @param xforward relays that say XFORWARD: what they say is logged
public record Forwarders(List<Cidr> proxyProtocol, List<Cidr> xclient, List<Cidr> xforward) {
  /// Nobody is believed.
  public static final Forwarders NONE = new Forwarders(List.of(), List.of(), List.of());

  private static final int BITS_LEAST_4 = 8;
  private static final int BITS_LEAST_6 = 16;

  public Forwarders {
    proxyProtocol = List.copyOf(proxyProtocol);
    xclient = List.copyOf(xclient);
    xforward = List.copyOf(xforward);
  }

  static Forwarders read(Section in) {
    List<Cidr> proxyProtocol =
        in.list(
            "proxy-protocol",
            Kinds.NETWORK,
            Standard.emptyList("nobody", "10.0.0.1", "10.1.0.0/16"),
            """
            The balancers in front of this listener that say with the PROXY protocol (version 1 or
            2, as `send-proxy` and `send-proxy-v2` of HAProxy) who the client is. From them the
            header must come before anything else, also before TLS; who else sends one is sent away.
            `clients`, log, Received and limits then go by the address of the client.
            """);
    List<Cidr> xclient =
        in.list(
            "xclient",
            Kinds.NETWORK,
            Standard.emptyList("nobody", "10.0.0.2"),
            """
            The proxies that may say with XCLIENT, as Postfix documents it, who the client is.
            Whatever they say is believed: `clients` decides by it, and they count neither as
            strangers nor against `limits.sessions-per-client`.
            """);
    List<Cidr> xforward =
        in.list(
            "xforward",
            Kinds.NETWORK,
            Standard.emptyList("nobody", "10.0.0.3"),
            """
            The relays and filters that may say with XFORWARD, as Postfix documents it, from whom a
            mail came to them. It is logged and traced; nothing is decided by it.
            """);
    checkGateways(in, "proxy-protocol", proxyProtocol);
    checkGateways(in, "xclient", xclient);
    check(in, "proxy-protocol", proxyProtocol);
    check(in, "xclient", xclient);
    check(in, "xforward", xforward);
    return new Forwarders(proxyProtocol, xclient, xforward);
  }

  /// Whoever is named could claim any address, and with it the rights of any client.
  private static void check(Section in, String key, List<Cidr> networks) {
    for (Cidr network : networks) {
      int least = network.network().getAddress().length == 4 ? BITS_LEAST_4 : BITS_LEAST_6;
      if (network.bits() < least) {
        in.error(
            key,
            in.where()
                + "."
                + key
                + " has "
                + network
                + ": a good part of the Internet could claim"
                + " to be anybody",
            "name the addresses of your own machines that stand in front of this one");
      }
    }
  }

  /// By the gateway of a container whoever reaches the port could claim it, too.
  private static void checkGateways(Section in, String key, List<Cidr> networks) {
    var gateways = Gateways.unnamed(in.reading().machine(), networks);
    if (!gateways.addresses().isEmpty()) {
      in.warning(
          key,
          in.where()
              + "."
              + key
              + " has "
              + gateways.sentence()
              + ": whoever reaches the port through it could claim to be anybody",
          "name only the addresses of your own machines that stand in front of this one");
    }
  }

  /// Whether a PROXY header must come from there.
  public boolean balancer(InetAddress peer) {
    return has(proxyProtocol, peer);
  }

  /// Whether it may say XCLIENT.
  public boolean mayXclient(InetAddress peer) {
    return has(xclient, peer);
  }

  /// Whether it may say XFORWARD.
  public boolean mayXforward(InetAddress peer) {
    return has(xforward, peer);
  }

  private static boolean has(List<Cidr> networks, InetAddress peer) {
    for (int i = 0; i < networks.size(); i++) {
      if (networks.get(i).contains(peer)) {
        return true;
      }
    }
    return false;
  }
}
