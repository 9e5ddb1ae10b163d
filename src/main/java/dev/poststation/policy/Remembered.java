package dev.poststation.policy;

import dev.poststation.os.Os;
import dev.poststation.os.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/// Answers of the DNS about clients, asked for anew in the background, so that who needs one has it
/// at once (docs/adr/0010-names-of-clients.md). Bounded: what was not used for longest goes. Safe
/// for any thread. Whoever asks for what is known takes no lock: each entry of `clients` that goes
/// by a name asks, for each mail.
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

  /// When something was used is known no better than this.
  private static final Duration USE = Duration.ofSeconds(1);

  private final String name;
  private final Os os;
  private final Function<K, Optional<V>> question;
  private final int most;
  private final ConcurrentHashMap<K, Kept<V>> entries = new ConcurrentHashMap<>();
  private int asking;

  private static final class Kept<V> {
    private volatile State<V> state;
    private volatile long used;
    private volatile boolean asking;
    private final List<Time.Signal> waiting = new ArrayList<>(0);

    Kept(long now) {
      this.state = new State<>(Optional.empty(), now, now, false);
      this.used = now;
    }

    boolean isToAsk(long now) {
      return !asking && now - state.askAgain() >= 0;
    }

    /// Not written each time: processors would take it from each other.
    void use(long now) {
      if (now - used > USE.toNanos()) {
        used = now;
      }
    }
  }

  /// What is known of one key.
  ///
  /// @param value the last answer; empty: none yet
  /// @param since when it came
  /// @param askAgain when to ask for it anew
  /// @param silent whether nobody answered the last time
  private record State<V>(Optional<V> value, long since, long askAgain, boolean silent) {
    Optional<V> held(long now) {
      var limit = silent ? GRACE : STALE;
      return now - since <= limit.toNanos() ? value : Optional.empty();
    }
  }

  /// @param name of the threads that ask
  /// @param question asks; empty: nobody knows now
  Remembered(String name, int most, Os os, Function<K, Optional<V>> question) {
    this.name = name;
    this.os = os;
    this.question = question;
    this.most = most;
  }

  Time time() {
    return os.time();
  }

  /// What is known; empty when nothing is, or nothing that still holds. Never waits; asks in the
  /// background where that is due.
  Optional<V> now(K key) {
    long now = os.time().nanos();
    var entry = entries.get(key);
    if (entry == null || entry.isToAsk(now)) {
      return asked(key, now);
    }
    entry.use(now);
    return entry.state.held(now);
  }

  /// The same, but waits for the answer where nothing is known and somebody is being asked.
  Optional<V> await(K key, Duration atMost) {
    Time.Signal signal = os.time().signal();
    synchronized (this) {
      var known = now(key);
      var entry = entries.get(key);
      if (known.isPresent() || entry == null || !entry.asking) {
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

  /// What is known of a key before somebody is asked about it, if that is due.
  private synchronized Optional<V> asked(K key, long now) {
    var entry = entries.get(key);
    if (entry == null) {
      makeRoom();
      entry = new Kept<>(now);
      entries.put(key, entry);
    }
    if (entry.isToAsk(now) && asking < ASKING_MAX) {
      entry.asking = true;
      asking++;
      var about = entry;
      os.tasks().virtual(name + "-" + key, () -> ask(key, about));
    }
    entry.use(now);
    return entry.state.held(now);
  }

  /// Of what is too much a tenth goes at once, so that it need not be sorted for each that comes.
  private void makeRoom() {
    if (entries.size() >= most) {
      entries.entrySet().stream()
          .map(each -> new Use<>(each.getKey(), each.getValue().used)) // It changes meanwhile.
          .sorted(Comparator.comparingLong(Use::when))
          .limit(Math.max(1, most / 10))
          .forEach(use -> entries.remove(use.key));
    }
  }

  private record Use<K>(K key, long when) {}

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
    var before = entry.state;
    entry.state =
        answer.isPresent()
            ? new State<>(answer, now, now + FRESH.toNanos(), false)
            : new State<>(before.value(), before.since(), now + PAUSE.toNanos(), true);
    entry.asking = false;
    asking--;
    entry.waiting.forEach(Time.Signal::raise);
    entry.waiting.clear();
  }
}
