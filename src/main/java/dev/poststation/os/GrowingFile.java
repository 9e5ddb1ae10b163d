package dev.poststation.os;

import java.io.Closeable;
import java.io.IOException;

/// A file that grows at its end while other programs read it, who may not do so until it is closed.
/// Confined to one thread.
public interface GrowingFile extends Closeable {
  /// Octets that are in it.
  long size() throws IOException;

  /// Reads as much as there is room for, less only where the file ends.
  ///
  /// @return how many octets these are; 0 at the end
  int read(long at, byte[] into) throws IOException;

  /// Adds octets at its end.
  void append(byte[] octets, int from, int count) throws IOException;

  /// All that was added is on stable storage when this returns, and so is a cut.
  void sync() throws IOException;

  /// Takes away what is behind that.
  void cut(long size) throws IOException;
}
