package dev.poststation.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What holds when a key is not written. Immutable.
///
/// @param value the default; null: there is none
/// @param shown the default as it would be written, each item of a list; empty: there is none
/// @param words what the manual says of a default that is no fixed value; empty where `shown` says
///   it
/// @param example what the manual and the sample file show then
record Standard<T>(@Nullable T value, List<String> shown, String words, List<String> example) {
  Standard {
    shown = List.copyOf(shown);
    example = List.copyOf(example);
  }

  /// A fixed default.
  static <T> Standard<T> of(Kind<T> kind, String text) {
    return new Standard<>(kind.standard(text), List.of(text), "", List.of(text));
  }

  /// A default that depends on something.
  static <T> Standard<T> computed(T value, String shown, String words, String example) {
    return new Standard<>(value, List.of(shown), words, List.of(example));
  }

  /// A fixed list.
  static <T> Standard<List<T>> list(Kind<T> kind, String... texts) {
    List<String> shown = List.of(texts);
    return new Standard<>(shown.stream().map(kind::standard).toList(), shown, "", shown);
  }

  /// An empty list.
  static <T> Standard<List<T>> emptyList(String words, String... example) {
    return new Standard<>(List.of(), List.of(), words, List.of(example));
  }

  /// None: `words` says what happens then.
  static <T> Standard<T> none(String words, String example) {
    return new Standard<>(null, List.of(), words, List.of(example));
  }
}
