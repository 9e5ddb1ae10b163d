package dev.poststation.config;

import java.util.Locale;
import java.util.regex.Pattern;

/// A field of the header, and maybe what stands in it: `List-Id`, `Precedence: bulk`. Case does not
/// matter. Immutable.
///
/// @param name in lower case
/// @param value in lower case; empty: any
public record HeaderPattern(String name, String value) {
  private static final Pattern FORM = Pattern.compile("([!-9;-~]{1,76}) *(?:: *(.*))?");

  static final Kind<HeaderPattern> KIND =
      new Kind<>("header field", Kind.Form.QUOTED, (text, _) -> read(text));

  private static Parsed<HeaderPattern> read(String text) {
    var parts = FORM.matcher(text.strip());
    if (!parts.matches()) {
      return Parsed.bad(
          "is no header field", "write its name, and what stands in it: \"Precedence: bulk\"");
    }
    String value = parts.group(2) == null ? "" : parts.group(2).strip();
    return Parsed.good(new HeaderPattern(lower(parts.group(1)), lower(value)));
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  /// Whether a field of this name is meant by it that says this.
  public boolean matches(String text) {
    return value.isEmpty() || lower(text.strip()).equals(value);
  }

  /// As it is written in the file.
  @Override
  public String toString() {
    return value.isEmpty() ? name : name + ": " + value;
  }
}
