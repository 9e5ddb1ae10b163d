package dev.poststation.rewrite;

import dev.poststation.config.AddressMapping;
import dev.poststation.message.AddressPatterns;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which address becomes which. Immutable; safe for any thread. A hundred thousand lines take no
/// more time than one.
final class AddressMap {
  private final Map<String, String> fresh;
  private final Set<AddressPatterns.Kind> kinds;

  private AddressMap(Map<String, String> fresh, Set<AddressPatterns.Kind> kinds) {
    this.fresh = fresh;
    this.kinds = kinds;
  }

  /// A map of these lines; of two for the same address the first one holds.
  static AddressMap of(List<AddressMapping> mappings) {
    Map<String, String> fresh = HashMap.newHashMap(mappings.size());
    Set<AddressPatterns.Kind> kinds = EnumSet.noneOf(AddressPatterns.Kind.class);
    for (var mapping : mappings) {
      var pattern = new AddressPatterns(List.of(mapping.old()));
      kinds.addAll(pattern.kinds());
      pattern.keys().forEach(key -> fresh.putIfAbsent(key, mapping.fresh()));
    }
    return new AddressMap(fresh, kinds);
  }

  /// The map that puts back what this one changes, as far as one address became one.
  static AddressMap reversed(List<AddressMapping> mappings) {
    return of(mappings.stream().flatMap(each -> each.reversed().stream()).toList());
  }

  /// What an address becomes: by the whole of it, then without its detail, then by its domain, then
  /// by those above.
  ///
  /// @param delimiter before the detail of a local part; empty: there is none
  Optional<Address> get(Address address, String delimiter) {
    var keys = AddressPatterns.keysOf(address, kinds);
    for (int i = 0; i < keys.size(); i++) {
      String to = fresh.get(keys.get(i));
      if (to != null) {
        return Optional.of(applied(to, address, ""));
      }
      int at = delimiter.isEmpty() || i > 0 ? -1 : address.local().indexOf(delimiter);
      if (at > 0 && !address.local().startsWith("\"")) {
        var base = new Address(address.local().substring(0, at), address.domain());
        String found = whole(base);
        if (found != null) {
          return Optional.of(applied(found, base, address.local().substring(at)));
        }
      }
    }
    return Optional.empty();
  }

  private @Nullable String whole(Address address) {
    var key = AddressPatterns.keysOf(address, EnumSet.of(AddressPatterns.Kind.MAILBOX));
    return fresh.get(key.getFirst());
  }

  /// @param detail with its delimiter; empty: none
  private static Address applied(String to, Address address, String detail) {
    if (to.startsWith("@")) {
      return new Address(address.local() + detail, to.substring(1));
    }
    var whole = AddressParser.parse(to).orElseThrow(); // It was checked when it was read.
    return detail.isEmpty() || whole.local().startsWith("\"")
        ? whole
        : new Address(whole.local() + detail, whole.domain());
  }
}
