package dev.poststation.os;

import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// A blocking question whose answer is waited for until a moment and no longer. Safe for any
/// thread.
public final class InTime {
  private InTime() {}

  /// The answer; empty when there was none by then. The question goes on, on a virtual thread of
  /// its own, and what it says later is heard by nobody.
  ///
  /// @param name of the thread
  /// @param until as [Time#nanos] has it
  /// @throws ExecutionException when the question throws
  /// @throws InterruptedException when whoever asks shall end
  public static <T> Optional<T> ask(Os os, String name, long until, Callable<T> question)
      throws ExecutionException, InterruptedException {
    return begin(os, name, question).by(until);
  }

  /// Asks, on a virtual thread of its own, and does not wait.
  ///
  /// @param name of the thread
  public static <T> Asked<T> begin(Os os, String name, Callable<T> question) {
    var asked = new Asked<>(new FutureTask<>(question), os.time().signal());
    os.tasks().virtual(name, asked::run);
    return asked;
  }

  /// A question that was asked. Its answer is waited for by one thread, and once.
  public static final class Asked<T> {
    private final FutureTask<T> task;
    private final Time.Signal done;

    private Asked(FutureTask<T> task, Time.Signal done) {
      this.task = task;
      this.done = done;
    }

    private void run() {
      task.run(); // What it throws is kept for the one who asked.
      done.raise();
    }

    /// The answer; empty when there is none by then.
    ///
    /// @param until as [Time#nanos] has it
    /// @throws ExecutionException when the question throws
    /// @throws InterruptedException when whoever asks shall end
    public Optional<T> by(long until) throws ExecutionException, InterruptedException {
      return done.awaitUntil(until) ? Optional.of(task.get()) : Optional.empty();
    }
  }
}
