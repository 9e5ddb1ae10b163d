package dev.poststation.config;

import java.util.regex.Pattern;

/// A variable in quotes, which is none there. Only pure functions.
final class Quoted {
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{\\??[A-Za-z_][A-Za-z0-9_.-]*}");

  private static final String HINT =
      "${…} is replaced outside of quotes only, as in \"smtp.\"${NAME}";

  private Quoted() {}

  /// What there is to do about a value that cannot be used, be it that a variable was meant or not.
  static String remedy(Kind<?> kind, String text, String remedy) {
    if (!VARIABLE.matcher(text).find() || isPlainSecret(kind, text)) {
      return remedy;
    }
    return remedy.isEmpty() ? HINT : HINT + "; " + remedy;
  }

  /// A secret that stands in the file is refused however it came there.
  private static boolean isPlainSecret(Kind<?> kind, String text) {
    return kind.form() == Kind.Form.SECRET && !SecretReference.isReference(text);
  }
}
