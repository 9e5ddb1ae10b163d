package dev.poststation.spool;

import dev.poststation.config.SpoolSettings;
import dev.poststation.config.TraceSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.LogFile;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Status;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// One opening of the spool's RocksDB. Written by the committer's thread only; read by threads that may block in native
/// code, hence never by virtual ones.
final class Engine implements AutoCloseable {
  /// A column family.
  enum Family {
    /// Mails, indexes, counters.
    RECORDS(RocksDB.DEFAULT_COLUMN_FAMILY),
    /// Contents.
    BODY("body".getBytes(StandardCharsets.US_ASCII)),
    /// Traces.
    TRACE("trace".getBytes(StandardCharsets.US_ASCII));

    private final byte[] label;

    Family(byte[] label) {
      this.label = label;
    }
  }

  /// Looks at an entry.
  interface Visitor {
    /// @return whether to go on
    boolean visit(byte[] key, byte[] value);
  }

  private final RocksDB database;
  private final ColumnFamilyHandle[] handles;
  private final WriteOptions synced = new WriteOptions().setSync(true);
  private final WriteOptions unsynced = new WriteOptions().setSync(false);

  /// Taken for reading while a reader is in native code, for writing by `close`: freeing the database under a reader would
  /// crash the process. Both are platform threads.
  private final ReentrantReadWriteLock inUse = new ReentrantReadWriteLock();

  private boolean closed;

  private Engine(RocksDB database, ColumnFamilyHandle[] handles) {
    this.database = database;
    this.handles = handles;
  }

  /// Loads RocksDB's own code. It is unpacked into a directory of ours, where a new process overwrites it: from the
  /// directory for temporary files, the default, nothing would remove what a killed process left.
  static void loadLibrary(Path directory) throws SpoolException {
    try {
      NativeLibraryLoader.getInstance().loadLibrary(directory.toString());
    } catch (IOException | RuntimeException | UnsatisfiedLinkError e) {
      throw new SpoolException(
          "RocksDB's library cannot be loaded from "
              + directory
              + ": "
              + e.getMessage()
              + " (this directory must be writable and not mounted noexec)",
          false,
          e);
    }
  }

  /// Opens the database in this directory; makes it if there is none.
  static Engine open(
      Path directory, SpoolSettings settings, TraceSettings trace, WALRecoveryMode recovery)
      throws RocksDBException {
    try (var tuning = new Tuning(settings, trace, recovery)) {
      var families =
          List.of(
              new ColumnFamilyDescriptor(Family.RECORDS.label, tuning.records()),
              new ColumnFamilyDescriptor(Family.BODY.label, tuning.bodies()),
              new ColumnFamilyDescriptor(Family.TRACE.label, tuning.traces()));
      var handles = new ArrayList<ColumnFamilyHandle>();
      var database = RocksDB.open(tuning.database(), directory.toString(), families, handles);
      return new Engine(database, handles.toArray(ColumnFamilyHandle[]::new));
    }
  }

  ColumnFamilyHandle handle(Family family) {
    return handles[family.ordinal()];
  }

  /// Writes a batch: all of it or nothing. With `sync` it returns when the batch, and all before it, is on stable storage.
  void write(WriteBatch batch, boolean sync) throws RocksDBException {
    database.write(sync ? synced : unsynced, batch);
  }

  /// Syncs what was written without.
  void sync() throws RocksDBException {
    database.syncWal();
  }

  /// A value, or null.
  byte @Nullable [] get(Family family, byte[] key) throws RocksDBException, SpoolException {
    enter();
    try {
      return database.get(handle(family), key);
    } finally {
      inUse.readLock().unlock();
    }
  }

  /// Visits the entries from a key (inclusive) to another (exclusive), in order. The bounds keep it from crawling over what
  /// was deleted behind them.
  void visit(Family family, byte[] from, byte[] to, Visitor visitor)
      throws RocksDBException, SpoolException {
    enter();
    try (var end = new Slice(to);
        var options = new ReadOptions().setIterateUpperBound(end);
        RocksIterator at = database.newIterator(handle(family), options)) {
      at.seek(from);
      while (at.isValid() && visitor.visit(at.key(), at.value())) {
        at.next();
      }
      at.status();
    } finally {
      inUse.readLock().unlock();
    }
  }

  /// The last key of a family that is before this one; null when there is none.
  byte @Nullable [] lastBefore(Family family, byte[] key) throws RocksDBException, SpoolException {
    enter();
    try (var at = database.newIterator(handle(family))) {
      at.seekForPrev(key);
      at.status();
      return at.isValid() ? at.key() : null;
    } finally {
      inUse.readLock().unlock();
    }
  }

  /// What the files occupy, garbage included.
  long bytesOnDisk() throws RocksDBException, SpoolException {
    enter();
    try {
      long bytes = 0;
      for (ColumnFamilyHandle handle : handles) {
        bytes += database.getLongProperty(handle, "rocksdb.total-sst-files-size");
        bytes += database.getLongProperty(handle, "rocksdb.total-blob-file-size");
      }
      for (LogFile log : database.getSortedWalFiles()) {
        bytes += log.sizeFileBytes();
      }
      return bytes;
    } finally {
      inUse.readLock().unlock();
    }
  }

  /// The counters as they were with the last batch.
  Tally tally() throws RocksDBException, SpoolException, DamagedRecordException {
    byte[] record = get(Family.RECORDS, Keys.TALLY);
    return record == null ? Tally.NEW : Tally.decode(record);
  }

  /// What the engine threw, in our words.
  static SpoolException failure(String what, RocksDBException cause) {
    Status status = cause.getStatus();
    String said = String.valueOf(cause.getMessage());
    boolean full =
        status != null && status.getSubCode() == Status.SubCode.NoSpace
            || said.contains("No space left on device");
    return new SpoolException(what + ": " + said, full, cause);
  }

  private void enter() throws SpoolException {
    inUse.readLock().lock();
    if (closed) {
      inUse.readLock().unlock();
      throw new SpoolException("the spool's engine is closed", false);
    }
  }

  /// Waits for readers, then closes. Never throws: what counts was synced before.
  @Override
  public void close() {
    inUse.writeLock().lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      for (ColumnFamilyHandle handle : handles) {
        handle.close();
      }
      database.close();
      synced.close();
      unsynced.close();
    } finally {
      inUse.writeLock().unlock();
    }
  }
}
