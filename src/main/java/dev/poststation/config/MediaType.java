package dev.poststation.config;

import java.util.Locale;
import java.util.regex.Pattern;

/// A media type, or all of a kind: `text/calendar`, `image/*` (RFC 6838 4.2). Immutable.
///
/// @param text in lower case
public record MediaType(String text) {
  private static final String NAME = "[a-z0-9][a-z0-9!#$&^_.+-]{0,126}";
  private static final Pattern FORM = Pattern.compile(NAME + "/(?:" + NAME + "|\\*)");

  static final Kind<MediaType> KIND =
      new Kind<>("media type", Kind.Form.QUOTED, (text, _) -> read(text));

  private static Parsed<MediaType> read(String text) {
    String lower = text.strip().toLowerCase(Locale.ROOT);
    return FORM.matcher(lower).matches()
        ? Parsed.good(new MediaType(lower))
        : Parsed.bad(
            "is no media type", "write \"text/calendar\", or \"image/*\" for all of a kind");
  }

  /// Whether a type is meant.
  ///
  /// @param type without parameters, in lower case
  public boolean matches(String type) {
    return text.endsWith("/*")
        ? type.startsWith(text.substring(0, text.length() - 1))
        : type.equals(text);
  }

  @Override
  public String toString() {
    return text;
  }
}
