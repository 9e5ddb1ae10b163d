package dev.poststation.spool;

import dev.poststation.os.Time;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Checkpoint;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.FlushOptions;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.LogFile;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.SstFileMetaData;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// An opening of the spool's RocksDB.
final class RocksEngine implements Engine {
  private final Tuning tuning;
  private final RocksDB database;
  private final Map<Family, ColumnFamilyHandle> handles;
  private final WriteOptions synced = new WriteOptions().setSync(true);
  private final WriteOptions unsynced = new WriteOptions().setSync(false);

  /// Taken for reading while a reader is in native code, for writing by `close`: freeing the
  /// database under a reader would crash the process. Both are platform threads.
  private final ReentrantReadWriteLock inUse = new ReentrantReadWriteLock();

  private boolean closed;

  // Of the thread that writes.
  private final TraceRounds traceRounds;

  RocksEngine(Tuning tuning, RocksDB database, Map<Family, ColumnFamilyHandle> handles) {
    this.tuning = tuning;
    this.database = database;
    this.handles = new EnumMap<>(handles);
    this.traceRounds = new TraceRounds(tuning.traceKeep());
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

  @Override
  public Changes changes() {
    return new RocksChanges();
  }

  /// A batch of RocksDB.
  private final class RocksChanges implements Changes {
    private final WriteBatch batch = new WriteBatch();

    @Override
    public void put(Family family, byte[] key, byte[] value) throws RocksDBException {
      batch.put(handle(family), key, value);
    }

    @Override
    public void delete(Family family, byte[] key) throws RocksDBException {
      batch.delete(handle(family), key);
    }

    @Override
    public void singleDelete(Family family, byte[] key) throws RocksDBException {
      batch.singleDelete(handle(family), key);
    }

    @Override
    public int count() {
      return batch.count();
    }

    @Override
    public void clear() {
      batch.clear();
    }

    @Override
    public void write(boolean sync) throws RocksDBException {
      RocksEngine.this.write(batch, sync);
    }

    @Override
    public void close() {
      batch.close();
    }
  }

  /// Writes a batch: all of it or nothing.
  void write(WriteBatch batch, boolean sync) throws RocksDBException {
    database.write(sync ? synced : unsynced, batch);
  }

  @Override
  public void sync() throws RocksDBException {
    database.syncWal();
  }

  @Override
  public byte @Nullable [] get(Family family, byte[] key) throws RocksDBException, SpoolException {
    enter();
    try {
      return database.get(handle(family), key);
    } finally {
      leave();
    }
  }

  /// The bounds keep it from crawling over what was deleted behind them.
  @Override
  public void visit(Family family, byte[] from, byte[] to, Visitor visitor)
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
      if (!Engine.damaged(e)) {
        throw e;
      }
      return false;
    } finally {
      leave();
    }
  }

  @Override
  public byte @Nullable [] lastUpTo(Family family, byte[] key)
      throws RocksDBException, SpoolException {
    enter();
    try (var at = database.newIterator(handle(family))) {
      at.seekForPrev(key);
      at.status();
      return at.isValid() ? at.key() : null;
    } finally {
      leave();
    }
  }

  @Override
  public long bytesOnDisk() throws RocksDBException, SpoolException {
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

  @Override
  public long bytesOnDisk(Family family) throws RocksDBException {
    return database.getLongProperty(handle(family), "rocksdb.total-sst-files-size")
        + database.getLongProperty(handle(family), "rocksdb.total-blob-file-size");
  }

  /// Tables are merged however few they are, deletions in memory go to tables, and the log behind
  /// them is deleted. No option is changed for it: that writes to the manifest, and where the sync
  /// of this write fails, RocksDB deletes tables that the manifest names already.
  @Override
  public void collectGarbage() throws RocksDBException {
    try (var options = new FlushOptions().setWaitForFlush(false).setAllowWriteStall(true)) {
      database.suggestCompactRange(handle(Family.BODY));
      database.flush(options, List.copyOf(handles.values()));
    }
  }

  /// RocksDB looks for tables that are too old when another one is made, and what is in memory has
  /// no age: where mail is rare that would take months, and without any it would never come.
  @Override
  public void letTracesGo(long nanos) throws RocksDBException {
    var round = traceRounds.next(nanos);
    if (round == TraceRounds.Round.NONE) {
      return;
    }
    var traces = handle(Family.TRACE);
    if (round == TraceRounds.Round.WRITE_AND_LOOK) {
      try (var options = new FlushOptions().setWaitForFlush(false).setAllowWriteStall(true)) {
        database.flush(options, traces);
      }
    }
    database.suggestCompactRange(traces);
  }

  @Override
  public void checkpoint(Path directory) throws RocksDBException, SpoolException {
    enter();
    try (var checkpoint = Checkpoint.create(database)) {
      checkpoint.createCheckpoint(directory.toString());
    } finally {
      leave();
    }
  }

  @Override
  public void renew(Set<Family> damaged, Time time) throws RocksDBException, SpoolException {
    Rescue.renew(this, damaged, time);
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
