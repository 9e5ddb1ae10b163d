package dev.poststation.smtp;

import java.io.IOException;

/// Takes the content of a mail as it comes in. Called by the session's thread.
@FunctionalInterface
public interface ContentSink {
  /// Takes the next octets; the array belongs to the caller and changes afterwards.
  ///
  /// @throws IOException leaves the client in the middle of its mail, so that the connection can
  ///   only be closed. Whoever wants to refuse the mail remembers why and ignores the rest instead.
  void accept(byte[] octets, int offset, int length) throws IOException;
}
