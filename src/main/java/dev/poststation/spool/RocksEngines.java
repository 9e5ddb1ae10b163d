package dev.poststation.spool;

import dev.poststation.config.SpoolSettings;
import dev.poststation.config.TraceSettings;
import dev.poststation.os.Disk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens RocksDB. Used by one thread at a time.
record RocksEngines(Disk disk, SpoolSettings settings, TraceSettings trace) implements Engines {
  private static final Logger LOG = LoggerFactory.getLogger(RocksEngines.class);
  private static final String MANIFEST = "MANIFEST-";

  @Override
  public RocksEngine open(Path directory, Care care) throws RocksDBException, SpoolException {
    loadLibrary(directory.resolveSibling(DataDirectory.NATIVE));
    makeDirectory(directory);
    try {
      pointToManifest(directory);
    } catch (IOException e) {
      throw new SpoolException("The directory " + directory + " cannot be read: " + e, false, e);
    }
    return Families.open(directory, new Tuning(settings, trace, care));
  }

  private void makeDirectory(Path directory) throws SpoolException {
    try {
      disk.makeDirectory(directory);
    } catch (IOException e) {
      throw new SpoolException("The directory " + directory + " cannot be made: " + e, false, e);
    }
  }

  /// Loads RocksDB's own code, once. It is unpacked into a directory of ours, where a new process
  /// overwrites it: from the directory for temporary files, the default, nothing would remove what
  /// a killed process left.
  void loadLibrary(Path directory) throws SpoolException {
    makeDirectory(directory);
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

  /// Where `CURRENT` is gone, which names the manifest that counts, RocksDB would begin an empty
  /// spool, and delete the files of the other as leftovers.
  private void pointToManifest(Path directory) throws IOException, SpoolException {
    Path current = directory.resolve("CURRENT");
    if (disk.identity(current).isPresent()) {
      return;
    }
    String newest = "";
    boolean tables = false;
    for (Path file : disk.list(directory)) {
      String name = file.getFileName().toString();
      if (name.startsWith(MANIFEST) && name.compareTo(newest) > 0) {
        newest = name; // The numbers have leading zeros.
      }
      tables |= name.endsWith(".sst") || name.endsWith(".blob");
    }
    if (!newest.isEmpty()) {
      LOG.error("The spool in {} has lost its file CURRENT: it goes on with {}", directory, newest);
      disk.replace(current, (newest + '\n').getBytes(StandardCharsets.US_ASCII), false);
    } else if (tables) {
      throw new SpoolException(
          "The spool in "
              + directory
              + " has mail, but has lost its files CURRENT and MANIFEST: bring them back from a"
              + " backup, or move the directory away to start with an empty spool",
          false);
    }
  }
}
