package dev.poststation.spool;

import dev.poststation.config.SpoolSettings;
import dev.poststation.config.TraceSettings;
import dev.poststation.spool.Engines.Care;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactionOptionsFIFO;
import org.rocksdb.CompactionStyle;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksObject;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBufferManager;

/// How RocksDB is set up for the spool: durability, memory, and that mail which leaves within
/// seconds is never written twice. Belongs to one opening of the engine.
///
/// Memory: write buffers are charged to the block cache, so that `memory` bounds them and all
/// blocks, indexes and filters that are read, together.
final class Tuning implements AutoCloseable {
  /// Values of this size and more go to blob files, which compactions do not copy.
  private static final long BLOB_MIN = 4096;

  private static final long BLOB_FILE = 64L << 20;

  /// Young tables of a family that are merged when there are so many.
  static final int TABLES_TO_MERGE = 4;

  private final long memory;
  private final TraceSettings trace;
  private final Care care;
  private final Deque<RocksObject> owned = new ArrayDeque<>();
  private final Cache cache;
  private final WriteBufferManager buffers;

  Tuning(SpoolSettings settings, TraceSettings trace, Care care) {
    this.memory = Math.max(settings.memory(), 8L << 20);
    this.trace = trace;
    this.care = care;
    RocksDB.loadLibrary();
    this.cache = own(new LRUCache(memory));
    this.buffers = own(new WriteBufferManager(memory * 3 / 4, cache));
  }

  /// How long traces are kept.
  Duration traceKeep() {
    return trace.keep();
  }

  DBOptions database() {
    var options = own(new DBOptions());
    options.setCreateIfMissing(true).setCreateMissingColumnFamilies(true);
    // A sync is fdatasync, and each batch has left our buffers before it: a 250 depends on both.
    options.setUseFsync(false).setManualWalFlush(false).setAllowMmapWrites(false);
    // What a crash leaves at the very end of the log was never acknowledged. Damage in the middle
    // is an error: the
    // default mode would silently drop all mail behind it. (Recycled logs would not allow this
    // mode.)
    options.setRecycleLogFileNum(0);
    options.setWalRecoveryMode(
        care == Care.STRICT || care == Care.STILL
            ? WALRecoveryMode.TolerateCorruptedTailRecords
            : WALRecoveryMode.SkipAnyCorruptedRecords);
    // After an error nothing is tried again behind our back: we close, reopen and verify.
    options.setParanoidChecks(care != Care.LENIENT).setMaxBgErrorResumeCount(0);
    // Recovered mail is written into tables and synced before the spool is open: then it is durable
    // again, whatever the
    // state of the log was.
    options.setAvoidFlushDuringRecovery(false);
    // One thread writes. What serves many writers only costs.
    options.setAllowConcurrentMemtableWrite(false).setEnableWriteThreadAdaptiveYield(false);
    options.setWriteBufferManager(buffers).setMaxTotalWalSize(Math.max(256L << 20, 2 * memory));
    options.setMaxBackgroundJobs(2).setSkipStatsUpdateOnDbOpen(true);
    options.setStatsDumpPeriodSec(0).setStatsPersistPeriodSec(0);
    options
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setKeepLogFileNum(5)
        .setMaxLogFileSize(4L << 20);
    options.setMaxManifestFileSize(16L << 20);
    return options;
  }

  ColumnFamilyOptions of(Engine.Family family) {
    return switch (family) {
      case RECORDS -> records();
      case BODY -> bodies();
      case TRACE -> traces();
    };
  }

  /// For the family that RocksDB insists on: nothing is in it.
  ColumnFamilyOptions unused() {
    return own(new ColumnFamilyOptions());
  }

  /// Mails, indexes, counters: small records that come and go.
  private ColumnFamilyOptions records() {
    return common(4096)
        .setWriteBufferSize(memory / 8)
        .setCompressionType(CompressionType.LZ4_COMPRESSION);
  }

  /// Contents.
  private ColumnFamilyOptions bodies() {
    // The tables hold only where a content is in the blob files. A damaged block must not cost
    // hundreds of them.
    return common(1024)
        .setWriteBufferSize(memory / 4)
        .setCompressionType(CompressionType.NO_COMPRESSION)
        .setEnableBlobFiles(true)
        .setMinBlobSize(BLOB_MIN)
        .setBlobFileSize(BLOB_FILE)
        // Off by default, and then blob files would never shrink.
        .setEnableBlobGarbageCollection(true)
        .setBlobGarbageCollectionAgeCutoff(0.5)
        .setBlobGarbageCollectionForceThreshold(0.5);
  }

  /// Traces: never deleted one by one; whole tables go when they are too old or too many.
  private ColumnFamilyOptions traces() {
    var fifo = own(new CompactionOptionsFIFO());
    fifo.setMaxTableFilesSize(Math.max(trace.sizeMax(), 1L << 20)).setAllowCompaction(false);
    return common(4096)
        .setWriteBufferSize(memory / 16)
        .setCompressionType(CompressionType.ZSTD_COMPRESSION)
        .setCompactionStyle(CompactionStyle.FIFO)
        .setCompactionOptionsFIFO(fifo)
        .setTtl(Math.max(trace.keep().toSeconds(), 1));
  }

  private ColumnFamilyOptions common(long blockSize) {
    var table = new BlockBasedTableConfig();
    table.setBlockSize(blockSize).setBlockCache(cache).setCacheIndexAndFilterBlocks(true);
    table.setFilterPolicy(own(new BloomFilter(10))).setFormatVersion(5);
    return own(new ColumnFamilyOptions())
        .setTableFormatConfig(table)
        .setMaxWriteBufferNumber(3)
        .setDisableAutoCompactions(care == Care.STILL || care == Care.LENIENT)
        .setLevel0FileNumCompactionTrigger(TABLES_TO_MERGE);
  }

  private <T extends RocksObject> T own(T object) {
    owned.push(object);
    return object;
  }

  @Override
  public void close() {
    while (!owned.isEmpty()) {
      owned.pop().close();
    }
  }
}
