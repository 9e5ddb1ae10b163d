package dev.poststation.archive;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// SHA-256, in hexadecimal digits. Pure functions.
final class Hashes {
  /// Of what stands before the first entry.
  static final String NOTHING = "0".repeat(64);

  static final int WINDOW = 1 << 16;

  private Hashes() {}

  /// Whether the text is one.
  static boolean is(String text) {
    return text.matches("[0-9a-f]{64}");
  }

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) { // Every Java has it.
      throw new IllegalStateException(e);
    }
  }

  static String text(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  static String of(byte[] octets) {
    var digest = digest();
    digest.update(octets);
    return text(digest);
  }

  static String of(InputStream in) throws IOException {
    var digest = digest();
    byte[] window = new byte[WINDOW];
    for (int count = in.read(window); count >= 0; count = in.read(window)) {
      digest.update(window, 0, count);
    }
    return text(digest);
  }
}
