package dev.poststation.dns;

import dev.poststation.os.Time;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Answers while they hold, and questions under way: two who ask the same at the same time cause
/// one question. Bounded: the answer that was not used for longest goes. Safe for any thread.
final class AnswerCache {
  private final Time time;
  private final Map<Question, Kept> entries;
  private final Map<Question, CompletableFuture<Finding>> underWay = new ConcurrentHashMap<>();

  AnswerCache(Time time, int entriesMax) {
    this.time = time;
    this.entries =
        new LinkedHashMap<>(16, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<Question, Kept> eldest) {
            return size() > entriesMax;
          }
        };
  }

  /// The answer that holds now, if one is known.
  Optional<Finding> known(Question question, Duration notOlder) {
    return Optional.ofNullable(lookUp(question, notOlder));
  }

  /// The answer that holds now; if none is known, `ask` is called, by this thread or by the one
  /// that came first.
  Finding find(Question question, Duration notOlder, Function<Question, Finding> ask) {
    var known = lookUp(question, notOlder);
    if (known != null) {
      return known;
    }
    var mine = new CompletableFuture<Finding>();
    var theirs = underWay.putIfAbsent(question, mine);
    if (theirs != null) {
      return theirs.join();
    }
    try {
      var meanwhile = lookUp(question, notOlder); // Another may just have come back with it.
      if (meanwhile != null) {
        mine.complete(meanwhile);
        return meanwhile;
      }
      var finding = ask.apply(question);
      put(question, finding);
      mine.complete(finding);
      return finding;
    } finally {
      underWay.remove(question, mine);
      mine.completeExceptionally(
          new IllegalStateException("asking failed")); // No effect after complete.
    }
  }

  private @Nullable Finding lookUp(Question question, Duration notOlder) {
    long now = time.nanos();
    synchronized (entries) {
      var entry = entries.get(question);
      if (entry == null) {
        return null;
      }
      if (entry.until - now <= 0) {
        entries.remove(question);
        return null;
      }
      return now - entry.since > notOlder.toNanos() ? null : entry.finding;
    }
  }

  private void put(Question question, Finding finding) {
    long now = time.nanos();
    long until = now + finding.holds().toNanos();
    synchronized (entries) {
      entries.put(question, new Kept(finding, now, until));
    }
  }

  private record Kept(Finding finding, long since, long until) {}
}
