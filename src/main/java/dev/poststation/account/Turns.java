package dev.poststation.account;

import dev.poststation.os.Time;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Turns of those who say a password: so many at once have one from an address, and as a user, and
/// others wait in line. Safe for any thread.
final class Turns {
  private final Time time;
  private final Map<String, Integer> taken = new HashMap<>();
  private final List<Turn> line = new ArrayList<>();

  Turns(Time time) {
    this.time = time;
  }

  /// One turn, or a place in the line. Whoever has it says when it is over.
  final class Turn {
    private final List<String> keys;
    private final int most;
    private final long until;
    private final Time.Signal came = time.signal();
    private @Nullable Long since;

    private Turn(List<String> keys, int most, long until) {
      this.keys = keys;
      this.most = most;
      this.until = until;
    }

    /// Whether it has come.
    boolean had() {
      synchronized (Turns.this) {
        return since != null;
      }
    }

    /// Waits for it, as long as it may come, or until it is [needed no more][#needless()].
    ///
    /// @return when it came; null: it did not, and never will
    @Nullable Long await() {
      try {
        if (!had()) {
          var _ = came.awaitUntil(until);
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
      synchronized (Turns.this) {
        if (since == null) {
          line.remove(this);
        }
        return since;
      }
    }

    /// Whoever waits for it shall wait no longer.
    void needless() {
      came.raise();
    }

    private boolean comes() {
      if (time.nanos() - until > 0) {
        return false; // He leaves the line just now.
      }
      if (keys.stream().anyMatch(key -> taken.getOrDefault(key, 0) >= most)) {
        return false;
      }
      keys.forEach(key -> taken.merge(key, 1, Integer::sum));
      since = time.nanos();
      came.raise();
      return true;
    }

    /// Leaves it to those who have waited longest of those who can have it, or leaves the line.
    void over() {
      synchronized (Turns.this) {
        if (since == null) {
          line.remove(this);
          return;
        }
        since = null;
        for (String key : keys) {
          taken.computeIfPresent(key, (_, count) -> count == 1 ? null : count - 1);
        }
        line.removeIf(Turn::comes);
      }
    }
  }

  /// A turn for all of these keys, or a place in the line.
  ///
  /// @param most how many there are for each key
  /// @param until when it can come at the latest, as the clock has it
  synchronized Turn enter(List<String> keys, int most, long until) {
    var turn = new Turn(keys, most, until);
    if (!turn.comes()) {
      line.add(turn);
    }
    return turn;
  }

  /// Keys that somebody has a turn for, and those who wait.
  synchronized int size() {
    return taken.size() + line.size();
  }
}
