package dev.poststation.config;

import dev.poststation.os.IpText;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// An address of this machine that connections of a connector come from: an entry of `source`.
/// Immutable.
///
/// @param seen the address that the world sees instead, behind NAT; null: this one
/// @param hello what is said in EHLO from there; null: what the connector says
/// @param weight how large a share of the connections comes from it, among those of its family
/// @param warmUp how many mails it may send on each day; null: as many as there are
public record SourceAddress(
    InetAddress address,
    @Nullable InetAddress seen,
    @Nullable String hello,
    int weight,
    @Nullable WarmUp warmUp) {
  /// The address that next hops see.
  public InetAddress outside() {
    return seen == null ? address : seen;
  }

  /// Whether it is an address of IPv6.
  public boolean six() {
    return address.getAddress().length == 16;
  }

  @Override
  public String toString() {
    return IpText.of(address);
  }

  /// Whether the same is said of the address, but for its share.
  boolean agrees(SourceAddress other) {
    return equals(other.weighing(weight));
  }

  /// The same with another share.
  SourceAddress weighing(int other) {
    return new SourceAddress(address, seen, hello, other, warmUp);
  }

  /// Reads `source` of a connector.
  static List<SourceAddress> read(Section in, Connector.AddressFamily prefer) {
    Set<InetAddress> seen = new HashSet<>();
    List<SourceAddress> all =
        in.entries(
            "source",
            "address",
            "the choice of the system",
            """
            The addresses of this machine that connections come from, where it has several. A text
            alone is an address; an object can say more. Each connection takes one of the family of
            the next hop's address; next hops of a family that has none here are not called. Where
            this machine does not have one of them, the others are used, and `status` says so; where
            it has none, mail waits: never is another address taken.
            """,
            entry -> entry(entry, prefer, seen));
    if (in.reading().documenting()) {
      return List.of();
    }
    checkAlone(in, all);
    return all;
  }

  /// What a plan leaves over waits where there is no other address.
  static void checkAlone(Section in, List<SourceAddress> all) {
    for (boolean six : new boolean[] {false, true}) {
      var family = all.stream().filter(source -> source.six() == six).toList();
      if (!family.isEmpty() && family.stream().noneMatch(source -> source.warmUp == null)) {
        in.warning(
            "source",
            in.path("source")
                + " has no "
                + (six ? "IPv6" : "IPv4")
                + " address without warm-up: what is more than the plans allow waits for the next"
                + " day",
            "add an address that is known already, if there is one");
      }
    }
  }

  /// @param before those that stand before it
  static SourceAddress entry(Section in, Connector.AddressFamily prefer, Set<InetAddress> before) {
    InetAddress address =
        in.required(
            "address",
            Kinds.ADDRESS,
            InetAddress.getLoopbackAddress(),
            "192.0.2.10",
            """
            An address of this machine.
            """);
    InetAddress seen =
        in.optional(
                "public",
                Kinds.ADDRESS,
                Standard.none("the address itself", "203.0.113.10"),
                """
                The address that the world sees in its place, where a router translates it (NAT): by
                it the relay knows that a reply or a blocklist is about it.
                """)
            .orElse(null);
    String hello =
        in.optional(
                "hello",
                Kinds.HOSTNAME,
                Standard.none("`hello` of the connector", "out1.example.com"),
                """
                What is said in EHLO from this address: the name that its PTR record has.
                """)
            .orElse(null);
    int weight =
        in.read(
            "weight",
            Kinds.integer(1, 1000),
            "1",
            """
            How large a share of the connections comes from it, among those of its family.
            """);
    var read = new SourceAddress(address, seen, hello, weight, WarmUp.read(in).orElse(null));
    if (!in.has("address") || in.refused("address")) {
      return read;
    }
    if (!before.add(address)) {
      in.error("address", in.where() + ": " + read + " stands in source twice", "remove one");
    }
    if (seen != null && seen.getAddress().length != address.getAddress().length) {
      in.error(
          "public",
          in.where() + ": public is of another family than " + read,
          "write the address that next hops see when " + read + " calls them");
    }
    if (prefer
        == (read.six() ? Connector.AddressFamily.ONLY_IPV4 : Connector.AddressFamily.ONLY_IPV6)) {
      in.error(
          "address",
          in.where() + ": " + read + " is of another family than prefer = " + Kinds.word(prefer),
          "change one of them");
    }
    return read;
  }
}
