package dev.poststation.spool;

import dev.poststation.os.Os;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes jobs to the engine in batches, and knows what to do when that fails. Confined to the committer's thread, except for
/// the figures and the engine, which any thread may ask for.
///
/// A failed write or sync is never tried again on the same opening of the engine: afterwards the kernel may hold pages for
/// clean that never reached the disk. All mail of the batch is refused, the engine is closed and opened anew, and what
/// it then finds decides what is true: the number of its last batch says which ones it has. Settlements that it has not
/// are written again; refused mail that it has is removed.
final class Writer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Writer.class);

  /// A batch is cut here, so that its memory is bounded and nobody waits for a giant.
  private static final long BATCH_BYTES_MAX = 8L << 20;

  private static final int BATCH_JOBS_MAX = 10_000;
  private static final long SYNC_WITHIN_NANOS = 1_000_000_000;
  private static final long REOPEN_AFTER_NANOS = 1_000_000_000;

  /// Opens the engine anew after a failure.
  interface Reopening {
    Engine open() throws SpoolException;
  }

  /// A job of which it is not yet known for sure whether it is on stable storage: a settlement, a removal of refused mail,
  /// or a commit that was refused.
  ///
  /// @param batch the number of the batch it was last written with
  private record Pending(long batch, Job job) {}

  private final Os os;
  private final Reopening reopening;
  private final Room room;
  private final Ids ids;
  private final Batch batch;
  private final List<Job> taken = new ArrayList<>();
  private final Deque<Pending> pending = new ArrayDeque<>();

  private volatile @Nullable Engine engine;
  private volatile long mails;
  private final LongAdder commits = new LongAdder();
  private final LongAdder syncs = new LongAdder();
  private int opening = 1;
  private long lastBatch;
  private long syncedBatch;
  private boolean dirty;
  private long dirtySince;
  private long failedAt;
  private String problem = "";

  Writer(Os os, Engine engine, Tally tally, Reopening reopening, Room room, Ids ids, Set<Long> corrupt) {
    this.os = os;
    this.engine = engine;
    this.reopening = reopening;
    this.room = room;
    this.ids = ids;
    this.batch = new Batch(corrupt, engine);
    this.mails = tally.mails();
    this.lastBatch = tally.batch();
    this.syncedBatch = tally.batch();
  }

  /// The engine to read from.
  Engine engine() throws SpoolException {
    Engine current = engine;
    if (current == null) {
      throw new SpoolException("The spool is out of order: " + problem, false);
    }
    return current;
  }

  long mails() {
    return mails;
  }

  long commits() {
    return commits.sum();
  }

  long syncs() {
    return syncs.sum();
  }

  /// How long the committer may wait for jobs before it has to call `rest`.
  long patienceNanos() {
    if (engine == null) {
      return REOPEN_AFTER_NANOS;
    }
    return dirty
        ? Math.max(0, dirtySince + SYNC_WITHIN_NANOS - os.time().nanos())
        : Long.MAX_VALUE;
  }

  /// Writes jobs, all of them, and tells those who wait.
  void write(List<Job> jobs) {
    int at = 0;
    while (at < jobs.size()) {
      Engine current = engine;
      if (current == null) {
        refuse(jobs.get(at++));
      } else {
        at = writeSome(current, jobs, at);
      }
    }
    rest();
  }

  /// Does what is due without jobs: syncs settlements, or tries to get the engine back.
  void rest() {
    Engine current = engine;
    if (current == null) {
      if (os.time().nanos() - failedAt >= REOPEN_AFTER_NANOS) {
        reopen();
      }
    } else if (dirty && os.time().nanos() - dirtySince >= SYNC_WITHIN_NANOS) {
      try {
        current.sync();
        synced();
      } catch (RocksDBException e) {
        failed(current, e);
      }
    }
  }

  /// Syncs what is not yet.
  void finish() {
    dirtySince = os.time().nanos() - SYNC_WITHIN_NANOS;
    rest();
    if (engine == null) {
      reopen();
    }
  }

  private int writeSome(Engine current, List<Job> jobs, int from) {
    taken.clear();
    int at = from;
    boolean durable = false;
    try {
      batch.begin(current, ++lastBatch, mails);
      while (at < jobs.size() && batch.octets() < BATCH_BYTES_MAX && taken.size() < BATCH_JOBS_MAX) {
        Job job = jobs.get(at++);
        taken.add(job);
        if (admitted(current, job)) {
          batch.add(job);
          durable |= durable(job);
        } else {
          taken.removeLast();
        }
      }
      if (batch.octets() > 0) {
        current.write(batch.finished(ids.greatest()), durable);
      }
      written(durable);
    } catch (RocksDBException e) {
      failed(current, e);
    } catch (SpoolException e) {
      throw new IllegalStateException("closed by somebody else", e);
    }
    return at;
  }

  private static boolean durable(Job job) {
    return switch (job) {
      case Job.Commit _ -> true;
      case Job.Settle settle -> settle.ticket() != null;
      case Job.Chunk _, Job.Discard _, Job.Undo _, Job.SetAside _, Job.Barrier _ -> false;
    };
  }

  private boolean admitted(Engine current, Job job) throws RocksDBException, SpoolException {
    return switch (job) {
      case Job.Commit commit -> {
        if (commit.mail().chunksBefore() > 0 && commit.opening() != opening) {
          commit.ticket().failed(new SpoolException("Its first chunks were lost: " + problem, false));
          yield false;
        }
        yield hasRoom(current, commit, commit.ticket());
      }
      case Job.Chunk chunk -> hasRoom(current, chunk, chunk.ticket());
      case Job.Settle _, Job.Discard _, Job.Undo _, Job.SetAside _, Job.Barrier _ -> true;
    };
  }

  private boolean hasRoom(Engine current, Job job, Ticket<Integer> ticket)
      throws RocksDBException, SpoolException {
    room.measure(current, job.octets());
    String full = room.full();
    if (full != null) {
      ticket.failed(new SpoolException(full, true));
    }
    return full == null;
  }

  private void written(boolean durable) {
    mails = batch.mails();
    if (durable) {
      synced();
    }
    for (Job job : taken) {
      switch (job) {
        case Job.Commit commit -> {
          commits.increment();
          commit.ticket().done(opening);
        }
        case Job.Chunk chunk -> chunk.ticket().done(opening);
        case Job.Barrier barrier -> barrier.ticket().done(opening);
        case Job.Settle settle -> {
          if (settle.ticket() != null) {
            settle.ticket().done(opening);
          } else if (!durable) {
            pending.add(new Pending(lastBatch, settle));
            dirtySince = dirty ? dirtySince : os.time().nanos();
            dirty = true;
          }
        }
        case Job.Discard _, Job.Undo _, Job.SetAside _ -> {}
      }
    }
    taken.clear();
  }

  private void synced() {
    syncs.increment();
    syncedBatch = lastBatch;
    dirty = false;
    pending.clear();
  }

  /// Refuses jobs that nobody will write any more.
  void refuseAll(List<Job> jobs) {
    jobs.forEach(this::refuse);
  }

  /// There is no engine: only settlements are kept, until there is one again.
  private void refuse(Job job) {
    var reason = new SpoolException("The spool is out of order: " + problem, false);
    switch (job) {
      case Job.Commit commit -> commit.ticket().failed(reason);
      case Job.Chunk chunk -> chunk.ticket().failed(reason);
      case Job.Barrier barrier -> barrier.ticket().failed(reason);
      case Job.Settle settle -> {
        if (settle.ticket() != null) {
          settle.ticket().failed(reason);
        } else {
          pending.add(new Pending(Long.MAX_VALUE, settle));
        }
      }
      case Job.Discard _, Job.Undo _, Job.SetAside _ -> {}
    }
  }

  private void failed(Engine current, RocksDBException cause) {
    SpoolException failure = Engine.failure("The spool cannot write", cause);
    problem = failure.getMessage();
    LOG.error("{}. The mail being written is refused; the spool is opened anew.", problem);
    for (Job job : taken) {
      switch (job) {
        case Job.Commit commit -> {
          commit.ticket().failed(failure);
          pending.add(new Pending(lastBatch, commit));
        }
        case Job.Chunk chunk -> chunk.ticket().failed(failure);
        case Job.Barrier barrier -> barrier.ticket().failed(failure);
        case Job.Settle settle -> pending.add(new Pending(lastBatch, settle));
        case Job.Discard _, Job.Undo _, Job.SetAside _ -> {}
      }
    }
    taken.clear();
    engine = null;
    opening++;
    current.close();
    reopen();
  }

  private void reopen() {
    failedAt = os.time().nanos();
    Engine fresh;
    try {
      fresh = reopening.open();
    } catch (SpoolException e) {
      problem = e.getMessage();
      LOG.error("The spool cannot be opened again: {}", problem);
      endDurableSettlements(e);
      return;
    }
    try {
      settleWhatIsTrue(fresh);
      engine = fresh;
      LOG.info("The spool works again.");
    } catch (RocksDBException | DamagedRecordException | SpoolException e) {
      problem = e.getMessage();
      LOG.error("The spool failed again right after it was opened: {}", problem);
      fresh.close();
      endDurableSettlements(new SpoolException(problem, false, e));
    }
  }

  private void settleWhatIsTrue(Engine fresh)
      throws RocksDBException, DamagedRecordException, SpoolException {
    Tally found = fresh.tally();
    if (found.batch() < syncedBatch) {
      LOG.error(
          "The disk lost what it had confirmed: batch {} was synced, but the last one found is {}.",
          syncedBatch,
          found.batch());
    }
    mails = found.mails();
    batch.begin(fresh, ++lastBatch, mails);
    var again = new ArrayDeque<Pending>();
    for (Pending each : pending) {
      boolean there = each.batch() <= found.batch();
      if (each.job() instanceof Job.Commit refused) {
        if (there) {
          again.add(new Pending(lastBatch, new Job.Undo(refused.mail())));
        }
      } else if (there) {
        endSettled(each.job());
      } else {
        again.add(new Pending(lastBatch, each.job()));
      }
    }
    for (Pending each : again) {
      batch.add(each.job());
    }
    pending.clear();
    pending.addAll(again);
    fresh.write(batch.finished(ids.greatest()), true);
    mails = batch.mails();
    pending.forEach(each -> endSettled(each.job()));
    synced();
  }

  private void endSettled(Job job) {
    if (job instanceof Job.Settle settle && settle.ticket() != null) {
      settle.ticket().done(opening);
    }
  }

  private void endDurableSettlements(SpoolException reason) {
    pending.removeIf(
        each -> {
          if (each.job() instanceof Job.Settle settle && settle.ticket() != null) {
            settle.ticket().failed(reason);
            return true;
          }
          return false;
        });
  }

  @Override
  public void close() {
    batch.close();
    Engine last = engine;
    engine = null;
    if (last != null) {
      last.close();
    }
  }
}
