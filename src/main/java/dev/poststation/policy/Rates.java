package dev.poststation.policy;

import dev.poststation.config.Rate;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import dev.poststation.store.Ledger;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// How much of their rates clients have used. Outlives a restart, and a crash but for the last
/// seconds: a bucket is written down as the moment, by the wall clock, when it will be full again,
/// which says both what is left in it and when. Bounded: whoever was idle for longest is forgotten,
/// and begins anew; senders apart, for who makes up a new one with each mail shall make nobody
/// else's client forgotten. Safe for any thread.
final class Rates implements AutoCloseable {
  /// Rates of clients, and of senders, each.
  private static final int MOST = 100_000;

  private static final String FILE = "rates.used";

  private final Time time;
  private final @Nullable Ledger ledger;
  private final TimeMeter meter;
  private final Map<Key, Bucket> clients = bounded();
  private final Map<Key, Bucket> senders = bounded();

  /// @param rule the name of the entry in `clients`
  /// @param limit which of its rates
  /// @param rate one of those of the limit; one that was changed begins anew
  /// @param who the client, or the sender
  record Key(String rule, String limit, Rate rate, String who) {
    private boolean ofSender() {
      return limit.startsWith("sender-");
    }
  }

  private static Map<Key, Bucket> bounded() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      @Override
      protected boolean removeEldestEntry(Map.Entry<Key, Bucket> eldest) {
        return size() > MOST;
      }
    };
  }

  private Map<Key, Bucket> among(Key key) {
    return key.ofSender() ? senders : clients;
  }

  /// The time of a bucket, which may begin in the past.
  private static final class Meter implements TimeMeter {
    private final Time time;
    private volatile long ago;

    Meter(Time time) {
      this.time = time;
    }

    @Override
    public long currentTimeNanos() {
      return time.nanos() - ago;
    }

    @Override
    public boolean isWallClockBased() {
      return false;
    }
  }

  /// Rates that are kept in memory only.
  Rates(Time time) {
    this.time = time;
    this.meter = new Meter(time);
    this.ledger = null;
  }

  /// Rates that are kept in `data`.
  Rates(Os os, Path data) {
    this.time = os.time();
    this.meter = new Meter(time);
    this.ledger = new Ledger(os, data.resolve(FILE), this::lines, Ledger.SOON);
    var now = time.now();
    ledger.read(2L * MOST, line -> readLine(line, now));
  }

  /// @return whether it was understood
  private boolean readLine(String line, Instant now) {
    String[] words = line.split(" ", 5);
    if (words.length < 5) {
      return false;
    }
    try {
      int slash = words[2].indexOf('/');
      int count = Integer.parseInt(words[2].substring(0, Math.max(0, slash)));
      var rate = new Rate(count, words[2].substring(slash + 1));
      Duration per = rate.per();
      Duration left = Duration.between(now, Instant.parse(words[0]));
      if (count > 0 && left.isPositive()) {
        // A clock that was set back must not lock anybody out for longer than an empty bucket does.
        Duration missing = left.compareTo(per) < 0 ? left : per;
        var key = new Key(words[3], words[1], rate, words[4]);
        among(key).put(key, begun(rate, per.minus(missing).toNanos()));
      }
      return count > 0;
    } catch (DateTimeException | IllegalArgumentException | ArithmeticException _) {
      return false; // Another line may be whole.
    }
  }

  /// A rate that is used up.
  ///
  /// @param after the time until there is one again
  record Lack(Key key, Duration after) {}

  /// Takes one of each, or nothing of any.
  ///
  /// @return the one that is to be waited for longest; empty when they were taken
  Optional<Lack> take(List<Key> keys) {
    if (keys.isEmpty()) {
      return Optional.empty();
    }
    List<Bucket> buckets = new ArrayList<>(keys.size());
    Key lacking = null;
    long longest = 0;
    synchronized (clients) { // Nobody takes anything between the two looks.
      for (Key key : keys) {
        var bucket = among(key).computeIfAbsent(key, this::full);
        long nanos = bucket.estimateAbilityToConsume(1).getNanosToWaitForRefill();
        if (nanos > longest) {
          lacking = key;
          longest = nanos;
        }
        buckets.add(bucket);
      }
      if (lacking != null) {
        return Optional.of(new Lack(lacking, Duration.ofNanos(longest)));
      }
      buckets.forEach(bucket -> bucket.tryConsume(1));
    }
    if (ledger != null) {
      ledger.changed();
    }
    return Optional.empty();
  }

  /// The one of these that is used up now, and is to be waited for longest; takes nothing.
  Optional<Lack> lack(List<Key> keys) {
    synchronized (clients) {
      return keys.stream()
          .flatMap(
              key -> Optional.ofNullable(among(key).get(key)).map(used -> lack(key, used)).stream())
          .filter(lack -> lack.after().isPositive())
          .max(Comparator.comparing(Lack::after));
    }
  }

  /// How much of each of these is used now; nothing where they are in memory only, which is no
  /// relay's. Takes nothing.
  List<RateUse> used(List<Key> keys) {
    if (ledger == null) {
      return List.of();
    }
    synchronized (clients) {
      return keys.stream().map(key -> used(key, among(key).get(key))).toList();
    }
  }

  private static RateUse used(Key key, @Nullable Bucket bucket) {
    long left = bucket == null ? key.rate().count() : bucket.getAvailableTokens();
    return new RateUse(key.limit(), key.rate(), key.rate().count() - left);
  }

  private static Lack lack(Key key, Bucket bucket) {
    long nanos = bucket.estimateAbilityToConsume(1).getNanosToWaitForRefill();
    return new Lack(key, Duration.ofNanos(nanos));
  }

  private Bucket full(Key key) {
    return bucket(key.rate(), key.rate().count(), meter);
  }

  /// A bucket that was empty so long ago.
  private Bucket begun(Rate rate, long ago) {
    var own = new Meter(time);
    own.ago = ago;
    var bucket = bucket(rate, 0, own);
    own.ago = 0;
    return bucket;
  }

  private static Bucket bucket(Rate rate, long tokens, TimeMeter meter) {
    return Bucket.builder()
        .addLimit(
            limit ->
                limit
                    .capacity(rate.count())
                    .refillGreedy(rate.count(), rate.per())
                    .initialTokens(tokens))
        .withCustomTimePrecision(meter)
        .build();
  }

  private List<String> lines() {
    List<Map.Entry<Key, Bucket>> all;
    synchronized (clients) {
      all =
          Stream.concat(clients.entrySet().stream(), senders.entrySet().stream())
              .map(Map.Entry::copyOf)
              .toList();
    }
    var now = time.now();
    List<String> lines = new ArrayList<>();
    for (var each : all) {
      Key key = each.getKey();
      long nanos =
          each.getValue().estimateAbilityToConsume(key.rate().count()).getNanosToWaitForRefill();
      if (nanos > 0 && Ledger.fits(key.who())) {
        lines.add(
            now.plusNanos(nanos)
                + " "
                + key.limit()
                + " "
                + key.rate()
                + " "
                + key.rule()
                + " "
                + key.who());
      }
    }
    return lines;
  }

  /// Writes what is left.
  @Override
  public void close() {
    if (ledger != null) {
      ledger.close();
    }
  }
}
