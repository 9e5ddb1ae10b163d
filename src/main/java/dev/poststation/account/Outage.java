package dev.poststation.account;

import dev.poststation.os.Os;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Logins that could not be answered because nobody could look at all passwords: a directory is
/// down. They are counted apart, for a right one may have been among them, and forgotten when
/// everybody answers again; but only once in a while, lest whoever can bring the directory down
/// guesses as often as that. Safe for any thread; what is asked is asked on a thread of its own.
final class Outage {
  /// Between two questions.
  private static final Duration BETWEEN = Duration.ofSeconds(10);

  private final Os os;
  private final BooleanSupplier answers;
  private final FailureBook book = new FailureBook();
  private boolean asking;
  private @Nullable Long asked;
  private @Nullable Long forgotten;

  /// @param answers whether all passwords can be looked at now; may wait
  Outage(Os os, BooleanSupplier answers) {
    this.os = os;
    this.answers = answers;
  }

  /// What was counted.
  FailureBook book() {
    return book;
  }

  /// Somebody wants to log in: it is time to ask whether it is over, if it was not asked just now.
  ///
  /// @param blockFor it is forgotten once in that time
  void look(Duration blockFor) {
    if (book.isEmpty()) {
      return;
    }
    synchronized (this) {
      if (asking || isYoung(asked, BETWEEN) || isYoung(forgotten, blockFor)) {
        return;
      }
      asking = true;
    }
    os.tasks().virtual("login-outage", this::ask);
  }

  private boolean isYoung(@Nullable Long since, Duration age) {
    return since != null && os.time().nanos() - since < age.toNanos();
  }

  private void ask() {
    boolean over = false;
    try {
      over = answers.getAsBoolean();
    } finally {
      told(over);
    }
  }

  private synchronized void told(boolean over) {
    long now = os.time().nanos();
    asking = false;
    asked = now;
    if (over) {
      forgotten = now;
      book.forget(_ -> true, _ -> true, _ -> true, now);
    }
  }
}
