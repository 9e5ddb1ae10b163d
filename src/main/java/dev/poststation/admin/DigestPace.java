package dev.poststation.admin;

import dev.poststation.os.Networks;
import dev.poststation.os.Time;
import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/// How often somebody may call the page of the links with one that does not open. Whoever was idle
/// for longest is forgotten. Safe for any thread.
final class DigestPace {
  /// Of one address, or one network of IPv6, in a row; as many come back in a minute.
  static final int BURST = 60;

  private static final long BETWEEN = Duration.ofMinutes(1).toNanos() / BURST;
  private static final int MOST = 10_000;

  private final Time time;

  /// When all of what each has used will have come back.
  private final Map<Long, Long> full =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
          return size() > MOST;
        }
      };

  DigestPace(Time time) {
    this.time = time;
  }

  synchronized boolean allows(InetAddress from) {
    long now = time.nanos();
    long who = Networks.key(from);
    var before = full.get(who);
    long begin = before == null || before - now < 0 ? now : before;
    if (begin - now > (BURST - 1) * BETWEEN) {
      return false;
    }
    full.put(who, begin + BETWEEN);
    return true;
  }
}
