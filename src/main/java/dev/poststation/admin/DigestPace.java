package dev.poststation.admin;

import dev.poststation.os.IpText;
import dev.poststation.os.Time;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
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
  private final Map<String, Long> full =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > MOST;
        }
      };

  DigestPace(Time time) {
    this.time = time;
  }

  synchronized boolean allows(InetAddress from) {
    long now = time.nanos();
    String who = network(from);
    var before = full.get(who);
    long begin = before == null || before - now < 0 ? now : before;
    if (begin - now > (BURST - 1) * BETWEEN) {
      return false;
    }
    full.put(who, begin + BETWEEN);
    return true;
  }

  /// Whoever has one address of IPv6 has all of its /64.
  private static String network(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return IpText.of(address);
    }
    byte[] octets = address.getAddress();
    Arrays.fill(octets, 8, octets.length, (byte) 0);
    try {
      return IpText.of(InetAddress.getByAddress(octets));
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // Sixteen octets are an address.
    }
  }
}
