package dev.poststation.policy;

import dev.poststation.os.Os;
import dev.poststation.os.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Answers of the DNS about clients, asked for anew in the background, so that who needs one has it
/// at once (docs/adr/0010-names-of-clients.md). Bounded: what was not used for longest goes. Safe
/// for any thread.
final class Remembered<K, V> {
  /// An answer older than this is asked for anew when it is used. That is the cap on any TTL.
  static final Duration FRESH = Duration.ofMinutes(1);

  /// An answer older than this, which nobody has used for a while, is not believed before it was
  /// asked for anew.
  static final Duration STALE = FRESH.multipliedBy(2);

  /// So long an answer holds while the DNS is silent. An address that changes hands may be somebody
  /// else's by then.
  static final Duration GRACE = Duration.ofHours(1);

  /// Who did not answer is left alone for so long.
  static final Duration PAUSE = Duration.ofSeconds(20);

  /// Questions under way at once; more wait until they are asked again.
  private static final int ASKING_MAX = 200;

  private final String name;
  private final Os os;
  private final Function<K, Optional<V>> question;
  private final Map<K, Kept<V>> entries;
  private int asking;

  private static final class Kept<V> {
    private @Nullable V value;
    private long since;
    private @Nullable Long askAgain;
    private boolean asking;
    private boolean silent;
    private final List<Time.Signal> waiting = new ArrayList<>(0);
  }

  /// @param name of the threads that ask
  /// @param question asks; empty: nobody knows now
  Remembered(String name, int most, Os os, Function<K, Optional<V>> question) {
    this.name = name;
    this.os = os;
    this.question = question;
    this.entries =
        new LinkedHashMap<>(16, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<K, Kept<V>> eldest) {
            return size() > most;
          }
        };
  }

  Time time() {
    return os.time();
  }

  /// What is known; empty when nothing is, or nothing that still holds. Never waits; asks in the
  /// background where that is due.
  synchronized Optional<V> now(K key) {
    return held(entry(key));
  }

  /// The same, but waits for the answer where nothing is known and somebody is being asked.
  Optional<V> await(K key, Duration atMost) {
    Time.Signal signal = os.time().signal();
    synchronized (this) {
      var entry = entry(key);
      var known = held(entry);
      if (known.isPresent() || !entry.asking) {
        return known;
      }
      entry.waiting.add(signal);
    }
    try {
      signal.await(atMost);
    } catch (InterruptedException _) {
      return Optional.empty(); // The session is about to end.
    }
    return now(key);
  }

  private Optional<V> held(Kept<V> entry) {
    V value = entry.value;
    var limit = entry.silent ? GRACE : STALE;
    boolean holds = value != null && os.time().nanos() - entry.since <= limit.toNanos();
    return holds ? Optional.ofNullable(value) : Optional.empty();
  }

  private Kept<V> entry(K key) {
    var entry = entries.computeIfAbsent(key, _ -> new Kept<>());
    long now = os.time().nanos();
    Long again = entry.askAgain;
    if (!entry.asking && asking < ASKING_MAX && (again == null || now - again >= 0)) {
      entry.asking = true;
      asking++;
      os.tasks().virtual(name + "-" + key, () -> ask(key, entry));
    }
    return entry;
  }

  private void ask(K key, Kept<V> entry) {
    Optional<V> answer = Optional.empty();
    try {
      answer = question.apply(key);
    } finally {
      answered(entry, answer);
    }
  }

  private synchronized void answered(Kept<V> entry, Optional<V> answer) {
    long now = os.time().nanos();
    answer.ifPresent(
        value -> {
          entry.value = value;
          entry.since = now;
        });
    entry.silent = answer.isEmpty();
    entry.askAgain = now + (answer.isPresent() ? FRESH : PAUSE).toNanos();
    entry.asking = false;
    asking--;
    entry.waiting.forEach(Time.Signal::raise);
    entry.waiting.clear();
  }
}
