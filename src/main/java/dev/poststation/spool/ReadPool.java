package dev.poststation.spool;

import dev.poststation.os.Tasks;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.rocksdb.RocksDBException;

/// The few platform threads that read from RocksDB: native calls would hold the carrier of a
/// virtual thread. Safe for any thread.
final class ReadPool implements AutoCloseable {
  private static final int THREADS = 2;

  private final BlockingQueue<Task> waiting = new LinkedBlockingQueue<>();
  private volatile boolean closed;

  /// Something to read.
  interface Query<T> {
    T run() throws RocksDBException, SpoolException;
  }

  private sealed interface Task {}

  private record Read<T>(Query<T> query, Ticket<T> ticket) implements Task {
    void run() {
      try {
        ticket.done(query.run());
      } catch (SpoolException | RuntimeException e) {
        ticket.failed(e);
      } catch (RocksDBException e) {
        ticket.failed(Engine.failure("The spool cannot read", e));
      } catch (Error e) {
        ticket.failed(new SpoolException("The spool cannot read: " + e, false, e));
        throw e;
      }
    }
  }

  private record End(Ticket<Boolean> ticket) implements Task {}

  ReadPool(Tasks tasks) {
    for (int i = 1; i <= THREADS; i++) {
      tasks.platform("spool-reader-" + i, this::work);
    }
  }

  private void work() {
    while (true) {
      switch (next()) {
        case Read<?> read -> read.run();
        case End end -> {
          end.ticket().done(true);
          return;
        }
      }
    }
  }

  private Task next() {
    while (true) {
      try {
        return waiting.take();
      } catch (InterruptedException _) {
        // Nobody has a reason to interrupt it; it ends when it is told to.
      }
    }
  }

  /// Runs a query on a thread of the pool and waits for its result.
  <T> T read(Query<T> query) throws SpoolException {
    var task = new Read<>(query, new Ticket<T>());
    waiting.add(task);
    if (closed && waiting.remove(task)) {
      throw new SpoolException("The spool is closed", false);
    }
    return task.ticket().await();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (int i = 0; i < THREADS; i++) {
      var end = new End(new Ticket<>());
      waiting.add(end);
      try {
        end.ticket().await();
      } catch (SpoolException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
