package dev.poststation.delivery;

import java.io.IOException;

/// Our own spool cannot read a content that is being sent: no fault of the next hop.
final class UnreadableContentException extends IOException {
  UnreadableContentException(IOException cause) {
    super("our spool cannot read the content", cause);
  }
}
