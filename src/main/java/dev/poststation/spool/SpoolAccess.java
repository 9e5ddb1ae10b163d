package dev.poststation.spool;

import dev.poststation.message.QueueId;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// What a check may do with the spool that it checks. Safe for any thread.
interface SpoolAccess {
  /// Something to find in the catalogue.
  interface Lookup<T> {
    T in(Catalogue catalogue) throws RocksDBException, SpoolException;
  }

  /// Mail that was set aside.
  Set<Long> corrupt();

  /// The greatest id that was given out.
  long greatestId();

  /// Directories with damaged files that were kept since the last time that this was asked, or
  /// since the spool was opened.
  List<String> newlyDamaged() throws SpoolException;

  /// Waits until all that was handed over before is written.
  void barrier() throws SpoolException;

  /// Reads. When that meets damage which is more than one chunk of a content, the spool repairs
  /// itself, and it is read again: so what it does must not be lost half-way.
  ///
  /// @param repaired is told each time what was damaged
  /// @throws SpoolException when it cannot be read, or not be repaired
  <T> T read(Lookup<T> lookup, Consumer<String> repaired) throws SpoolException;

  /// Sets a mail aside.
  ///
  /// @param place its key in the index of its place, or null when that is not known
  void setAside(QueueId id, byte @Nullable [] place, int chunk, String reason);

  /// Puts right what is wrong; durable when it returns.
  ///
  /// @param listed keys to put into indexes
  /// @param gone keys of indexes and mails to delete
  /// @param goneChunks keys of contents to delete
  /// @param mails how many mails there are more than the counter says
  void mend(List<byte[]> listed, List<byte[]> gone, List<byte[]> goneChunks, long mails)
      throws SpoolException;
}
