package dev.poststation.profile;

/// Coarse classes of what is measured: within one, nobody looks closer. Safe for any thread.
@SuppressWarnings("ImmutableEnumChecker") // Nobody changes the arrays.
enum Classes {
  /// Milliseconds.
  TIMING(
      new long[] {3, 15, 80, 400, 2000, 10_000},
      "under 3 ms",
      "under 15 ms",
      "under 80 ms",
      "under 0.4 s",
      "under 2 s",
      "under 10 s",
      "longer"),
  /// Octets.
  SIZE(
      new long[] {2_000, 10_000, 50_000, 250_000, 1_250_000, 6_000_000, 30_000_000},
      "under 2 kB",
      "under 10 kB",
      "under 50 kB",
      "under 250 kB",
      "under 1.25 MB",
      "under 6 MB",
      "under 30 MB",
      "larger"),
  /// How many of something.
  COUNT(
      new long[] {2, 5, 13, 33, 83, 209, 500},
      "1",
      "up to 4",
      "up to 12",
      "up to 32",
      "up to 82",
      "up to 208",
      "under 500",
      "more");

  private final long[] bounds;
  private final String[] words;

  Classes(long[] bounds, String... words) {
    this.bounds = bounds;
    this.words = words;
  }

  /// The class of a value.
  int of(long value) {
    int index = 0;
    while (index < bounds.length && value >= bounds[index]) {
      index++;
    }
    return index;
  }

  String shown(int index) {
    return index >= 0 && index < words.length ? words[index] : "?";
  }
}
