package dev.poststation.server;

import dev.poststation.smtp.ContentSink;
import java.io.IOException;

/// Makes CRLF of every CR and LF that stands alone, across the borders of chunks. For BDAT only: in
/// DATA the reader does it. Confined to the session's thread.
final class LineEnds implements ContentSink {
  private static final byte[] CRLF = {'\r', '\n'};

  private final ContentSink next;
  private boolean held;
  private boolean changed;

  LineEnds(ContentSink next) {
    this.next = next;
  }

  @Override
  public void accept(byte[] octets, int offset, int length) throws IOException {
    if (length == 0) {
      return;
    }
    int end = offset + length;
    int from = held ? release(octets[offset], offset) : offset;
    for (int at = from; at < end; at++) {
      boolean afterCr = at > from && octets[at - 1] == '\r';
      if (octets[at] == '\n' && !afterCr) {
        insert(octets, from, at);
        from = at + 1;
      } else if (octets[at] != '\n' && afterCr) {
        insert(octets, from, at - 1);
        from = at;
      }
    }
    held = end > from && octets[end - 1] == '\r'; // What it is shows with the next octet.
    pass(octets, from, held ? end - 1 : end);
  }

  /// Decides about a CR at the end of the chunk before.
  private int release(byte first, int offset) throws IOException {
    held = false;
    changed |= first != '\n';
    next.accept(CRLF, 0, 2);
    return first == '\n' ? offset + 1 : offset;
  }

  private void insert(byte[] octets, int from, int to) throws IOException {
    changed = true;
    pass(octets, from, to);
    next.accept(CRLF, 0, 2);
  }

  private void pass(byte[] octets, int from, int to) throws IOException {
    if (to > from) {
      next.accept(octets, from, to - from);
    }
  }

  /// No more comes: a CR that waited for its LF is alone.
  void finish() throws IOException {
    if (held) {
      held = false;
      changed = true;
      next.accept(CRLF, 0, 2);
    }
  }

  /// Whether anything was changed.
  boolean changed() {
    return changed;
  }
}
