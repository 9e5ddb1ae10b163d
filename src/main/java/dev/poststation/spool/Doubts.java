package dev.poststation.spool;

import dev.poststation.message.QueueId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.rocksdb.RocksDBException;

/// Jobs of which it is not known whether they are on stable storage: settlements since the last
/// sync, and, after a failure, all that was to be written. The next opening of the engine decides.
/// Confined to the committer's thread.
final class Doubts {
  private static final long NEVER = Long.MAX_VALUE;

  private final Deque<Doubt> doubts = new ArrayDeque<>();

  /// Settlements that were refused and turned out to be written.
  private final Set<Settlement> writtenThoughRefused =
      Collections.newSetFromMap(new IdentityHashMap<>());

  /// @param batch the number of the batch it was last written with
  /// @param refused whether the one who waited for it was told that it failed
  private record Doubt(long batch, Job job, boolean refused) {}

  /// The job was written with this batch, or should have been.
  void add(long batch, Job job) {
    doubts.add(new Doubt(batch, job, false));
  }

  /// The job could not even be tried.
  void addUntried(Job job) {
    doubts.add(new Doubt(NEVER, job, false));
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

  /// Those who wait for a settlement are told that it failed. It stays in doubt: they will try it
  /// again, and it must not be written twice.
  void refuseTickets(SpoolException reason) {
    for (int i = doubts.size(); i > 0; i--) {
      Doubt doubt = doubts.remove();
      var ticket = doubt.job() instanceof Job.Settle settle ? settle.ticket() : null;
      if (ticket != null) {
        ticket.failed(reason);
      }
      doubts.add(new Doubt(doubt.batch(), doubt.job(), ticket != null));
    }
  }

  /// Whether a settlement is there already: it was tried before, refused, and written all the same.
  /// To write it twice would be wrong: the records of its notices are deleted as those that were
  /// put once, and a mail that it removes is counted.
  boolean isThere(Job.Settle settle) {
    return settle.ticket() != null && writtenThoughRefused.remove(settle.settlement());
  }

  /// Decides by what the engine has. What it has, is; a commit among it was refused, though, and
  /// must be undone. What it has not, must be written again, unless it was refused.
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
        case Job.Commit commit when there -> jobs.add(new Job.Undo(commit.mail()));
        case Job.Commit _ -> {}
        case Job.Settle settle when there -> {
          if (doubt.refused()) {
            writtenThoughRefused.add(settle.settlement());
          } else if (settle.ticket() != null) {
            settle.ticket().done(0);
          }
        }
        case Job.Settle _ when doubt.refused() -> {}
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
