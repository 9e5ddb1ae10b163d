package dev.poststation.ldap;

import dev.poststation.config.DirectorySettings;
import dev.poststation.config.DirectorySettings.Query;
import dev.poststation.dns.Resolver;
import dev.poststation.os.Os;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The directories that are asked about mail addresses, over reloads: one that is configured as
/// before keeps its connections and what it said. Safe for any thread.
public final class Directories implements AutoCloseable {
  private static final String SMTP = "smtp:";

  /// As Exchange marks the one address by which somebody sends.
  private static final String PRIMARY = "SMTP:";

  private final Os os;
  private final Resolver resolver;

  // Guarded by this.
  private final Map<String, Lookups> all = new HashMap<>();

  /// Those that were configured otherwise before: somebody may still ask them.
  private final Map<String, Lookups> former = new HashMap<>();

  /// Connects to nobody yet.
  public Directories(Os os, Resolver resolver) {
    this.os = os;
    this.resolver = resolver;
  }

  private synchronized Lookups of(DirectorySettings settings) {
    var known = all.get(settings.name());
    if (known != null && known.settings().sameAs(settings)) {
      return known;
    }
    var before = former.get(settings.name());
    if (before != null && before.settings().sameAs(settings)) {
      return before;
    }
    var fresh = new Lookups(settings, os, resolver);
    all.put(settings.name(), fresh);
    if (known != null) {
      var last = former.put(settings.name(), known);
      if (last != null) {
        last.close();
      }
    }
    return fresh;
  }

  /// Whether an address is found, and in the group.
  ///
  /// @throws UnavailableException when the directory does not say
  public boolean has(Query query, Address address) throws UnavailableException {
    return of(query.directory()).ask(query, address).found();
  }

  /// The same, as it was said lately; empty: it has to be asked.
  public Optional<Boolean> hasAsKnown(Query query, Address address) {
    return of(query.directory()).known(query, address).map(Lookups.Answer::found);
  }

  /// The address that an attribute has; empty: there is no such entry, or it has none.
  ///
  /// @throws UnavailableException when the directory does not say, or not clearly
  public Optional<Address> address(Query query, Address address) throws UnavailableException {
    var values = of(query.directory()).ask(query, address).values();
    List<Address> addresses = new ArrayList<>(1);
    for (String value : values) {
      var parsed = AddressParser.parse(plain(value)).filter(each -> !each.domain().isEmpty());
      if (parsed.isPresent() && value.startsWith(PRIMARY)) {
        return parsed;
      }
      parsed.ifPresent(addresses::add);
    }
    if (addresses.size() > 1) {
      throw new UnavailableException(
          "directories."
              + query.directory().name()
              + " has more than one "
              + query.attribute()
              + " of "
              + address);
    }
    return addresses.stream().findFirst();
  }

  /// What an attribute says; empty: there is no such entry, or it says nothing. Of several values
  /// the first one.
  ///
  /// @throws UnavailableException when the directory does not say, or not clearly
  public Optional<String> value(Query query, Address address) throws UnavailableException {
    return of(query.directory()).ask(query, address).values().stream().findFirst();
  }

  /// The certificates of an address, in whatever form; none when there is no such entry.
  ///
  /// @throws UnavailableException when the directory does not say
  public List<byte[]> certificates(DirectorySettings directory, Address address)
      throws UnavailableException {
    return of(directory).certificates(address);
  }

  private static String plain(String value) {
    return value.toLowerCase(Locale.ROOT).startsWith(SMTP) ? value.substring(SMTP.length()) : value;
  }

  /// What an administrator should know of them, a sentence each.
  public synchronized List<String> concerns() {
    return all.values().stream().flatMap(each -> each.concerns().stream()).sorted().toList();
  }

  @Override
  public synchronized void close() {
    all.values().forEach(Lookups::close);
    former.values().forEach(Lookups::close);
  }
}
