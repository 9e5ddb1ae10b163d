package dev.poststation.policy;

import dev.poststation.config.Rate;
import dev.poststation.os.Time;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/// How much of their rates clients have used. In memory only: a restart begins anew. Bounded:
/// whoever was idle for longest is forgotten, and begins anew. Safe for any thread.
final class Rates {
  private static final int MOST = 100_000;

  private final TimeMeter meter;
  private final Map<Key, Bucket> buckets =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Bucket> eldest) {
          return size() > MOST;
        }
      };

  /// @param rule the name of the entry in `clients`
  /// @param limit which of its rates
  /// @param rate a rate that was changed begins anew
  /// @param who the client
  record Key(String rule, String limit, Rate rate, String who) {}

  Rates(Time time) {
    this.meter =
        new TimeMeter() {
          @Override
          public long currentTimeNanos() {
            return time.nanos();
          }

          @Override
          public boolean isWallClockBased() {
            return false;
          }
        };
  }

  /// Takes one, or says after how long one will be there.
  ///
  /// @return zero when it was taken
  Duration take(Key key) {
    Bucket bucket;
    synchronized (buckets) {
      bucket = buckets.computeIfAbsent(key, this::full);
    }
    var probe = bucket.tryConsumeAndReturnRemaining(1);
    return probe.isConsumed()
        ? Duration.ZERO
        : Duration.ofNanos(Math.max(1, probe.getNanosToWaitForRefill()));
  }

  private Bucket full(Key key) {
    Rate rate = key.rate();
    return Bucket.builder()
        .addLimit(limit -> limit.capacity(rate.count()).refillGreedy(rate.count(), rate.per()))
        .withCustomTimePrecision(meter)
        .build();
  }
}
