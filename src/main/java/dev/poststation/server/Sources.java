package dev.poststation.server;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Whether all clients come from one address, as they seem to where something in front of us hides
/// theirs. This machine's own sessions, such as checks of its health, do not count. Guarded by the
/// lock of [Sessions].
final class Sources {
  /// Fewer are no pattern.
  static final int SESSIONS = 20;

  static final Duration WINDOW = Duration.ofHours(1);

  private final long[] begun = new long[SESSIONS];
  private @Nullable InetAddress only;
  private int count;
  private @Nullable Long changed;

  /// A session begins.
  ///
  /// @return whether by this one all are known to come from one address
  boolean note(InetAddress client, long now) {
    if (client.isLoopbackAddress()) {
      return false;
    }
    boolean before = one(now).isPresent();
    if (!client.equals(only)) {
      changed = only == null ? null : Long.valueOf(now);
      only = client;
      count = 0;
    }
    begun[count % SESSIONS] = now;
    count = count + 1 == 2 * SESSIONS ? SESSIONS : count + 1;
    return !before && one(now).isPresent();
  }

  /// The address that all sessions of the last hour came from, when they are many enough.
  Optional<InetAddress> one(long now) {
    long window = WINDOW.toNanos();
    boolean many = count >= SESSIONS && now - begun[count % SESSIONS] <= window;
    boolean alone = changed == null || now - changed >= window;
    return many && alone ? Optional.ofNullable(only) : Optional.empty();
  }
}
