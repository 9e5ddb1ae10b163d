package dev.poststation.spool;

import dev.poststation.config.SpoolSettings;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whether there is room for new mail: on the disk, and in the size that the spool may have. It
/// stops new mail long before the disk is full, because deletions need space too. Looked at by any
/// thread, measured by the committer's.
final class Room {
  private static final Logger LOG = LoggerFactory.getLogger(Room.class);

  private static final long MEASURE_AFTER_NANOS = 1_000_000_000;
  private static final long MEASURE_AFTER_BYTES = 32L << 20;
  private static final long COLLECT_AFTER_NANOS = 60_000_000_000L;

  private final Os os;
  private final Path data;
  private final SpoolSettings settings;

  private long measuredAt;
  private long collectedAt;
  private long writtenSince = Long.MAX_VALUE;
  private volatile @Nullable String full;
  private volatile boolean scarce;
  private volatile long bytesOnDisk;

  Room(Os os, Path data, SpoolSettings settings) {
    this.os = os;
    this.data = data;
    this.settings = settings;
  }

  /// Octets that stay free on the disk.
  long reserve() {
    return settings.reserve();
  }

  /// Why there is no room, as far as was known within the last second; null when there is.
  @Nullable String full() {
    return full;
  }

  /// Whether half of it is gone, as far as was known within the last second: what mail can do
  /// without is not to fill the rest.
  boolean isScarce() {
    return scarce;
  }

  /// What the engine occupied when last measured.
  long bytesOnDisk() {
    return bytesOnDisk;
  }

  /// Measures, unless it was done just now.
  ///
  /// @param bytes that are about to be written
  void measure(Engine engine, long bytes) throws RocksDBException, SpoolException {
    long now = os.time().nanos();
    if (writtenSince < MEASURE_AFTER_BYTES && now - measuredAt < MEASURE_AFTER_NANOS) {
      writtenSince += bytes;
      return;
    }
    measuredAt = now;
    writtenSince = bytes;
    bytesOnDisk = engine.bytesOnDisk();
    String before = full;
    full = verdict(bytesOnDisk);
    scarce = full != null || verdict(bytesOnDisk, 2) != null;
    if (full != null && before == null) {
      LOG.error("{}: new mail is refused with 452 until there is room", full);
      collectedAt = now;
    } else if (full == null && before != null) {
      LOG.info("There is room again: new mail is accepted");
    } else if (full != null && now - collectedAt >= COLLECT_AFTER_NANOS) {
      // What leaves deletes too little to start it, and no new mail comes that would.
      collectedAt = now;
      engine.collectGarbage();
    }
  }

  /// Why there is no room just now; null when there is. By any thread.
  ///
  /// @param occupied octets that the engine occupies
  @Nullable String verdict(long occupied) {
    return verdict(occupied, 1);
  }

  /// @param part of the size, and how many reserves; a greater one is reached sooner
  private @Nullable String verdict(long occupied, int part) {
    if (occupied > settings.sizeMax() / part) {
      return "The spool occupies "
          + megabytes(occupied)
          + ", more than spool.size-max = "
          + megabytes(settings.sizeMax());
    }
    try {
      long usable = os.disk().usableBytes(data);
      return usable / part >= settings.reserve()
          ? null
          : "Only "
              + megabytes(usable)
              + " are left on the disk of "
              + data
              + ", less than spool.reserve = "
              + megabytes(settings.reserve());
    } catch (IOException e) {
      LOG.warn("Cannot find out how much space is left for {}: {}", data, e.toString());
      return full;
    }
  }

  private static String megabytes(long bytes) {
    return (bytes / 1_000_000) + " MB";
  }
}
