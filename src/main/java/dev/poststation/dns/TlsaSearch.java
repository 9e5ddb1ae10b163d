package dev.poststation.dns;

import dev.poststation.dns.Resolver.Answer;
import dev.poststation.dns.Resolver.Assured;
import java.util.ArrayList;
import java.util.List;

/// What the DNS says of the certificates of a host, as far as DNSSEC vouches for it (RFC 7672 2.2).
/// Blocking; safe for any thread.
public final class TlsaSearch {
  private TlsaSearch() {}

  /// What was found.
  public sealed interface Found {
    /// It says nothing, or nobody vouches for what it says: as if there were no DANE.
    record Nothing(String why) implements Found {}

    /// Records, at least one, though perhaps none that is usable.
    ///
    /// @param base the name under which they stand: it is asked for by SNI, and certificates of
    ///   authorities must carry it
    record Records(String base, List<Tlsa> records) implements Found {
      public Records {
        records = List.copyOf(records);
      }

      /// Those that a certificate is compared with.
      public List<Tlsa> usable() {
        return records.stream().filter(Tlsa::usable).toList();
      }
    }

    /// Nobody knows now, or somebody lies: such a host gets nothing (RFC 7672 2.1.2, 2.1.3).
    record Failed(String reason) implements Found {}
  }

  /// Searches.
  ///
  /// @param host whose name DNSSEC, or the configuration, vouches for
  public static Found of(Resolver resolver, String host, int port) {
    if (NumericAddress.parse(host).isPresent()) {
      return new Found.Nothing(host + " is an address, which has no TLSA record");
    }
    var addresses = resolver.assuredAddresses(host);
    if (addresses.answer() instanceof Answer.Failed<?>(var reason)) {
      return new Found.Failed("the addresses of " + host + " cannot be looked up: " + reason);
    }
    List<String> bases = new ArrayList<>();
    boolean alias = !addresses.name().equals(host);
    if (addresses.secure()) {
      bases.add(addresses.name());
      if (alias) {
        bases.add(host);
      }
    } else if (alias) {
      // The alias may be signed, though what it leads to is not (RFC 7672 2.2.2).
      var first = resolver.assuredAlias(host);
      if (first.answer() instanceof Answer.Failed<?>(var reason)) {
        return new Found.Failed("the alias " + host + " cannot be looked up: " + reason);
      }
      if (first.secure()) {
        bases.add(host);
      }
    }
    if (bases.isEmpty()) {
      return new Found.Nothing("DNSSEC does not vouch for the addresses of " + host);
    }
    for (String base : bases) {
      String name = "_" + port + "._tcp." + base;
      Assured<Tlsa> found = resolver.tlsa(name);
      switch (found.answer()) {
        case Answer.Found<Tlsa>(var records) when found.secure() -> {
          return new Found.Records(base, records);
        }
        case Answer.Failed<Tlsa>(var reason) -> {
          return new Found.Failed(name + " cannot be looked up: " + reason);
        }
        default -> {} // Nothing there, or nothing that counts.
      }
    }
    return new Found.Nothing("there is no TLSA record for " + host + " that DNSSEC vouches for");
  }
}
