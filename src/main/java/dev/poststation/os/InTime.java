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
    var task = new FutureTask<>(question);
    var done = os.time().signal();
    os.tasks()
        .virtual(
            name,
            () -> {
              task.run(); // What it throws is kept for the one who asked.
              done.raise();
            });
    return done.awaitUntil(until) ? Optional.of(task.get()) : Optional.empty();
  }
}
