package dev.poststation.queue;

/// How many connections a destination may have at the same time: grows by one for each round of
/// successes, halves at each failure to connect. Guarded by the lock of its destination.
final class Window {
  private static final int START = 5;

  private int most;
  private double size;

  /// @param most never more than this
  Window(int most) {
    this.most = most;
    this.size = Math.min(START, most);
  }

  int size() {
    return (int) size;
  }

  /// The configuration changed.
  void most(int changed) {
    if (most != changed) {
      most = changed;
      size = Math.min(size, most);
    }
  }

  /// A mail went through while others waited.
  void grow() {
    size = Math.min(most, size + 1 / size);
  }

  /// The destination refused another connection.
  void shrink() {
    size = Math.max(1, size / 2);
  }
}
