package dev.poststation.server;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/// Clients that are not let in for a while, because the last thing they did here was to misbehave.
/// Bounded: of very many, the first ones are forgotten. Guarded by the lock of [Sessions].
final class Punished {
  static final int MOST = 10_000;

  /// So many handshakes in a row may fail, the last one not: one is a scanner, or a program that
  /// does not like our certificate; many are a flood that costs us a key exchange each.
  static final int HANDSHAKES_MOST = 5;

  /// So long they are remembered.
  static final Duration HANDSHAKES_KEPT = Duration.ofMinutes(10);

  private static final String TLS = "failed at TLS, like those before it";

  private final Map<Long, Offence> since = new LinkedHashMap<>();
  private final Map<Long, Failed> failed = new LinkedHashMap<>();

  private record Offence(long when, String what) {}

  /// Handshakes that failed in a row.
  private record Failed(int times, long last) {}

  /// A session is over.
  ///
  /// @param offence what the client did, a clause; or empty
  void left(long client, String offence, Handshake handshake, long now) {
    boolean tooOften =
        switch (handshake) {
          case NONE -> false;
          case DONE -> {
            failed.remove(client);
            yield false;
          }
          case FAILED -> again(client, now) >= HANDSHAKES_MOST;
        };
    if (!offence.isEmpty()) {
      add(client, offence, now);
    } else if (tooOften) {
      add(client, TLS, now);
    }
  }

  private int again(long client, long now) {
    var before = failed.remove(client);
    int times =
        before != null && now - before.last < HANDSHAKES_KEPT.toNanos() ? before.times + 1 : 1;
    put(failed, client, new Failed(times, now));
    return times;
  }

  private static <T> void put(Map<Long, T> map, long client, T value) {
    map.put(client, value);
    if (map.size() > MOST) {
      map.remove(map.keySet().iterator().next());
    }
  }

  /// From now on.
  ///
  /// @param what its last connection did: a clause
  void add(long client, String what, long now) {
    since.remove(client);
    put(since, client, new Offence(now, what));
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
    return since.size() + failed.size();
  }
}
