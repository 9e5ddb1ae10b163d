package dev.poststation.smtp;

import java.io.IOException;

/// Looks at content on its way to another sink, piece after piece (BDAT, or mail of our own), for
/// its traits. Confined to one thread.
public final class ContentScanner implements ContentSink {
  private final ContentSink next;
  private final ControlFinder finder = new ControlFinder();
  private long size;
  private boolean dotLines;
  private boolean longLines;
  private boolean bareNewlines;

  /// CRLF, or nothing yet, came last.
  private boolean lineStart = true;

  /// CR came last.
  private boolean afterCr;

  /// Octets of the line under way, without a CR that came last.
  private int column;

  /// A scanner that hands on everything to `next`.
  public ContentScanner(ContentSink next) {
    this.next = next;
  }

  /// What is seen in content that is in memory.
  public static ContentTraits seen(byte[] content) {
    var scanner = new ContentScanner((_, _, _) -> {});
    scanner.scan(content, 0, content.length);
    scanner.size = content.length;
    return scanner.traits();
  }

  @Override
  public void accept(byte[] octets, int offset, int length) throws IOException {
    scan(octets, offset, offset + length);
    size += length;
    next.accept(octets, offset, length);
  }

  private void scan(byte[] octets, int from, int to) {
    int at = from;
    int lineBegin = from - column;
    while (at < to) {
      if (afterCr) {
        afterCr = false;
        if (octets[at] == '\n') {
          longLines |= at - 1 - lineBegin > ContentTraits.LINE_MAX;
          at++;
          lineBegin = at;
          lineStart = true;
          continue;
        }
        bareNewlines = true;
      }
      if (lineStart) {
        lineStart = false;
        dotLines |= octets[at] == '.' || octets[at] == 0;
      }
      at = finder.next(octets, at, to);
      if (at < to) {
        afterCr = octets[at] == '\r';
        bareNewlines |= octets[at] == '\n';
        at++;
      }
    }
    column = Math.min(at - lineBegin, ContentTraits.LINE_MAX + 2);
  }

  /// What was seen so far; of all the content once the last piece has come.
  public ContentTraits traits() {
    return new ContentTraits(
        size,
        finder.eightBit(),
        dotLines,
        longLines || column > ContentTraits.LINE_MAX,
        bareNewlines || afterCr,
        lineStart);
  }
}
