package dev.poststation.archive;

import dev.poststation.os.Tasks;
import dev.poststation.os.Workers;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/// Threads that write mail into files, for sessions that wait for them. Safe for any thread.
final class Writers {
  private static final int WAITING_MAX = 1000;

  private final Workers workers;

  /// @param threads that write at the same time
  Writers(Tasks tasks, String name, int threads) {
    this.workers = new Workers(tasks, name, threads, WAITING_MAX);
  }

  /// Has it written.
  ///
  /// @param atMost how long it may take; what was begun by then may be there all the same
  /// @throws IOException when that cannot be done: the mail must not be taken
  <T> T ask(Callable<T> work, Duration atMost) throws IOException {
    try {
      return workers
          .ask(work, atMost)
          .orElseThrow(() -> new IOException(WAITING_MAX + " mails wait for it already"));
    } catch (TimeoutException _) {
      throw new IOException("it has not taken the mail within " + atMost.toSeconds() + " s");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw new IOException(cause.getClass().getSimpleName() + ": " + cause.getMessage(), cause);
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
