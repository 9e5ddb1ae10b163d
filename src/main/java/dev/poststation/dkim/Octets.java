package dev.poststation.dkim;

import java.io.IOException;
import java.io.InputStream;

/// The body of a mail, which can be read from its beginning: lines end with CRLF, nothing is
/// dot-stuffed. What it is for other threads is its maker's matter; we read it on the caller's.
@FunctionalInterface
public interface Octets {
  /// Opens it; the caller closes.
  ///
  /// @throws IOException when it cannot be read
  InputStream open() throws IOException;
}
