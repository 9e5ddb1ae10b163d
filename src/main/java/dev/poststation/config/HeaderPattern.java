package dev.poststation.config;

import java.util.Locale;
import java.util.regex.Pattern;

/// A field of the header, and maybe what stands in it: `List-Id`, `Precedence: bulk`, `Subject:
/// *[secret]*`. Case does not matter. Immutable.
///
/// @param name in lower case
/// @param value in lower case, `*` for anything; empty: any
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
    return value.isEmpty() || matches(lower(text.strip()), value);
  }

  /// Takes the first place that fits for what stands between two stars: if that does not lead to
  /// the end, no other does.
  private static boolean matches(String text, String pattern) {
    int star = pattern.indexOf('*');
    if (star < 0) {
      return text.equals(pattern);
    }
    int last = pattern.lastIndexOf('*');
    String end = pattern.substring(last + 1);
    if (text.length() < star + end.length()
        || !text.startsWith(pattern.substring(0, star))
        || !text.endsWith(end)) {
      return false;
    }
    int at = star;
    int until = text.length() - end.length();
    for (int from = star + 1; from <= last; ) {
      int next = pattern.indexOf('*', from);
      String part = pattern.substring(from, next);
      int found = text.indexOf(part, at);
      if (found < 0 || found + part.length() > until) {
        return false;
      }
      at = found + part.length();
      from = next + 1;
    }
    return true;
  }

  /// As it is written in the file.
  @Override
  public String toString() {
    return value.isEmpty() ? name : name + ": " + value;
  }
}
