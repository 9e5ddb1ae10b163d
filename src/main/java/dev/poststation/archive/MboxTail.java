package dev.poststation.archive;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.poststation.os.GrowingFile;
import java.io.IOException;

/// The end of an mbox: whether its last entry is whole. Pure functions.
final class MboxTail {
  private static final byte[] SEPARATOR = ("\n" + MboxEntry.FROM).getBytes(ISO_8859_1);

  /// Room for the first two lines of an entry.
  private static final int HEAD = 1024;

  private MboxTail() {}

  /// Where the last entry ends that is whole, or was made by somebody else; what is behind that is
  /// the beginning of one of ours.
  static long sound(GrowingFile file) throws IOException {
    long size = file.size();
    long begin = lastEntry(file, size);
    if (begin < 0) {
      return 0;
    }
    byte[] octets = new byte[HEAD];
    String head = new String(octets, 0, file.read(begin, octets), ISO_8859_1);
    int first = head.indexOf('\n') + 1;
    int second = head.indexOf('\n', first) + 1;
    if (first == 0 || second == 0) {
      return head.length() < HEAD ? begin : size; // The file ends in the midst of these lines.
    }
    if (!head.startsWith(MboxEntry.LENGTH, first)) {
      return size;
    }
    long end;
    try {
      String length = head.substring(first + MboxEntry.LENGTH.length(), second - 1);
      end = begin + second + Long.parseLong(length) + 1;
    } catch (NumberFormatException _) {
      return size;
    }
    boolean closed = isClosed(file, Math.min(end, size));
    if (size < end || (size == end && !closed)) {
      return begin;
    }
    return closed && beginsAnother(file, end, size) ? end : size;
  }

  /// Sees to it that an entry can follow.
  static void close(GrowingFile file) throws IOException {
    while (file.size() > 0 && !isClosed(file, file.size())) {
      file.append(new byte[] {'\n'}, 0, 1);
    }
  }

  private static boolean isClosed(GrowingFile file, long end) throws IOException {
    byte[] last = new byte[2];
    return end >= 2 && file.read(end - 2, last) == 2 && last[0] == '\n' && last[1] == '\n';
  }

  /// Whether nothing is there but the first octets of a line with `From `. Readers that change an
  /// entry make it longer, too, but not by that.
  private static boolean beginsAnother(GrowingFile file, long end, long size) throws IOException {
    byte[] rest = new byte[MboxEntry.FROM.length()];
    int count = file.read(end, rest);
    boolean zeros = count > 0 && rest[0] == 0;
    return zeros
        || (end + count == size
            && MboxEntry.FROM.startsWith(new String(rest, 0, count, ISO_8859_1)));
  }

  /// Where the last line begins that begins an entry; -1: there is none.
  private static long lastEntry(GrowingFile file, long size) throws IOException {
    byte[] window = new byte[Hashes.WINDOW];
    for (long to = size; to > 0; to -= window.length - SEPARATOR.length) {
      long from = Math.max(0, to - window.length);
      int count = file.read(from, window);
      for (int i = (int) Math.min(count, to - from) - SEPARATOR.length; i >= 0; i--) {
        if (isSeparator(window, i)) {
          return from + i + 1;
        }
      }
      if (from == 0) {
        boolean first =
            count >= SEPARATOR.length - 1
                && new String(window, 0, SEPARATOR.length - 1, ISO_8859_1).equals(MboxEntry.FROM);
        return first ? 0 : -1;
      }
    }
    return -1;
  }

  private static boolean isSeparator(byte[] window, int at) {
    for (int i = 0; i < SEPARATOR.length; i++) {
      if (window[at + i] != SEPARATOR[i]) {
        return false;
      }
    }
    return true;
  }
}
