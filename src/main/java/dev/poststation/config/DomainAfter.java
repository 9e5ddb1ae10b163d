package dev.poststation.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Of which domain an address is when `rewrite` and `masquerade` have done their work in one place,
/// as far as that can be seen from maps. Confined to one thread.
final class DomainAfter {
  private final Rewriting rewriting;
  private final Rewriting.Place place;
  private final List<List<AddressMapping>> maps = new ArrayList<>();
  private final List<Map<String, AddressMapping>> byOld = new ArrayList<>();

  DomainAfter(Section in, Rewriting rewriting, Rewriting.Place place) {
    this.rewriting = rewriting;
    this.place = place;
    for (Rewriting.Rule rule : rewriting.rules()) {
      List<AddressMapping> all = new ArrayList<>(rule.written());
      rule.files().forEach(file -> all.addAll(read(in, file)));
      Map<String, AddressMapping> keys = new HashMap<>();
      all.forEach(each -> keys.putIfAbsent(each.key(), each));
      maps.add(all);
      byOld.add(keys);
    }
  }

  /// What cannot be read has been told already.
  private static List<AddressMapping> read(Section in, Path file) {
    try {
      byte[] octets = in.reading().os().disk().read(file);
      return AddressMapping.file(new String(octets, StandardCharsets.UTF_8), file.toString())
          .mappings();
    } catch (IOException _) {
      return List.of();
    }
  }

  /// The lines of an entry, those of its files too.
  List<AddressMapping> mappings(int rule) {
    return maps.get(rule);
  }

  /// The domain that an address has then.
  ///
  /// @param old an address, `@domain`, or `.domain`: any below it
  /// @return empty: a directory knows
  Optional<String> of(String old, String client) {
    String address = (old.startsWith(".") ? "any@any" + old : old).toLowerCase(Locale.ROOT);
    String domain = address.substring(address.lastIndexOf('@') + 1);
    for (int i = 0; i < maps.size(); i++) {
      Rewriting.Rule rule = rewriting.rules().get(i);
      boolean forth = rule.in().contains(place);
      if (!forth && rule.backIn().contains(place)) {
        return Optional.empty(); // Back is where it came from, which the map need not say.
      }
      if (!forth || (!rule.client().isEmpty() && !rule.client().contains(client))) {
        continue;
      }
      Optional<AddressMapping> found = narrowest(byOld.get(i), address, domain);
      if (found.isPresent()) {
        String fresh = found.get().fresh();
        return Optional.of(fresh.substring(fresh.lastIndexOf('@') + 1));
      }
      if (rule.lookup() != null) {
        return Optional.empty();
      }
    }
    return Optional.of(masqueraded(domain));
  }

  private static Optional<AddressMapping> narrowest(
      Map<String, AddressMapping> map, String address, String domain) {
    AddressMapping found = map.getOrDefault(address, map.get("@" + domain));
    for (int dot = domain.indexOf('.'); found == null && dot >= 0; ) {
      found = map.get(domain.substring(dot));
      dot = domain.indexOf('.', dot + 1);
    }
    return Optional.ofNullable(found);
  }

  private String masqueraded(String domain) {
    Rewriting.Masquerade masquerade = rewriting.masquerade();
    if (masquerade == null || !masquerade.in().contains(place)) {
      return domain;
    }
    return masquerade.domains().stream()
        .filter(each -> domain.endsWith("." + each.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElse(domain);
  }
}
