package dev.poststation.archive;

import dev.poststation.message.Octets;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;

/// What a store compares with what came to it. Immutable.
///
/// @param sha256 in hexadecimal digits
/// @param sha256Text in BASE64, as `x-amz-checksum-sha256` has it
/// @param md5Text in BASE64, as `Content-MD5` has it: all stores know that
record Sums(String sha256, String sha256Text, String md5Text) {
  /// Reads all of it.
  static Sums of(Octets content) throws IOException {
    var sha256 = Hashes.digest();
    var md5 = md5();
    byte[] window = new byte[Hashes.WINDOW];
    long at = 0;
    for (int count = content.read(at, window, 0, window.length);
        count > 0;
        count = content.read(at, window, 0, window.length)) {
      sha256.update(window, 0, count);
      md5.update(window, 0, count);
      at += count;
    }
    byte[] hash = sha256.digest();
    var base64 = Base64.getEncoder();
    return new Sums(
        HexFormat.of().formatHex(hash),
        base64.encodeToString(hash),
        base64.encodeToString(md5.digest()));
  }

  private static MessageDigest md5() {
    try {
      return MessageDigest.getInstance("MD5"); // Against accidents only.
    } catch (NoSuchAlgorithmException e) { // Every Java has it.
      throw new IllegalStateException(e);
    }
  }
}
