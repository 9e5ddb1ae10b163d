package dev.poststation.attachments;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Looks for words in a stream of any length. Pure functions.
final class Search {
  private static final int WINDOW = 64 * 1024;

  /// In the dictionary of the trailer of a PDF (ISO 32000 7.6.1), which is never packed itself.
  static final byte[] PDF_ENCRYPTED = "/Encrypt".getBytes(StandardCharsets.US_ASCII);

  /// Names of streams in the directory of an OLE file ([MS-CFB] 2.6): of an encrypted document of
  /// Office ([MS-OFFCRYPTO] 2.3.4.1), and of macros ([MS-OVBA] 2.2.1).
  static final byte[] OLE_ENCRYPTED = "EncryptedPackage".getBytes(StandardCharsets.UTF_16LE);

  static final byte[] OLE_MACROS = "_VBA_PROJECT".getBytes(StandardCharsets.UTF_16LE);

  private Search() {}

  /// Which of the words stand in it.
  static boolean[] words(InputStream in, byte[]... words) throws IOException {
    boolean[] found = new boolean[words.length];
    int overlap = Arrays.stream(words).mapToInt(word -> word.length).max().orElse(1) - 1;
    byte[] window = new byte[WINDOW + overlap];
    int kept = 0;
    while (true) {
      int count = in.readNBytes(window, kept, WINDOW);
      int filled = kept + count;
      for (int i = 0; i < words.length; i++) {
        found[i] |= has(window, filled, words[i]);
      }
      if (count < WINDOW) {
        return found;
      }
      kept = Math.min(overlap, filled);
      System.arraycopy(window, filled - kept, window, 0, kept);
    }
  }

  private static boolean has(byte[] window, int filled, byte[] word) {
    for (int at = 0; at + word.length <= filled; at++) {
      if (window[at] == word[0]
          && Arrays.equals(window, at, at + word.length, word, 0, word.length)) {
        return true;
      }
    }
    return false;
  }
}
