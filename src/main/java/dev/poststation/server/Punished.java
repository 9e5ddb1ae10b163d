package dev.poststation.server;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/// Clients that are not let in for a while, because the last thing they did here was to misbehave.
/// Bounded: of very many, the first ones are forgotten. Guarded by the lock of [Sessions].
final class Punished {
  static final int MOST = 10_000;

  private final Map<Long, Long> since = new LinkedHashMap<>();

  /// From now on.
  void add(long client, long now) {
    since.remove(client);
    since.put(client, now);
    if (since.size() > MOST) {
      since.remove(since.keySet().iterator().next());
    }
  }

  /// Whether it is.
  ///
  /// @param pause how long
  boolean contains(long client, Duration pause, long now) {
    Long begin = since.get(client);
    if (begin == null) {
      return false;
    }
    if (now - begin >= pause.toNanos()) {
      since.remove(client);
      return false;
    }
    return true;
  }

  int size() {
    return since.size();
  }
}
