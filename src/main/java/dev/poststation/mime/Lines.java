package dev.poststation.mime;

import dev.poststation.message.Octets;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/// Goes through octets line by line, and remembers how each line begins. A line ends behind LF.
/// Confined to one thread.
final class Lines {
  private static final int WINDOW = 64 * 1024;

  private final Octets octets;
  private final byte[] window;
  private final ByteArrayOutputStream beginning = new ByteArrayOutputStream(128);
  private int at;
  private int filled;
  private long start;
  private long next;
  private int lineEnd;
  private int lastLineEnd;

  /// @param from where the first line begins
  Lines(Octets octets, long from) {
    this.octets = octets;
    this.window = new byte[Math.clamp(octets.size() - from, 1, WINDOW)];
    this.start = from;
    this.next = from;
  }

  /// Goes on to the next line.
  ///
  /// @param keep so many octets of it are remembered at most
  /// @return whether there is one
  boolean next(int keep) throws IOException {
    start = next;
    lastLineEnd = lineEnd;
    lineEnd = 0;
    beginning.reset();
    byte last = 0;
    while (at < filled || fill()) {
      int newline = at;
      while (newline < filled && window[newline] != '\n') {
        newline++;
      }
      boolean ended = newline < filled;
      int stop = ended ? newline + 1 : filled;
      beginning.write(window, at, Math.min(stop - at, keep - beginning.size()));
      next += stop - at;
      if (ended) {
        last = newline > at ? window[newline - 1] : last;
        lineEnd = last == '\r' ? 2 : 1;
        at = stop;
        return true;
      }
      last = window[stop - 1];
      at = stop;
    }
    return next > start;
  }

  private boolean fill() throws IOException {
    int count = octets.read(next, window, 0, window.length);
    at = 0;
    filled = Math.max(0, count);
    return count > 0;
  }

  /// Where the line begins.
  long start() {
    return start;
  }

  /// Where the next one begins.
  long end() {
    return next;
  }

  /// Octets of the line end in front of this line: CRLF, LF, or none.
  int lineEndBefore() {
    return lastLineEnd;
  }

  /// Octets of its line end.
  int lineEnd() {
    return lineEnd;
  }

  /// How it begins, its line end included.
  byte[] beginning() {
    return beginning.toByteArray();
  }
}
