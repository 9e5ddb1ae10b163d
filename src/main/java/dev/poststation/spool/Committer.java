package dev.poststation.spool;

import dev.poststation.os.Os;
import dev.poststation.os.Time;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread that writes: it takes everything that waits, writes it in one batch with one
/// sync, and meanwhile the next batch gathers (group commit). Jobs may be added by any thread; they
/// are written in the order they came.
final class Committer {
  private static final Logger LOG = LoggerFactory.getLogger(Committer.class);

  private final Writer writer;
  private final Time.Signal signal;
  private final Object lock = new Object();
  private List<Job> gathering = new ArrayList<>();
  private List<Job> spare = new ArrayList<>();
  private boolean asleep;
  private boolean writing;
  private @Nullable Ticket<Boolean> closing;
  private volatile boolean ended;

  Committer(Os os, Writer writer) {
    this.writer = writer;
    this.signal = os.time().signal();
  }

  /// Hands over a job. Returns at once.
  void add(Job job) {
    boolean wake;
    synchronized (lock) {
      if (ended) {
        refuse(job);
        return;
      }
      Ticket<Integer> ticket = writer.inOrder() ? null : job.ticket();
      if (ticket != null) {
        ticket.failed(writer.outOfOrder());
        return;
      }
      gathering.add(job);
      wake = asleep;
      asleep = false;
    }
    if (wake) {
      signal.raise();
    }
  }

  private static void refuse(Job job) {
    Ticket<Integer> ticket = job.ticket();
    if (ticket != null) {
      ticket.failed(new SpoolException("The spool is closed", false));
    } else {
      LOG.error("The spool is closed, and this is not written: {}", job);
    }
  }

  /// Whether nothing will be written any more.
  boolean ended() {
    return ended;
  }

  /// Waits until all jobs that were added before are written, if there are any.
  void barrier() throws SpoolException {
    synchronized (lock) {
      if (gathering.isEmpty() && !writing) {
        return;
      }
    }
    awaitBarrier(false);
  }

  /// The same, but only for jobs that change this mail.
  void barrier(long id) throws SpoolException {
    synchronized (lock) {
      if (!changes(gathering, id) && !(writing && changes(spare, id))) {
        return;
      }
    }
    awaitBarrier(false);
  }

  private static boolean changes(List<Job> jobs, long id) {
    for (int i = 0; i < jobs.size(); i++) {
      boolean changes =
          switch (jobs.get(i)) {
            case Job.Settle settle -> settle.settlement().mail().id().value() == id;
            case Job.SetAside aside -> aside.id() == id;
            case Job.Commit _,
                Job.Chunk _,
                Job.Discard _,
                Job.Undo _,
                Job.Mend _,
                Job.Distrust _,
                Job.Barrier _ ->
                false;
          };
      if (changes) {
        return true;
      }
    }
    return false;
  }

  /// Waits until all jobs that were added before are on stable storage.
  void sync() throws SpoolException {
    awaitBarrier(true);
  }

  private void awaitBarrier(boolean durable) throws SpoolException {
    var ticket = new Ticket<Integer>();
    add(new Job.Barrier(durable, ticket));
    ticket.await();
  }

  /// The body of the thread.
  void run() {
    try {
      for (var jobs = next(); jobs != null; jobs = next()) {
        writer.write(jobs);
        if (!writer.inOrder()) {
          refuseWhoWait();
          writer.reopenIfDue();
        }
      }
      writer.finish();
    } catch (RuntimeException e) {
      LOG.error("A bug has ended the thread that writes the spool; restart the relay.", e);
    } finally {
      end();
    }
  }

  /// Nobody joins them before there is an engine again.
  private void refuseWhoWait() {
    synchronized (lock) {
      gathering.removeIf(
          job -> {
            Ticket<Integer> ticket = job.ticket();
            if (ticket != null) {
              ticket.failed(writer.outOfOrder());
            }
            return ticket != null;
          });
    }
  }

  /// What is to be written next, empty when it is time for a rest; null when all is written and the
  /// spool closes.
  private @Nullable List<Job> next() {
    while (true) {
      synchronized (lock) {
        writing = false;
        spare.clear();
        if (!gathering.isEmpty()) {
          var jobs = gathering;
          gathering = spare;
          spare = jobs;
          writing = true;
          return jobs;
        }
        if (closing != null) {
          return null;
        }
        asleep = true;
      }
      if (!awaitUntil(writer.busyAt())) {
        return List.of();
      }
    }
  }

  private boolean awaitUntil(long nanos) {
    try {
      return signal.awaitUntil(nanos);
    } catch (InterruptedException _) {
      // Nobody has a reason to interrupt it; it ends when the spool is closed.
      return true;
    }
  }

  /// Writes what waits and ends the thread.
  void close() throws SpoolException {
    var ticket = new Ticket<Boolean>();
    synchronized (lock) {
      if (ended) {
        return;
      }
      closing = ticket;
    }
    signal.raise();
    ticket.await();
  }

  private void end() {
    synchronized (lock) {
      ended = true;
      if (writing) {
        spare.forEach(Committer::refuse);
      }
      gathering.forEach(Committer::refuse);
      if (closing != null) {
        closing.done(true);
      }
    }
  }
}
