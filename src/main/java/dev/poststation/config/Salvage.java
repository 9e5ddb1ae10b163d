package dev.poststation.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Finds the relay that runs with a file whose text is broken: `data` is looked for line by line,
/// whatever stands around it. Pure functions.
final class Salvage {
  private static final Pattern DATA = Pattern.compile("[\\s{]*\"?data\"?\\s*[=:]\\s*(.*)");
  private static final Pattern INCLUDE = Pattern.compile("(?m)^\\s*include\\b");
  private static final Pattern REST = Pattern.compile("\\s*(?:[,}].*|#.*|//.*)?");
  private static final Pattern QUOTED = Pattern.compile("\"([^\"\\\\]+)\"(.*)");
  private static final Pattern PLAIN = Pattern.compile("([^\\s\"{}\\[\\]:=,+#$`^?!@*&\\\\]+)(.*)");
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\??)([^}?]+)}(.*)");

  private Salvage() {}

  /// Where the relay is found; empty when the text leaves it open.
  ///
  /// @param directory of the file
  static Optional<Loaded.Whereabouts> whereabouts(
      String text, Path directory, Map<String, String> environment) {
    String data = INCLUDE.matcher(text).find() ? "" : Schema.DATA;
    for (String line : text.lines().toList()) {
      Matcher found = DATA.matcher(line);
      if (found.matches()) {
        data = value(found.group(1), environment, data);
      }
    }
    return data.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Loaded.Whereabouts(
                directory.resolve(data), AdminSettings.KIND.standard(AdminSettings.BIND), null));
  }

  /// @param before what holds when a variable that may be missing is
  /// @return empty when it cannot be told
  private static String value(String text, Map<String, String> environment, String before) {
    Matcher variable = VARIABLE.matcher(text);
    if (ends(variable, 3)) {
      String missing = variable.group(1).isEmpty() ? "" : before;
      return environment.getOrDefault(variable.group(2).strip(), missing);
    }
    for (Pattern pattern : new Pattern[] {QUOTED, PLAIN}) {
      Matcher value = pattern.matcher(text);
      if (ends(value, 2)) {
        return value.group(1);
      }
    }
    return "";
  }

  private static boolean ends(Matcher value, int rest) {
    return value.matches() && REST.matcher(value.group(rest)).matches();
  }
}
