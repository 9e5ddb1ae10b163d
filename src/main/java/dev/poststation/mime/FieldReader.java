package dev.poststation.mime;

import java.util.Locale;

/// Reads a field with parameters from left to right, as lenient as mail programs are: nothing is
/// decoded but quotes and backslashes, and what is no parameter is passed over. Confined to one
/// thread.
final class FieldReader {
  private final String text;
  private int at;

  FieldReader(String text) {
    this.text = text;
  }

  /// What stands in front of the parameters, without comments.
  String value() {
    return all().toLowerCase(Locale.ROOT);
  }

  /// Goes on to the next parameter.
  ///
  /// @return its name in lower case, without the `=` behind it; empty: there is none any more
  String name() {
    while (at < text.length()) {
      at++; // The semicolon.
      int start = at;
      while (at < text.length() && text.charAt(at) != '=' && text.charAt(at) != ';') {
        at++;
      }
      String name = text.substring(start, at).strip().toLowerCase(Locale.ROOT);
      if (at < text.length() && text.charAt(at) == '=' && !name.isEmpty()) {
        at++;
        return name;
      }
      skip();
    }
    return "";
  }

  /// The first word behind the `=`, and nothing of what follows it.
  String word() {
    String word = next();
    skip();
    return word;
  }

  /// All words up to the next parameter: names of files are written without quotes in spite of
  /// their spaces.
  String all() {
    var words = new StringBuilder();
    while (at < text.length() && text.charAt(at) != ';') {
      String word = next();
      words.append(words.isEmpty() || word.isEmpty() ? "" : " ").append(word);
    }
    return words.toString();
  }

  private void skip() {
    while (at < text.length() && text.charAt(at) != ';') {
      next();
    }
  }

  /// The next word, quoted or not; empty: there is none.
  private String next() {
    while (at < text.length() && (isSpace(text.charAt(at)) || text.charAt(at) == '(')) {
      if (text.charAt(at) == '(') {
        comment();
      } else {
        at++;
      }
    }
    if (at < text.length() && text.charAt(at) == '"') {
      return quoted();
    }
    int start = at;
    while (at < text.length() && !ends(text.charAt(at))) {
      at++;
    }
    return text.substring(start, at);
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
  }

  private static boolean ends(char c) {
    return isSpace(c) || c == ';' || c == '(';
  }

  /// RFC 5322 3.2.2.
  private void comment() {
    int depth = 0;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '\\') {
        at++;
      } else if (c == '(') {
        depth++;
      } else if (c == ')' && --depth == 0) {
        break;
      }
    }
    at = Math.min(at, text.length());
  }

  /// A backslash is one where nothing follows that needs it: old programs write paths so.
  private String quoted() {
    var words = new StringBuilder();
    at++;
    while (at < text.length() && text.charAt(at) != '"') {
      char c = text.charAt(at++);
      boolean escapes = c == '\\' && at < text.length() && "\"\\".indexOf(text.charAt(at)) >= 0;
      if (escapes) {
        words.append(text.charAt(at++));
      } else if (c != '\r' && c != '\n') {
        words.append(c);
      }
    }
    at = Math.min(at + 1, text.length());
    return words.toString();
  }
}
