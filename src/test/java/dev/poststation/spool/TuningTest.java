package dev.poststation.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.SpoolSettings;
import dev.poststation.spool.Engine.Family;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

class TuningTest {
  private static final long MEMORY = 16L << 20;

  /// Buffers that are just being written out count beyond it: when there are three of a family,
  /// writing waits.
  private static final long BOUND = 2 * MEMORY;

  @TempDir private Path directory;
  private final Random random = new Random(1);

  private static long used(RocksDB database, List<ColumnFamilyHandle> handles)
      throws RocksDBException {
    long buffers = 0;
    for (var handle : handles) {
      buffers += database.getLongProperty(handle, "rocksdb.size-all-mem-tables");
    }
    // What the buffers take is charged to the cache; where it is not, it is seen all the same.
    return Math.max(buffers, database.getLongProperty(handles.get(1), "rocksdb.block-cache-usage"));
  }

  private byte[] octets(int size) {
    byte[] octets = new byte[size];
    random.nextBytes(octets);
    return octets;
  }

  @Test
  void howeverMuchIsWrittenAndReadTheEngineKeepsToItsMemory() throws Exception {
    var settings = new SpoolSettings(1 << 20, 1L << 40, MEMORY);
    try (var tuning = new Tuning(settings, LocalSpoolTest.TRACE, Engines.Care.STRICT)) {
      List<ColumnFamilyDescriptor> families = new ArrayList<>();
      families.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, tuning.unused()));
      for (Family family : Family.values()) {
        byte[] name = family.name().getBytes(StandardCharsets.US_ASCII);
        families.add(new ColumnFamilyDescriptor(name, tuning.of(family)));
      }
      List<ColumnFamilyHandle> handles = new ArrayList<>();
      long most = 0;
      try (var database = RocksDB.open(tuning.database(), directory.toString(), families, handles);
          var unsynced = new WriteOptions()) {
        for (int round = 0; round < 400; round++) {
          try (var batch = new WriteBatch()) {
            for (int i = 0; i < 200; i++) {
              byte[] key = ByteBuffer.allocate(8).putInt(i).putInt(round).array();
              batch.put(handles.get(1), key, octets(500));
              batch.put(handles.get(3), key, octets(500));
            }
            for (int i = 0; i < 5; i++) {
              batch.put(
                  handles.get(2),
                  ByteBuffer.allocate(8).putInt(i).putInt(round).array(),
                  octets(60_000));
            }
            database.write(unsynced, batch);
          }
          for (int i = 0; i < 20; i++) {
            byte[] key =
                ByteBuffer.allocate(8)
                    .putInt(random.nextInt(200))
                    .putInt(random.nextInt(round + 1))
                    .array();
            assertThat(database.get(handles.get(1), key)).hasSize(500);
          }
          most = Math.max(most, used(database, handles));
        }
        assertThat(most).as("of some 200 MB").isBetween(MEMORY / 4, BOUND);
      }
    }
  }
}
