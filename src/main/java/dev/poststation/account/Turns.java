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
    private final Time.Signal came = time.signal();
    private @Nullable Long since;

    private Turn(List<String> keys, int most) {
      this.keys = keys;
      this.most = most;
    }

    /// Whether it has come.
    boolean had() {
      synchronized (Turns.this) {
        return since != null;
      }
    }

    /// Waits for it until the clock shows `nanos`.
    ///
    /// @return when it came; null: not by then, and never
    @Nullable Long await(long nanos) {
      try {
        if (!had()) {
          var _ = came.awaitUntil(nanos);
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
      synchronized (Turns.this) {
        if (since == null || since - nanos > 0) {
          over();
        }
        return since;
      }
    }

    private boolean comes() {
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
  synchronized Turn enter(List<String> keys, int most) {
    var turn = new Turn(keys, most);
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
