package dev.poststation.content;

import dev.poststation.os.Time;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/// Mail that was told to come back: whose first try is long enough ago, passes. In memory; what is
/// forgotten waits once more. Safe for any thread.
final class Greylist {
  /// Programs that send spam seldom come again after that; mail servers do.
  private static final Duration WAIT = Duration.ofMinutes(5);

  private static final Duration KEPT = Duration.ofDays(2);
  private static final int TRIES_MAX = 100_000;

  private final Time time;

  /// When the first try was, by client, sender and recipients.
  private final LinkedHashMap<String, Long> tries = new LinkedHashMap<>();

  Greylist(Time time) {
    this.time = time;
  }

  /// Whether this mail has waited.
  synchronized boolean passes(Facts facts) {
    String key = network(facts.source().address()) + " " + facts.sender() + " " + to(facts);
    long now = time.nanos();
    Long first = tries.get(key);
    if (first != null && now - first <= KEPT.toNanos()) {
      return now - first >= WAIT.toNanos();
    }
    if (!facts.trial()) {
      tries.remove(key);
      tries.put(key, now);
      forget(now);
    }
    return false;
  }

  private void forget(long now) {
    var eldest = tries.entrySet().iterator();
    while (eldest.hasNext()) {
      Map.Entry<String, Long> entry = eldest.next();
      if (tries.size() <= TRIES_MAX && now - entry.getValue() <= KEPT.toNanos()) {
        return;
      }
      eldest.remove();
    }
  }

  /// Large senders come again from another address of the same network.
  private static String network(String address) {
    if (address.isEmpty()) {
      return address;
    }
    byte[] octets = InetAddress.ofLiteral(address).getAddress();
    return HexFormat.of().formatHex(Arrays.copyOf(octets, octets.length == 4 ? 3 : 8));
  }

  /// Many recipients are one number: they need not be told apart again.
  private static String to(Facts facts) {
    var first = facts.recipients().getFirst().address().toString();
    return facts.recipients().size() == 1 ? first : first + " " + facts.recipients().hashCode();
  }
}
