package dev.poststation.message;

import java.io.IOException;

/// The content of a mail as received, in chunks of bounded size; held in memory or read back from
/// the spool. Octets are canonical: no dot-stuffing, lines end with CRLF (except where BINARYMIME
/// said otherwise). Safe for any thread.
public interface Content {
  /// Octets of every chunk but the last.
  int CHUNK_OCTETS = 64 * 1024;

  /// How many chunks there are; 0 for an empty mail.
  int chunks();

  /// A chunk. Not to be changed by the caller.
  ///
  /// @throws IOException when the spool cannot read it
  byte[] chunk(int number) throws IOException;
}
