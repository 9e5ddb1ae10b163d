package dev.poststation.os;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/// Several blocking questions asked at the same time. Safe for any thread.
public final class Together {
  private Together() {}

  /// The answers, in the order of the questions. The first one is asked by the calling thread, each
  /// other one by a virtual thread of its own; all have ended when this returns. The first failure
  /// is thrown.
  ///
  /// @param name of the threads
  public static <T> List<T> ask(Tasks tasks, String name, List<Supplier<T>> questions) {
    List<CompletableFuture<T>> futures = new ArrayList<>(questions.size());
    for (int i = 0; i < questions.size(); i++) {
      var question = questions.get(i);
      var future = new CompletableFuture<T>();
      futures.add(future);
      if (i > 0) {
        tasks.virtual(name, () -> answer(question, future));
      }
    }
    if (!questions.isEmpty()) {
      answer(questions.getFirst(), futures.getFirst());
    }
    CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new))
        .exceptionally(_ -> null)
        .join();
    List<T> answers = new ArrayList<>(futures.size());
    for (var future : futures) {
      answers.add(outOf(future));
    }
    return answers;
  }

  private static <T> void answer(Supplier<T> question, CompletableFuture<T> future) {
    try {
      future.complete(question.get());
    } catch (RuntimeException | Error e) {
      future.completeExceptionally(e); // Thrown again where the answers are collected.
    }
  }

  private static <T> T outOf(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
