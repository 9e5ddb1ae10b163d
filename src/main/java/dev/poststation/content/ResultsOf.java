package dev.poststation.content;

/// Who says something in Authentication-Results. Pure functions.
final class ResultsOf {
  private ResultsOf() {}

  /// The authserv-id of a field's value (RFC 8601 2.2), without the comments before it and the
  /// quotes that it may have; a dot behind a host name changes nothing.
  static String name(String value) {
    int at = 0;
    int depth = 0;
    while (at < value.length()) {
      char c = value.charAt(at);
      if (c == '\\' && depth > 0) {
        at++;
      } else if (c == '(') {
        depth++;
      } else if (c == ')' && depth > 0) {
        depth--;
      } else if (depth == 0 && c > ' ') {
        break;
      }
      at++;
    }
    var name = new StringBuilder();
    boolean quoted = false;
    while (at < value.length() && (quoted || " \t\r\n;(/".indexOf(value.charAt(at)) < 0)) {
      char c = value.charAt(at);
      if (c == '"') {
        quoted = !quoted;
      } else {
        if (c == '\\' && quoted && at + 1 < value.length()) {
          at++;
        }
        if (!quoted || value.charAt(at) > ' ') {
          name.append(value.charAt(at));
        }
      }
      at++;
    }
    int end = name.length() - 1;
    return end > 0 && name.charAt(end) == '.' ? name.substring(0, end) : name.toString();
  }
}
