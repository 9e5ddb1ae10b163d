package dev.poststation.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// Tells of the keys that stand in a section and that nobody asked for.
///
/// @param path the path of the section
/// @param known the keys that were asked for
/// @param later keys that are fixed, but that this version cannot do yet
record UnknownKeys(Reading reading, String path, TreeSet<String> known, TreeSet<String> later) {
  /// Tells of each.
  ///
  /// @return whether there are any
  boolean tell(Map<String, ConfigValue> values) {
    boolean any = false;
    for (var entry : new TreeMap<>(values).entrySet()) {
      String key = entry.getKey();
      Origin origin = reading.origins().apply(entry.getValue().origin());
      if (later.contains(key)) {
        String full = path.isEmpty() ? key : path + "." + key;
        reading
            .problems()
            .error(origin, full + " is not supported by this version yet", "remove it");
        any = true;
      } else if (!known.contains(key)) {
        String message = "unknown key \"" + key + "\"" + (path.isEmpty() ? "" : " in " + path);
        reading.problems().error(origin, message, remedy(key, entry.getValue()));
        any = true;
      }
    }
    return any;
  }

  private String remedy(String key, ConfigValue value) {
    Optional<String> like = like(key).map(near -> "did you mean \"" + near + "\"?");
    Optional<String> elsewhere = Manual.placeOf(key, reading);
    Optional<String> place = elsewhere.map(section -> "it belongs into " + section);
    String otherwise =
        value instanceof ConfigObject
            ? "if it is part of a name with dots, put that name into double quotes"
            : "known here: " + String.join(", ", known);
    // At the top a key that is known elsewhere was rather put into the wrong place than misspelled;
    // within a section nobody knows what was meant.
    return path.isEmpty()
        ? place.or(() -> like).orElse(otherwise)
        : like.orElse(otherwise + elsewhere.map(section -> "; " + section + " has one").orElse(""));
  }

  private Optional<String> like(String key) {
    var all = new TreeSet<>(known);
    all.addAll(later);
    return Nearest.to(key, all);
  }

  /// Whether the keys are the rest of a name with dots that was not quoted: in `connectors {
  /// mail.example.com { … } }` the library sees a connector `mail` with a key `example`.
  ///
  /// @return the rest, with its first dot
  Optional<String> dottedRest(Map<String, ConfigValue> values) {
    var rest = new StringBuilder();
    Map<String, ConfigValue> at = values;
    while (at.size() == 1) {
      var only = at.entrySet().iterator().next();
      String key = only.getKey();
      if (known.contains(key)
          || later.contains(key)
          || (rest.isEmpty() && like(key).isPresent())
          || !(only.getValue() instanceof ConfigObject inner)) {
        break;
      }
      rest.append('.').append(key);
      at = inner;
    }
    return rest.isEmpty() ? Optional.empty() : Optional.of(rest.toString());
  }
}
