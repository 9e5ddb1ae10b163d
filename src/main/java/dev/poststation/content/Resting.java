package dev.poststation.content;

import dev.poststation.config.ServicePoint;
import dev.poststation.os.Connection;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Connections to services that have answered and can be asked again. Whoever rests for long is
/// closed by its deadline. Safe for any thread.
final class Resting {
  private static final Duration REST_MAX = Duration.ofSeconds(60);

  /// At one place; more are closed.
  private static final int CONNECTIONS_MAX = 16;

  private final Map<ServicePoint, Deque<Connection>> resting = new HashMap<>();

  /// One to this place, the one that has rested least; null: there is none.
  synchronized @Nullable Connection take(ServicePoint place) {
    var there = resting.get(place);
    return there == null ? null : there.pollFirst();
  }

  /// Keeps one. Nobody else uses it any more.
  void put(ServicePoint place, Connection connection) {
    connection.deadline(REST_MAX);
    var eldest = kept(place, connection);
    if (eldest != null) {
      eldest.close();
    }
  }

  private synchronized @Nullable Connection kept(ServicePoint place, Connection connection) {
    var there = resting.computeIfAbsent(place, _ -> new ArrayDeque<>());
    there.addFirst(connection);
    return there.size() > CONNECTIONS_MAX ? there.pollLast() : null;
  }
}
