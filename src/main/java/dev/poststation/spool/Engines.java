package dev.poststation.spool;

import java.nio.file.Path;
import org.rocksdb.RocksDBException;

/// What opens engines: the one door from the spool to the disk that its records are on. Used by one
/// thread at a time.
public interface Engines {
  /// How much damage may be passed over at opening.
  enum Care {
    /// None, but for a torn end of the log.
    STRICT,
    /// The same, and tables are not merged: a merge that meets damage keeps the engine from
    /// writing, also a copy around it.
    STILL,
    /// Records of the log that are damaged are skipped.
    SKIP_IN_LOG,
    /// The same, and tables that cannot be opened are found out about when they are read; nothing
    /// is merged.
    LENIENT
  }

  /// Opens what is in this directory; makes it if there is nothing. All that it finds is on stable
  /// storage then. None of it may be open.
  ///
  /// @throws SpoolException when it cannot be tried; the message says why and what to do
  Engine open(Path directory, Care care) throws RocksDBException, SpoolException;
}
