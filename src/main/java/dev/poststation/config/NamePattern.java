package dev.poststation.config;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A name in which `*` is anything; capitals do not matter. Immutable.
public final class NamePattern {
  static final Kind<NamePattern> KIND =
      new Kind<>(
          "pattern",
          Kind.Form.QUOTED,
          (text, _) ->
              text.isBlank()
                  ? Parsed.bad("is empty", "write a name, in which * is anything")
                  : Parsed.good(new NamePattern(text.strip())));

  private final String text;
  private final Pattern form;

  private NamePattern(String text) {
    this.text = text;
    this.form =
        Pattern.compile(
            Arrays.stream(text.split("\\*", -1))
                .map(Pattern::quote)
                .collect(Collectors.joining(".*")),
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE | Pattern.DOTALL);
  }

  /// Whether a name is meant.
  public boolean matches(String name) {
    return form.matcher(name).matches();
  }

  /// As it is written.
  @Override
  public String toString() {
    return text;
  }
}
