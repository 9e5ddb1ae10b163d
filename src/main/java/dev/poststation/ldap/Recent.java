package dev.poststation.ldap;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What was found out lately, by name. Of so many names at most, those that were asked for last.
/// Safe for any thread.
public final class Recent<V> {
  private static final int MOST = 10_000;

  private final int most;
  private final Map<String, Noted<V>> notes = new LinkedHashMap<>(16, 0.75f, true);

  /// Of many names.
  public Recent() {
    this(MOST);
  }

  /// Of so many names.
  Recent(int most) {
    this.most = most;
  }

  /// What was found out.
  ///
  /// @param at when, by the monotonic clock
  public record Noted<V>(V value, long at) {
    /// Whether it is not older than that.
    public boolean isYoung(Duration age, long now) {
      return now - at < age.toNanos();
    }
  }

  /// What is known by this name; null: nothing.
  public synchronized @Nullable Noted<V> get(String name) {
    return notes.get(name);
  }

  /// Takes note.
  public synchronized void put(String name, V value, long now) {
    notes.put(name, new Noted<>(value, now));
    if (notes.size() > most) {
      notes.remove(notes.keySet().iterator().next());
    }
  }

  synchronized int size() {
    return notes.size();
  }
}
