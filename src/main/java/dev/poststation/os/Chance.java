package dev.poststation.os;

import java.util.HexFormat;

/// The only source of random numbers. Safe for any thread.
public interface Chance {
  /// A number from 0 to `bound` - 1, each as likely as the other.
  int below(int bound);

  /// Fills `bytes` with numbers that nobody can guess, for tokens and keys.
  void fill(byte[] bytes);

  /// As many octets that nobody can guess, as hexadecimal digits.
  default String hex(int octets) {
    byte[] random = new byte[octets];
    fill(random);
    return HexFormat.of().formatHex(random);
  }
}
