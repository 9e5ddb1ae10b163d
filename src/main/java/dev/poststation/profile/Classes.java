package dev.poststation.profile;

import java.util.List;

/// Coarse classes of what is measured: within one, nobody looks closer. Immutable.
///
/// @param bounds where each class but the first begins
/// @param words what the classes are called
record Classes(List<Long> bounds, List<String> words) {
  /// Milliseconds.
  static final Classes TIMING =
      new Classes(
          List.of(3L, 15L, 80L, 400L, 2000L, 10_000L),
          List.of(
              "under 3 ms",
              "under 15 ms",
              "under 80 ms",
              "under 0.4 s",
              "under 2 s",
              "under 10 s",
              "longer"));

  /// Octets.
  static final Classes SIZE =
      new Classes(
          List.of(2_000L, 10_000L, 50_000L, 250_000L, 1_250_000L, 6_000_000L, 30_000_000L),
          List.of(
              "under 2 kB",
              "under 10 kB",
              "under 50 kB",
              "under 250 kB",
              "under 1.25 MB",
              "under 6 MB",
              "under 30 MB",
              "larger"));

  /// How many of something.
  static final Classes COUNT =
      new Classes(
          List.of(2L, 5L, 13L, 33L, 83L, 209L, 500L),
          List.of(
              "1",
              "up to 4",
              "up to 12",
              "up to 32",
              "up to 82",
              "up to 208",
              "under 500",
              "more"));

  Classes {
    bounds = List.copyOf(bounds);
    words = List.copyOf(words);
  }

  /// The class of a value.
  int of(long value) {
    int index = 0;
    while (index < bounds.size() && value >= bounds.get(index)) {
      index++;
    }
    return index;
  }

  String shown(int index) {
    return index >= 0 && index < words.size() ? words.get(index) : "?";
  }
}
