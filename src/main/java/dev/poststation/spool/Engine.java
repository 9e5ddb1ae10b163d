package dev.poststation.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.FlushOptions;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.LogFile;
import org.rocksdb.MutableColumnFamilyOptions;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.SstFileMetaData;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// One opening of the spool's RocksDB. Written by the committer's thread only; read by threads that
/// may block in native code, hence never by virtual ones.
final class Engine implements AutoCloseable {
  /// A column family.
  enum Family {
    /// Mails, indexes, counters.
    RECORDS,
    /// Contents.
    BODY,
    /// Traces.
    TRACE
  }

  /// Looks at an entry.
  interface Visitor {
    /// Shows an entry.
    ///
    /// @return whether to go on
    boolean visit(byte[] key, byte[] value) throws RocksDBException, SpoolException;
  }

  private final Tuning tuning;
  private final RocksDB database;
  private final Map<Family, ColumnFamilyHandle> handles;
  private final WriteOptions synced = new WriteOptions().setSync(true);
  private final WriteOptions unsynced = new WriteOptions().setSync(false);

  /// Taken for reading while a reader is in native code, for writing by `close`: freeing the
  /// database under a reader would crash the process. Both are platform threads.
  private final ReentrantReadWriteLock inUse = new ReentrantReadWriteLock();

  private boolean closed;

  Engine(Tuning tuning, RocksDB database, Map<Family, ColumnFamilyHandle> handles) {
    this.tuning = tuning;
    this.database = database;
    this.handles = new EnumMap<>(handles);
  }

  /// Loads RocksDB's own code. It is unpacked into a directory of ours, where a new process
  /// overwrites it: from the directory for temporary files, the default, nothing would remove what
  /// a killed process left.
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

  ColumnFamilyHandle handle(Family family) {
    ColumnFamilyHandle handle = handles.get(family);
    if (handle == null) {
      throw new IllegalStateException("no family " + family);
    }
    return handle;
  }

  /// Makes a new, empty column family to take the place of another one.
  ColumnFamilyHandle successor(Family family) throws RocksDBException {
    int generation = Families.generation(handle(family).getName()) + 1;
    return database.createColumnFamily(Families.descriptor(tuning, family, generation));
  }

  /// Drops a family with all its files in favour of its successor; this step decides that the
  /// successor is the one.
  void replace(Family family, ColumnFamilyHandle successor) throws RocksDBException {
    ColumnFamilyHandle damaged = handle(family);
    database.dropColumnFamily(damaged);
    damaged.close();
    handles.put(family, successor);
  }

  /// The tables of a family, the oldest first: what is on a higher level was merged before.
  List<Path> tables(Family family) throws RocksDBException {
    byte[] name = handle(family).getName();
    return database.getLiveFilesMetaData().stream()
        .filter(table -> Arrays.equals(table.columnFamilyName(), name))
        .sorted(
            Comparator.comparingInt(LiveFileMetaData::level)
                .reversed()
                .thenComparingLong(SstFileMetaData::largestSeqno))
        .map(table -> Path.of(table.path(), table.fileName()))
        .toList();
  }

  /// Writes a batch: all of it or nothing. With `sync` it returns when the batch, and all before
  /// it, is on stable storage.
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
      leave();
    }
  }

  /// Visits the entries from a key (inclusive) to another (exclusive), in order. The bounds keep it
  /// from crawling over what was deleted behind them.
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
      leave();
    }
  }

  /// Visits all entries that begin with a prefix.
  void visit(Family family, byte[] prefix, Visitor visitor)
      throws RocksDBException, SpoolException {
    visit(family, prefix, Keys.behind(prefix), visitor);
  }

  /// Whether entries from a key on, and before another one, can be read: at least the first one.
  boolean readableFrom(Family family, byte[] key, byte[] to)
      throws RocksDBException, SpoolException {
    enter();
    try (var end = new Slice(to);
        var options = new ReadOptions().setIterateUpperBound(end);
        RocksIterator at = database.newIterator(handle(family), options)) {
      at.seek(key);
      at.status();
      return true;
    } catch (RocksDBException e) {
      if (!damaged(e)) {
        throw e;
      }
      return false;
    } finally {
      leave();
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
      leave();
    }
  }

  /// The counters as they were with the last batch.
  Tally tally() throws RocksDBException, SpoolException, DamagedRecordException {
    byte[] record = get(Family.RECORDS, Keys.TALLY);
    return record == null ? Tally.NEW : Tally.decode(record);
  }

  /// What the files occupy, garbage included.
  long bytesOnDisk() throws RocksDBException, SpoolException {
    enter();
    try {
      long bytes = 0;
      for (Family family : Family.values()) {
        bytes += bytesOnDisk(family);
      }
      for (LogFile log : database.getSortedWalFiles()) {
        bytes += log.sizeFileBytes();
      }
      return bytes;
    } finally {
      leave();
    }
  }

  /// What the tables and blob files of a family occupy.
  long bytesOnDisk(Family family) throws RocksDBException {
    return database.getLongProperty(handle(family), "rocksdb.total-sst-files-size")
        + database.getLongProperty(handle(family), "rocksdb.total-blob-file-size");
  }

  /// Has garbage collected now, and waits for nothing: deletions in memory go to tables, the log
  /// behind them is deleted, and tables are merged however few they are.
  ///
  /// @param eager whether it goes on like this; else tables are merged when enough have gathered
  void collectGarbage(boolean eager) throws RocksDBException {
    int tables = eager ? 1 : Tuning.TABLES_TO_MERGE;
    try (var options = new FlushOptions().setWaitForFlush(false).setAllowWriteStall(true)) {
      database.setOptions(
          handle(Family.BODY),
          MutableColumnFamilyOptions.builder().setLevel0FileNumCompactionTrigger(tables).build());
      if (eager) {
        database.flush(options, List.copyOf(handles.values()));
      }
    }
  }

  /// Whether files are not what was written into them, are gone, or cannot be read, as from a bad
  /// sector. Not whether they cannot be opened, as when there are too many open files: that passes.
  static boolean damaged(RocksDBException e) {
    Status status = e.getStatus();
    if (status == null) {
      return false;
    }
    String said = String.valueOf(e.getMessage());
    return status.getCode() == Status.Code.Corruption
        || status.getCode() == Status.Code.IOError
            && (said.contains("No such file") || said.contains("While pread"));
  }

  /// Whether the damage is in a blob, and so in one chunk of one content; else it is in a table.
  /// RocksDB says it only in words: about a table it mostly names the file, about a blob it says
  /// so.
  static boolean damagedBlob(RocksDBException e) {
    String said = String.valueOf(e.getMessage());
    return damaged(e) && said.toLowerCase(Locale.ROOT).contains("blob") && !said.contains(".sst");
  }

  /// What the engine threw, in our words.
  static SpoolException failure(String what, Exception cause) {
    String said = String.valueOf(cause.getMessage());
    boolean full =
        cause instanceof RocksDBException e
                && e.getStatus() != null
                && e.getStatus().getSubCode() == Status.SubCode.NoSpace
            || said.contains("No space left on device");
    return new SpoolException(what + ": " + said, full, cause);
  }

  private void enter() throws SpoolException {
    inUse.readLock().lock();
    if (closed) {
      inUse.readLock().unlock();
      throw new SpoolException("The spool is being opened anew", false);
    }
  }

  private void leave() {
    inUse.readLock().unlock();
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
      handles.values().forEach(ColumnFamilyHandle::close);
      database.close();
      synced.close();
      unsynced.close();
      tuning.close();
    } finally {
      inUse.writeLock().unlock();
    }
  }
}
