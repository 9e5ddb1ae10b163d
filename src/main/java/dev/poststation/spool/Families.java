package dev.poststation.spool;

import dev.poststation.spool.Engine.Family;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/// Opens the database with its column families. Each has a name and a generation, such as `body.1`:
/// a damaged family is copied into one of the next generation and then dropped. Where there are
/// two, the copy was not finished, and goes. Pure functions.
final class Families {
  private static final int FIRST = 1;

  private Families() {}

  /// Opens the database in this directory; makes it if there is none. Takes over `tuning`.
  static RocksEngine open(Path directory, Tuning tuning) throws RocksDBException {
    RocksDB database = null;
    try {
      var descriptors = descriptors(directory, tuning);
      var handles = new ArrayList<ColumnFamilyHandle>();
      database = RocksDB.open(tuning.database(), directory.toString(), descriptors, handles);
      return new RocksEngine(tuning, database, choose(database, handles));
    } catch (RocksDBException | RuntimeException e) {
      if (database != null) {
        database.close(); // With its handles. Left open, its lock would fail every later opening.
      }
      tuning.close();
      throw e;
    }
  }

  private static List<ColumnFamilyDescriptor> descriptors(Path directory, Tuning tuning)
      throws RocksDBException {
    var descriptors = new ArrayList<ColumnFamilyDescriptor>();
    var missing = EnumSet.allOf(Family.class);
    try (var options = new Options()) {
      for (byte[] name : RocksDB.listColumnFamilies(options, directory.toString())) {
        for (Family family : Family.values()) {
          if (is(family, name)) {
            missing.remove(family);
            descriptors.add(descriptor(tuning, family, generation(name)));
          }
        }
      }
    }
    // All are missing at the first start, and some may be when it was killed: then no mail is
    // there.
    for (Family family : missing) {
      descriptors.add(descriptor(tuning, family, FIRST));
    }
    descriptors.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, tuning.unused()));
    return descriptors;
  }

  private static Map<Family, ColumnFamilyHandle> choose(
      RocksDB database, List<ColumnFamilyHandle> handles) throws RocksDBException {
    var chosen = new EnumMap<Family, ColumnFamilyHandle>(Family.class);
    for (ColumnFamilyHandle handle : handles) {
      boolean taken = false;
      for (Family family : Family.values()) {
        if (is(family, handle.getName())) {
          taken = true;
          ColumnFamilyHandle other = chosen.get(family);
          boolean older =
              other == null || generation(handle.getName()) < generation(other.getName());
          ColumnFamilyHandle unfinished = older ? other : handle;
          if (older) {
            chosen.put(family, handle);
          }
          if (unfinished != null) {
            database.dropColumnFamily(unfinished);
            unfinished.close();
          }
        }
      }
      if (!taken) {
        handle.close();
      }
    }
    return chosen;
  }

  static ColumnFamilyDescriptor descriptor(Tuning tuning, Family family, int generation) {
    byte[] name = (label(family) + "." + generation).getBytes(StandardCharsets.US_ASCII);
    return new ColumnFamilyDescriptor(name, tuning.of(family));
  }

  /// The generation in a name.
  static int generation(byte[] name) {
    String text = new String(name, StandardCharsets.US_ASCII);
    return Integer.parseInt(text.substring(text.indexOf('.') + 1));
  }

  private static boolean is(Family family, byte[] name) {
    return new String(name, StandardCharsets.US_ASCII).startsWith(label(family) + ".");
  }

  private static String label(Family family) {
    return switch (family) {
      case RECORDS -> "records";
      case BODY -> "body";
      case TRACE -> "trace";
    };
  }
}
