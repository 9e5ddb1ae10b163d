package dev.poststation.dkim;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// A list of tags (RFC 6376 3.2), as in signatures and in the records of keys. Immutable.
///
/// @param values what stands behind each name, without white space at its ends
record Tags(Map<String, String> values) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_]*");

  /// What stands behind `b=`, which is no part of what is signed (RFC 6376 3.7).
  private static final Pattern SIGNATURE = Pattern.compile("((?:^|;)\\s*b\\s*=)[^;]*");

  /// Reads it; empty when it is none, or names a tag twice.
  static Optional<Tags> parse(String text) {
    Map<String, String> values = new LinkedHashMap<>();
    String[] parts = text.split(";", -1);
    for (int i = 0; i < parts.length; i++) {
      if (i > 0 && i == parts.length - 1 && parts[i].isBlank()) {
        break; // One at the end is allowed.
      }
      int equals = parts[i].indexOf('=');
      String name = equals < 0 ? "" : parts[i].substring(0, equals).strip();
      boolean good = NAME.matcher(name).matches();
      if (!good || values.put(name, parts[i].substring(equals + 1).strip()) != null) {
        return Optional.empty();
      }
    }
    return Optional.of(new Tags(values));
  }

  /// A signature with nothing behind `b=`.
  static String unsigned(String value) {
    return SIGNATURE.matcher(value).replaceFirst("$1");
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  /// What stands there; empty: nothing, or there is no such tag.
  String get(String name) {
    return values.getOrDefault(name, "");
  }

  /// The same without white space.
  String packed(String name) {
    return get(name).replaceAll("\\s", "");
  }
}
