package dev.poststation.oauth;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.text.ParseException;
import java.util.Map;
import java.util.Optional;

/// What a token server said, as JSON. Pure functions.
final class Said {
  private Said() {}

  /// The object; empty when it is none, and `null` is none.
  static Optional<Map<String, Object>> object(String text) {
    try {
      return Optional.ofNullable(JSONObjectUtils.parse(text));
    } catch (ParseException | RuntimeException _) {
      return Optional.empty();
    }
  }
}
