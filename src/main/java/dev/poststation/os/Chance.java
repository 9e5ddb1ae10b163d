package dev.poststation.os;

/// The only source of random numbers. Safe for any thread.
public interface Chance {
  /// A number from 0 to `bound` - 1, each as likely as the other.
  int below(int bound);

  /// Fills `bytes` with numbers that nobody can guess, for tokens and keys.
  void fill(byte[] bytes);
}
