package dev.poststation.spool;

import dev.poststation.message.QueueId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import org.rocksdb.RocksDBException;

/// Jobs of which it is not known whether they are on stable storage: settlements since the last
/// sync, and, after a failure, all that was to be written. The next opening of the engine decides.
/// Confined to the committer's thread.
final class Doubts {
  private static final long NEVER = Long.MAX_VALUE;

  private final List<Doubt> doubts = new ArrayList<>();

  /// @param batch the number of the batch it was last written with
  private record Doubt(long batch, Job job) {}

  /// The job was written with this batch, or should have been.
  void add(long batch, Job job) {
    doubts.add(new Doubt(batch, job));
  }

  /// The job could not even be tried.
  void addUntried(Job job) {
    doubts.add(new Doubt(NEVER, job));
  }

  /// Mails of which it is not sure that it is recorded what became of them.
  List<QueueId> unrecorded() {
    var mails = new ArrayList<QueueId>();
    for (Doubt doubt : doubts) {
      if (doubt.job() instanceof Job.Settle settle) {
        mails.add(settle.settlement().mail().id());
      }
    }
    return mails;
  }

  /// All is on stable storage.
  void clear() {
    doubts.clear();
  }

  /// Decides by what the engine has. What it has, is; a commit among it was refused, though, and
  /// must be undone. A settlement that it has not, must be written again.
  ///
  /// @param nextBatch the number of the batch that the result is written with
  /// @return what is to be written
  List<Job> decide(Evidence evidence, long nextBatch) throws RocksDBException, SpoolException {
    BitSet found = whatIsThere(evidence);
    var jobs = new ArrayList<Job>();
    int number = 0;
    for (Doubt doubt : doubts) {
      boolean there = found.get(number++);
      switch (doubt.job()) {
        case Job.Commit commit when there -> jobs.add(new Job.Undo(commit.mails()));
        case Job.Commit _ -> {}
        case Job job when !there -> jobs.add(job);
        case Job _ -> {}
      }
    }
    doubts.clear();
    jobs.forEach(job -> add(nextBatch, job));
    return jobs;
  }

  /// All is found out before anything is decided, for that may fail.
  private BitSet whatIsThere(Evidence evidence) throws RocksDBException, SpoolException {
    var there = new BitSet(doubts.size());
    var coming = new HashSet<Long>();
    int number = 0;
    for (Doubt doubt : doubts) {
      boolean found = evidence.isThere(doubt.batch(), doubt.job());
      if (doubt.job() instanceof Job.Settle settle) {
        // The end of a notice that is itself yet to be written.
        found &= !coming.contains(settle.settlement().mail().id().value());
        if (!found) {
          settle.notices().forEach(notice -> coming.add(notice.id()));
        }
      }
      there.set(number++, found);
    }
    return there;
  }
}
