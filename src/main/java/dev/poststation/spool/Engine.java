package dev.poststation.spool;

import dev.poststation.os.Time;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/// One opening of what the spool keeps its records in: families of entries, in the order of their
/// keys. Written by the committer's thread only; read by threads that may block in native code,
/// hence never by virtual ones.
///
/// What was synced is there at the next opening, whatever happens in between. Of what was not, a
/// crash takes the end, from any batch on; it never leaves half a batch, or one without those
/// before it. After a write or a sync has failed, it is unknown what is on stable storage, and
/// nothing that this opening says of later ones is worth anything: close it, and open anew.
public interface Engine extends AutoCloseable {
  /// A part of the entries, with an order of its own.
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

  /// Changes that are written in one go: all of them or nothing. Made by an engine, for this one
  /// only; confined to one thread.
  interface Changes extends AutoCloseable {
    /// Puts an entry in the place of one with this key, if there is any.
    void put(Family family, byte[] key, byte[] value) throws RocksDBException;

    /// Deletes an entry, if it is there.
    void delete(Family family, byte[] key) throws RocksDBException;

    /// Deletes an entry that was put once since it was last deleted, and is always deleted in this
    /// way. Then both vanish together; else it is undefined what is there afterwards.
    void singleDelete(Family family, byte[] key) throws RocksDBException;

    /// How many there are.
    int count();

    /// Forgets them, to begin anew.
    void clear();

    /// Writes them. With `sync` it returns when they, and all that was written before, are on
    /// stable storage.
    void write(boolean sync) throws RocksDBException;

    /// Frees the memory. Nothing is written.
    @Override
    void close();
  }

  /// No changes yet.
  Changes changes();

  /// Syncs what was written without.
  void sync() throws RocksDBException;

  /// A value, or null.
  byte @Nullable [] get(Family family, byte[] key) throws RocksDBException, SpoolException;

  /// Visits the entries from a key (inclusive) to another (exclusive), in order, as they were at
  /// the beginning.
  void visit(Family family, byte[] from, byte[] to, Visitor visitor)
      throws RocksDBException, SpoolException;

  /// Visits all entries that begin with a prefix.
  default void visit(Family family, byte[] prefix, Visitor visitor)
      throws RocksDBException, SpoolException {
    visit(family, prefix, Keys.behind(prefix), visitor);
  }

  /// The last key of a family that is not behind this one; null when there is none.
  byte @Nullable [] lastUpTo(Family family, byte[] key) throws RocksDBException, SpoolException;

  /// What it occupies on the disk, garbage included.
  long bytesOnDisk() throws RocksDBException, SpoolException;

  /// What a family occupies, without what of it is only in the log.
  long bytesOnDisk(Family family) throws RocksDBException, SpoolException;

  /// Has garbage collected before it would be, and waits for nothing. What is still in memory now
  /// is collected when this is called again.
  void collectGarbage() throws RocksDBException;

  /// Lets traces go that are old enough, sooner or later. Called at least once a minute; waits for
  /// nothing.
  ///
  /// @param nanos now, by the monotonic clock
  default void letTracesGo(long nanos) throws RocksDBException {}

  /// Makes a new directory with links to files that have all that was written until now, on the
  /// same file system; what opens it finds just that. Writing goes on meanwhile.
  ///
  /// @throws SpoolException when the engine keeps nothing in files
  default void checkpoint(Path directory) throws RocksDBException, SpoolException {
    throw new SpoolException("The spool has no files for " + directory, false);
  }

  /// Copies what can be read of these families into new ones, and drops the old with all damage.
  void renew(Set<Family> damaged, Time time) throws RocksDBException, SpoolException;

  /// Waits for readers, then closes. Never throws: what counts was synced before.
  @Override
  void close();

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
}
