package dev.poststation.config;

/// A value that was read from text, or what is wrong with the text.
sealed interface Parsed<T> {
  /// A value.
  record Good<T>(T value) implements Parsed<T> {}

  /// No value.
  ///
  /// @param fault what is wrong, as a clause that follows the text: `is no whole number`
  /// @param remedy what to write instead
  record Bad<T>(String fault, String remedy) implements Parsed<T> {}

  static <T> Parsed<T> good(T value) {
    return new Good<>(value);
  }

  static <T> Parsed<T> bad(String fault, String remedy) {
    return new Bad<>(fault, remedy);
  }
}
