package dev.poststation.spool;

import dev.poststation.os.Os;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes jobs to the engine in batches, and knows what to do when that fails. Confined to the
/// committer's thread, except for the figures and the engine, which any thread may ask for.
///
/// A failed write or sync is never tried again on the same opening of the engine: afterwards the
/// kernel may hold pages for clean that never reached the disk. All mail of the batch is refused,
/// the engine is closed and opened anew, and what it then finds decides what is true: the number of
/// its last batch says which ones it has. Settlements that it has not are written again; refused
/// mail that it has is removed.
final class Writer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Writer.class);

  /// A batch is cut here, so that its memory is bounded and nobody waits for a giant.
  private static final long BATCH_BYTES_MAX = 8L << 20;

  private static final int BATCH_JOBS_MAX = 10_000;
  private static final long SYNC_WITHIN_NANOS = 1_000_000_000;
  private static final long IDLE_NANOS = 60_000_000_000L;
  private static final long REOPEN_AFTER_NANOS = 1_000_000_000;
  private static final long REOPEN_AFTER_NANOS_MAX = 60_000_000_000L;

  private final Os os;
  private final Opening opening;
  private final Room room;
  private final Ids ids;
  private final Set<Long> corrupt;
  private final Batch batch;
  private final List<Job> taken = new ArrayList<>();
  private final Doubts doubts = new Doubts();
  private final LongAdder commits = new LongAdder();
  private final LongAdder syncs = new LongAdder();

  private volatile @Nullable Engine engine;
  private volatile String problem = "";
  private volatile long mails;
  private int openings = 1;
  private long lastBatch;
  private long syncedBatch;
  private boolean dirty;
  private long dirtySince;
  private long failedAt;
  private long reopenAfter;
  private boolean suspicious;

  /// @param corrupt mail that was set aside; safe for any thread
  Writer(Os os, Opening opening, Opening.Opened opened, Room room, Ids ids, Set<Long> corrupt) {
    this.os = os;
    this.opening = opening;
    this.room = room;
    this.ids = ids;
    this.corrupt = corrupt;
    engine = opened.engine();
    batch = new Batch(corrupt, opened.engine());
    mails = opened.tally().mails();
    lastBatch = opened.tally().batch();
    syncedBatch = lastBatch;
  }

  /// The engine to read from.
  Engine engine() throws SpoolException {
    Engine current = engine;
    if (current == null) {
      throw outOfOrder();
    }
    return current;
  }

  /// Whether this is the engine that is in use.
  boolean hasOpen(Engine one) {
    return one.equals(engine);
  }

  boolean inOrder() {
    return engine != null;
  }

  SpoolException outOfOrder() {
    return new SpoolException("The spool is out of order: " + problem, false);
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

  /// Until when the committer may wait for jobs before it has to call `write` without; monotonic.
  long busyAt() {
    if (engine == null) {
      return failedAt + reopenAfter;
    }
    return dirty ? dirtySince + SYNC_WITHIN_NANOS : os.time().nanos() + IDLE_NANOS;
  }

  /// Writes jobs, all of them, and tells those who wait; syncs settlements when it is time.
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
    Engine current = engine;
    if (current != null && dirty && os.time().nanos() - dirtySince >= SYNC_WITHIN_NANOS) {
      sync(current);
    }
    Engine still = engine;
    if (still != null) {
      measure(still, 0); // Clients may stay away just because it is full.
      letTracesGo(still);
    }
    repairIfDue();
  }

  private void repairIfDue() {
    try {
      if (engine != null && opening.canRepairNow()) {
        suspicious = true;
        problem = "there is room now to repair it";
        examine();
      }
    } catch (SpoolException e) {
      LOG.warn("The spool stays damaged: {}", e.getMessage());
    }
  }

  /// Tries to get the engine back, when it is time.
  void reopenIfDue() {
    if (os.time().nanos() - failedAt >= reopenAfter) {
      reopen();
    }
  }

  private void sync(Engine current) {
    try {
      current.sync();
      synced();
    } catch (RocksDBException e) {
      failed(current, e);
    }
  }

  /// Writes and syncs what is left to write, as far as possible.
  void finish() {
    Engine current = engine;
    if (current != null) {
      leaveMark(current);
    }
    if (engine == null) {
      reopen();
    }
    if (engine == null) {
      LOG.error(
          "The spool closes out of order. It is not recorded what became of these mails, and they"
              + " may be delivered again: {}",
          doubts.unrecorded());
    }
  }

  /// Syncs what is left, with a last tally: ids that were given out without a mail shall not come
  /// again either, though the clock be set back before the next start.
  private void leaveMark(Engine current) {
    taken.clear();
    try {
      batch.begin(current, ++lastBatch, mails);
      batch.finished(ids.greatest()).write(true);
      synced();
    } catch (RocksDBException e) {
      failed(current, e);
    }
  }

  private int writeSome(Engine current, List<Job> jobs, int from) {
    taken.clear();
    int at = from;
    boolean durable = false;
    try {
      batch.begin(current, ++lastBatch, mails);
      while (at < jobs.size()
          && batch.octets() < BATCH_BYTES_MAX
          && taken.size() < BATCH_JOBS_MAX) {
        Job job = jobs.get(at++);
        taken.add(job);
        if (admitted(current, job)) {
          batch.add(job);
          durable |= job.durable();
        } else {
          taken.removeLast();
        }
      }
      if (batch.octets() > 0) {
        batch.finished(ids.greatest()).write(durable);
      }
      written(durable);
    } catch (RocksDBException | RuntimeException e) {
      failed(current, e);
    }
    if (suspicious) {
      examine();
    }
    return at;
  }

  private boolean admitted(Engine current, Job job) {
    return switch (job) {
      case Job.Commit commit -> {
        if (commit.hasChunksBefore() && commit.opening() != openings) {
          var reason = "The spool was opened anew, and the first chunks may be lost: " + problem;
          commit.ticket().failed(new SpoolException(reason, false));
          yield false;
        }
        yield hasRoom(current, commit, commit.ticket());
      }
      case Job.Chunk chunk -> hasRoom(current, chunk, chunk.ticket());
      case Job.Distrust distrust -> {
        if (distrust.engine().equals(current) && opening.mayExamine()) {
          suspicious = true;
          problem = distrust.reason();
        }
        yield false;
      }
      case Job.Settle _, Job.Discard _, Job.Undo _, Job.SetAside _, Job.Mend _, Job.Barrier _ ->
          true;
    };
  }

  private boolean hasRoom(Engine current, Job job, Ticket<Integer> ticket) {
    measure(current, job.octets());
    String full = room.full();
    if (full != null) {
      ticket.failed(new SpoolException(full, true));
    }
    return full == null;
  }

  private void measure(Engine current, long octets) {
    try {
      room.measure(current, octets);
    } catch (RocksDBException | SpoolException e) {
      // As when there are too many open files. What is not known is no reason to give up the
      // engine.
      LOG.warn("Cannot find out what the spool occupies: {}", e.getMessage());
    }
  }

  private void letTracesGo(Engine current) {
    try {
      current.letTracesGo(os.time().nanos());
    } catch (RocksDBException e) {
      LOG.warn("Traces that are older than trace.keep cannot go just now: {}", e.getMessage());
    }
  }

  private void written(boolean durable) {
    mails = batch.mails();
    if (durable) {
      synced();
    }
    for (Job job : taken) {
      if (job instanceof Job.Commit) {
        commits.increment();
      }
      if (!durable && lasts(job)) {
        doubts.add(lastBatch, job);
        dirtySince = dirty ? dirtySince : os.time().nanos();
        dirty = true;
      }
      Ticket<Integer> ticket = job.ticket();
      if (ticket != null) {
        ticket.done(openings);
      }
    }
    taken.clear();
  }

  private void synced() {
    syncs.increment();
    syncedBatch = lastBatch;
    dirty = false;
    doubts.clear();
    batch.synced();
  }

  /// What is to be written however often that fails.
  private static boolean lasts(Job job) {
    return job instanceof Job.Settle || job instanceof Job.SetAside;
  }

  /// Only such jobs are kept until there is an engine again. Who waits is not kept waiting until
  /// then: a rescue may take longer than a client has patience, and a mail that is stored when the
  /// client has given up comes twice.
  void refuse(Job job) {
    Ticket<Integer> ticket = job.ticket();
    if (ticket != null) {
      ticket.failed(outOfOrder());
    } else if (lasts(job)) {
      doubts.addUntried(job);
    }
  }

  /// Also what only a bug can throw ends here: without this thread the relay would refuse all mail
  /// and record nothing, until somebody restarts it.
  private void failed(Engine current, Exception cause) {
    SpoolException failure = Engine.failure("The spool cannot write", cause);
    problem = String.valueOf(failure.getMessage());
    LOG.error("{}. The mail being written is refused, and the spool is opened anew.", problem);
    reportBug(cause);
    for (Job job : taken) {
      if (job instanceof Job.Commit || lasts(job)) {
        doubts.add(lastBatch, job);
      }
      Ticket<Integer> ticket = job.ticket();
      if (ticket != null) {
        ticket.failed(failure);
      }
    }
    taken.clear();
    suspicious |= cause instanceof RocksDBException e && Engine.damaged(e);
    leave(current);
  }

  private static void reportBug(Exception cause) {
    if (cause instanceof RuntimeException) {
      LOG.error("This is a bug in the spool", cause);
    }
  }

  private void examine() {
    Engine current = engine;
    if (current != null) {
      LOG.error("The spool is examined: {}", problem);
      leave(current);
    }
  }

  /// The first attempt to open it anew is made at once, when all who wait have been refused.
  private void leave(Engine current) {
    engine = null;
    failedAt = os.time().nanos();
    reopenAfter = 0;
    openings++;
    current.close();
  }

  private void reopen() {
    Engine fresh = null;
    try {
      Opening.Opened opened = opening.open(suspicious);
      fresh = opened.engine();
      settleWhatIsTrue(opened);
      suspicious = false;
      engine = fresh;
      opening.healthy();
      LOG.info("The spool works again");
    } catch (RocksDBException | SpoolException | RuntimeException e) {
      problem = e instanceof RuntimeException ? e.toString() : String.valueOf(e.getMessage());
      LOG.error("The spool stays out of order: {}", problem);
      reportBug(e);
      suspicious |= e instanceof RocksDBException cause && Engine.damaged(cause);
      if (fresh != null) {
        fresh.close();
      }
      // Counted from its end: an attempt may take long, and does not follow the last at once.
      failedAt = os.time().nanos();
      reopenAfter = Math.clamp(2 * reopenAfter, REOPEN_AFTER_NANOS, REOPEN_AFTER_NANOS_MAX);
    }
  }

  private void settleWhatIsTrue(Opening.Opened opened) throws RocksDBException, SpoolException {
    Tally found = opened.tally();
    if (found.batch() < syncedBatch) {
      LOG.error(
          "The disk lost what it had confirmed: batch {} was synced, but the last one found is {}",
          syncedBatch,
          found.batch());
    }
    corrupt.addAll(opened.corrupt());
    var evidence = Evidence.in(opened.engine(), found.batch(), lastBatch);
    lastBatch = Math.max(lastBatch, found.batch()) + 1;
    batch.begin(opened.engine(), lastBatch, found.mails());
    taken.clear();
    taken.addAll(doubts.decide(evidence, lastBatch));
    for (Job job : taken) {
      batch.add(job);
    }
    for (Job.Discard orphan : opened.orphans()) {
      batch.add(orphan);
    }
    batch.finished(ids.greatest()).write(true);
    written(true);
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
