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
/// one question. Bounded in number and in octets: the answer that was not used for longest goes.
/// Safe for any thread.
final class AnswerCache {
  /// Larger than what anybody needs: a hundred exchangers have half of it. Such an answer is given
  /// and not kept, so that it does not drive many others out.
  private static final int ANSWER_MAX = 65_536;

  private final Time time;
  private final int entriesMax;
  private final long octetsMax;
  private final LinkedHashMap<Question, Kept> entries = new LinkedHashMap<>(16, 0.75f, true);
  private long octets;
  private final Map<Question, CompletableFuture<Finding>> underWay = new ConcurrentHashMap<>();

  /// @param octetsMax of all answers together, as [Finding#octets] counts them
  AnswerCache(Time time, int entriesMax, long octetsMax) {
    this.time = time;
    this.entriesMax = entriesMax;
    this.octetsMax = octetsMax;
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
        forget(question);
        return null;
      }
      return now - entry.since > notOlder.toNanos() ? null : entry.finding;
    }
  }

  private void put(Question question, Finding finding) {
    long now = time.nanos();
    long until = now + finding.holds().toNanos();
    int size = finding.octets();
    synchronized (entries) {
      forget(question);
      if (size > ANSWER_MAX) {
        return;
      }
      entries.put(question, new Kept(finding, now, until, size));
      octets += size;
      while (entries.size() > entriesMax || octets > octetsMax) {
        forget(entries.firstEntry().getKey());
      }
    }
  }

  private void forget(Question question) {
    var gone = entries.remove(question);
    octets -= gone == null ? 0 : gone.octets;
  }

  private record Kept(Finding finding, long since, long until, int octets) {}
}
