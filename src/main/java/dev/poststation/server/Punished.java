package dev.poststation.server;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/// Clients that are not let in for a while, because the last thing they did here was to misbehave.
/// Bounded: of very many, the first ones are forgotten. Guarded by the lock of [Sessions].
final class Punished {
  static final int MOST = 10_000;

  private final Map<Long, Offence> since = new LinkedHashMap<>();

  private record Offence(long when, String what) {}

  /// From now on.
  ///
  /// @param what its last connection did: a clause
  void add(long client, String what, long now) {
    since.remove(client);
    since.put(client, new Offence(now, what));
    if (since.size() > MOST) {
      since.remove(since.keySet().iterator().next());
    }
  }

  /// What it is not let in for; empty when it is let in.
  ///
  /// @param pause how long
  String offence(long client, Duration pause, long now) {
    var begin = since.get(client);
    if (begin == null) {
      return "";
    }
    if (now - begin.when >= pause.toNanos()) {
      since.remove(client);
      return "";
    }
    return begin.what;
  }

  int size() {
    return since.size();
  }
}
