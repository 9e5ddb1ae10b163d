package dev.poststation.spool;

import dev.poststation.spool.Engine.Family;
import org.rocksdb.RocksDBException;

/// Tells of a job whether an engine that was opened anew has what it writes. Used by the
/// committer's thread.
interface Evidence {
  /// Whether it has.
  ///
  /// @param batch the number of the batch that the job was last written with
  boolean isThere(long batch, Job job) throws RocksDBException, SpoolException;

  /// The number of the last batch tells; a greater one than any of ours stands for counters that
  /// were lost, and then the mails themselves do.
  ///
  /// @param found the last batch that the engine has, as it says
  /// @param written the last batch that we wrote, or tried to
  static Evidence in(Engine engine, long found, long written) {
    return found <= written ? upTo(found) : (_, job) -> shows(engine, job);
  }

  /// Batches up to this one are there.
  static Evidence upTo(long last) {
    return (batch, _) -> batch <= last;
  }

  private static boolean shows(Engine engine, Job job) throws RocksDBException, SpoolException {
    return switch (job) {
      case Job.Commit commit -> has(engine, commit.mails().getFirst().id());
      case Job.Undo undo -> !has(engine, undo.mails().getFirst().id());
      case Job.Settle settle when settle.notices().isEmpty() ->
          // What else became of a mail than its end may be written twice.
          !has(engine, settle.settlement().mail().id().value());
      case Job.Settle settle -> has(engine, settle.notices().getFirst().id());
      case Job.SetAside aside ->
          engine.get(Family.RECORDS, Keys.index(Keys.CORRUPT, aside.id())) != null;
      case Job.Chunk _, Job.Discard _, Job.Mend _, Job.Distrust _, Job.Barrier _ -> false;
    };
  }

  private static boolean has(Engine engine, long id) throws RocksDBException, SpoolException {
    return engine.get(Family.RECORDS, Keys.mail(id, Keys.PART_HEAD)) != null;
  }
}
