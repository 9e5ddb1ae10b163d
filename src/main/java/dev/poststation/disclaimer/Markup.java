package dev.poststation.disclaimer;

import java.util.Optional;

/// Looks whether HTML is too much for a tree, before one is made. Confined to one thread.
final class Markup {
  /// Tags and the like: each takes some hundred octets in the tree. Long threads have a tenth.
  static final int TAGS_MAX = 100_000;

  /// Words of a tag outside of quotes, and texts in quotes: each attribute of a tag is compared
  /// with all others.
  static final int WORDS_MAX = 200;

  private final String view;
  private int at;

  private Markup(String view) {
    this.view = view;
  }

  /// Why it is, as a clause; empty: it is not.
  ///
  /// @param view the markup
  static Optional<String> tooMuch(String view) {
    return new Markup(view).read();
  }

  private Optional<String> read() {
    int tags = 0;
    for (at = view.indexOf('<'); at >= 0; at = view.indexOf('<', at)) {
      if (++tags > TAGS_MAX) {
        return Optional.of("its HTML has more than 100,000 tags");
      }
      at++;
      if (at < view.length() && (view.charAt(at) == '/' || Character.isLetter(view.charAt(at)))) {
        if (words() > WORDS_MAX) {
          return Optional.of("its HTML has a tag of more than 200 words");
        }
      }
    }
    return Optional.empty();
  }

  /// Goes on to the end of the tag.
  private int words() {
    int words = 0;
    char last = ' ';
    while (at < view.length() && view.charAt(at) != '>') {
      char c = view.charAt(at);
      if ((c == '"' || c == '\'') && last == '=') {
        words++;
        int end = view.indexOf(c, at + 1);
        at = end < 0 ? view.length() - 1 : end;
        last = c;
      } else if (separates(c)) {
        words += at > 0 && separates(view.charAt(at - 1)) ? 0 : 1;
        last = last == '=' ? last : c; // White space may stand behind it.
      } else {
        last = c;
      }
      at++;
    }
    return words;
  }

  private static boolean separates(char c) {
    return c <= ' ' || c == '/';
  }
}
