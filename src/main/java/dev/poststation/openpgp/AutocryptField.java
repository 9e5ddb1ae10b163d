package dev.poststation.openpgp;

import java.io.IOException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/// A field Autocrypt (Autocrypt Level 1, 2.1): the key by which an author wants to be written to.
/// Immutable.
///
/// @param address whose key it is, as it is written
/// @param key without armor
record AutocryptField(String address, byte[] key) {
  /// Characters of the field; those of people have a tenth.
  private static final int LENGTH_MAX = 24_000;

  /// Reads it.
  ///
  /// @param value all that stands behind the colon
  /// @throws IOException when it does not count; the message is a clause
  static AutocryptField parse(String value) throws IOException {
    if (value.length() > LENGTH_MAX) {
      throw new IOException("it is longer than " + LENGTH_MAX + " characters");
    }
    Map<String, String> attributes = new HashMap<>();
    String last = "";
    for (String part : value.split(";", -1)) {
      if (part.isBlank()) {
        continue;
      }
      int equals = part.indexOf('=');
      last = equals < 0 ? "" : part.substring(0, equals).strip().toLowerCase(Locale.ROOT);
      boolean known =
          last.equals("addr") || last.equals("prefer-encrypt") || last.equals("keydata");
      if (last.isEmpty() || (!known && !last.startsWith("_"))) {
        throw new IOException("it has an attribute that nobody here knows");
      }
      if (attributes.put(last, part.substring(equals + 1).replaceAll("\\s", "")) != null) {
        throw new IOException("it has an attribute twice");
      }
    }
    if (!attributes.containsKey("addr") || !last.equals("keydata")) {
      throw new IOException("it has no addr, or does not end with keydata");
    }
    try {
      byte[] key = Base64.getDecoder().decode(attributes.get("keydata"));
      return new AutocryptField(attributes.get("addr"), key);
    } catch (IllegalArgumentException e) {
      throw new IOException("its keydata is no base64", e);
    }
  }
}
