package dev.poststation.account;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Counts failures of those who are named by a key, and blocks them for a while. Bounded: of very
/// many, those are forgotten of whom nothing was heard for the longest time. Safe for any thread.
final class Failures {
  static final int MOST = 20_000;

  private final Map<String, Count> counts = new LinkedHashMap<>(16, 0.75f, true);

  private static final class Count {
    private int failures;
    private long last;
    private boolean blocked;
    private long until;
  }

  /// How many there are, without those that are older than that, or that a block has ended.
  synchronized int of(String key, Duration memory, long now) {
    var count = living(key, memory, now);
    return count == null ? 0 : count.failures;
  }

  /// A failure that was counted.
  ///
  /// @param failures how many there are with it
  /// @param blocks whether it was one too many
  record Added(int failures, boolean blocks) {}

  /// One more. Whoever has had so many, and is not blocked yet, is blocked.
  ///
  /// @param most how many
  /// @param memory how long they are remembered, and how long a block lasts
  synchronized Added add(String key, int most, Duration memory, long now) {
    var count = living(key, memory, now);
    if (count == null) {
      count = new Count();
      counts.put(key, count);
      if (counts.size() > MOST) {
        counts.remove(counts.keySet().iterator().next());
      }
    }
    count.last = now;
    count.failures++;
    boolean blocks = !count.blocked && count.failures >= most;
    if (blocks) {
      count.blocked = true;
      count.until = now + memory.toNanos();
    }
    return new Added(count.failures, blocks);
  }

  /// Forgets all of them.
  synchronized void forget(String key) {
    counts.remove(key);
  }

  /// How long the block still lasts; zero: there is none.
  synchronized Duration blocked(String key, long now) {
    var count = counts.get(key);
    return count == null || !count.blocked
        ? Duration.ZERO
        : Duration.ofNanos(Math.max(0, count.until - now));
  }

  /// One that is blocked.
  record Blocked(String key, int failures, Duration left) {}

  /// All that are blocked now.
  synchronized List<Blocked> blocked(long now) {
    List<Blocked> all = new ArrayList<>();
    counts.forEach(
        (key, count) -> {
          if (count.blocked && count.until - now > 0) {
            all.add(new Blocked(key, count.failures, Duration.ofNanos(count.until - now)));
          }
        });
    return all;
  }

  /// Forgets those whose key is meant, blocked or not.
  ///
  /// @return how many of them were blocked
  synchronized int forget(Predicate<String> meant, long now) {
    int before = blocked(now).size();
    counts.keySet().removeIf(meant);
    return before - blocked(now).size();
  }

  private @Nullable Count living(String key, Duration memory, long now) {
    var count = counts.get(key);
    if (count == null) {
      return null;
    }
    boolean over = count.blocked ? now - count.until >= 0 : now - count.last >= memory.toNanos();
    if (over) {
      counts.remove(key);
      return null;
    }
    return count;
  }

  synchronized int size() {
    return counts.size();
  }
}
