package dev.poststation.queue;

import dev.poststation.config.Connector;
import dev.poststation.config.Rate;
import dev.poststation.delivery.Attempt;
import dev.poststation.message.Outcome;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import dev.poststation.smtp.EnhancedStatus;
import dev.poststation.store.Ledger;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What connectors have used of the quotas of their providers (`quota`, `quota-recipients`). Kept
/// in `data` so that no end of the relay makes it send more: a part of a quota is written down as
/// used before the last octet of a mail goes out that uses it. After a crash what was written and
/// not used is lost until it is old; what was only under way is not. Safe for any thread.
public final class Quotas implements AutoCloseable {
  private static final int MOST = 100_000;
  private static final String FILE = "quotas.used";

  /// The last line of what an orderly end has written.
  private static final String EXACT = "exact";

  /// What bulk leaves to other mail.
  private static final int TENTH = 10;

  /// What is shorter is over before anybody has written it down.
  private static final Duration WRITTEN = Duration.ofHours(1);

  private final Time time;
  private final @Nullable Ledger ledger;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Key, Quota> quotas = new LinkedHashMap<>();

  /// Held by whoever writes down what is promised. Who needs more than that waits until it is
  /// written, and promises then: a crash costs one promise, not one for each who waited.
  private final ReentrantLock writer = new ReentrantLock();

  /// There was an end that had no time to write all down.
  private boolean unclean;

  private final Instant start;
  private boolean closing;

  /// The file says of itself that it may not be all.
  private boolean begun;

  /// @param who the connector, or its account
  /// @param unit the time of the quota
  private record Key(String who, boolean recipients, String unit) {}

  /// Whether a mail may be sent.
  sealed interface Answer permits Taken, Lack {}

  /// It may, and nobody else has that now.
  ///
  /// @param recipients to so many at most
  /// @param parts of which quotas it was taken
  record Taken(int recipients, List<Quota.Part> parts) implements Answer {
    private static final Taken FREE = new Taken(Integer.MAX_VALUE, List.of());
  }

  /// It may not, nor may any other.
  ///
  /// @param until when it may be again
  record Lack(Instant until, Outcome.Deferred why) implements Answer {}

  /// How much of a quota is used.
  ///
  /// @param who the connector, or its account: `provider:sales@example.com`
  /// @param recipients whether it counts recipients, not mails
  /// @param left what is left
  /// @param free when something is left; null: now
  public record Used(String who, boolean recipients, Rate rate, int left, @Nullable Instant free) {}

  /// Quotas that are kept in memory only.
  public Quotas(Os os) {
    this.time = os.time();
    this.start = time.now();
    this.ledger = null;
  }

  /// Quotas that are kept in `data`.
  public Quotas(Os os, Path data) {
    this.time = os.time();
    this.start = time.now();
    this.ledger = new Ledger(os, data.resolve(FILE), this::lines);
    boolean[] exact = {false};
    boolean[] any = {false};
    ledger.read(
        MOST,
        line -> {
          any[0] = true;
          exact[0] |= line.equals(EXACT);
          return line.equals(EXACT) || read(line);
        });
    this.unclean = any[0] && !exact[0];
    if (unclean) {
      quotas.keySet().removeIf(Quotas::isShort);
    }
  }

  private static boolean isShort(Key key) {
    return isShort(new Rate(1, key.unit));
  }

  private static boolean isShort(Rate rate) {
    return rate.per().compareTo(WRITTEN) < 0;
  }

  /// @return whether it was understood
  private boolean read(String line) {
    String[] words = line.split(" ", 4);
    if (words.length < 4) {
      return false;
    }
    try {
      int slash = words[1].indexOf('/');
      int count = Integer.parseInt(words[1].substring(0, Math.max(0, slash)));
      var rate = new Rate(count, words[1].substring(slash + 1));
      rate.per();
      var quota = new Quota(rate);
      for (String slot : words[2].split(",", -1)) {
        int colon = slot.indexOf(':');
        quota.used(
            Long.parseLong(slot.substring(0, Math.max(0, colon))),
            Integer.parseInt(slot.substring(colon + 1)));
      }
      // Once, one that was changed had a line for what was used before and one for the rest.
      quotas.merge(
          new Key(words[3], words[0].equals("recipients"), rate.unit()), quota, Quotas::joined);
      return true;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static Quota joined(Quota one, Quota other) {
    one.tell(other);
    return other;
  }

  private List<String> lines() {
    lock.lock();
    try {
      List<String> lines = new ArrayList<>();
      var now = time.now();
      quotas.forEach(
          (key, quota) -> {
            var used = quota.used(closing, now);
            if (!used.isEmpty()) { // What is only under way is not yet.
              lines.add(line(key, quota.rate(), used));
            }
          });
      if (closing && (!unclean || !now.isBefore(start.plus(WRITTEN)))) {
        lines.add(EXACT);
      }
      return lines;
    } finally {
      lock.unlock();
    }
  }

  private static String line(Key key, Rate rate, Map<Long, Integer> used) {
    var line = new StringBuilder(key.recipients ? "recipients " : "mails ");
    line.append(rate).append(' ');
    used.forEach((slot, count) -> line.append(slot).append(':').append(count).append(','));
    line.setLength(line.length() - 1);
    return line.append(' ').append(key.who).toString();
  }

  /// Takes what one transaction with so many recipients needs of all quotas of a connector, or with
  /// as many of them as are left. It must go out, or be given back.
  ///
  /// @param bulk whether it leaves a tenth of each quota to other mail
  Answer take(Connector connector, int recipients, boolean bulk) {
    if (connector.pool().unlimited()) {
      return Taken.FREE;
    }
    lock.lock();
    try {
      var lack = lack(connector, bulk);
      if (lack.isPresent()) {
        return lack.get();
      }
      var now = time.now();
      var each = keys(connector);
      int count = recipients;
      for (var key : each.keySet()) {
        var quota = quota(each, key, now);
        count = key.recipients ? Math.min(count, quota.left(now) - kept(quota, bulk)) : count;
      }
      List<Quota.Part> parts = new ArrayList<>(each.size());
      for (var key : each.keySet()) {
        var part =
            new Quota.Part(quota(each, key, now), key.recipients, key.recipients ? count : 1);
        part.take();
        parts.add(part);
      }
      return new Taken(count, parts);
    } finally {
      lock.unlock();
    }
  }

  /// What was taken goes out now, for the first time or once more. Returns when a crash would not
  /// make anybody forget it: then the next hop may be told the last of the mail.
  void out(Taken taken) {
    lock.lock();
    try {
      var now = time.now();
      taken.parts.forEach(part -> part.again(now));
    } finally {
      lock.unlock();
    }
    wentOut(taken);
  }

  /// What was taken went out, as far as that was not said before.
  void wentOut(Taken taken) {
    if (taken.parts.isEmpty() || goesOut(taken)) {
      return;
    }
    writer.lock();
    try {
      while (!goesOut(taken)) {
        promise(taken);
      }
    } finally {
      writer.unlock();
    }
  }

  /// @return whether it may, as far as is on the disk
  private boolean goesOut(Taken taken) {
    lock.lock();
    try {
      var now = time.now();
      boolean covered =
          ledger == null || (begun && taken.parts.stream().allMatch(part -> isCovered(part, now)));
      if (covered) {
        taken.parts.forEach(part -> part.out(now));
      }
      return covered;
    } finally {
      lock.unlock();
    }
  }

  private static boolean isCovered(Quota.Part part, Instant now) {
    return isShort(part.quota().rate()) || part.isCovered(now);
  }

  /// Has it on the disk that so much is used. Where the disk does not take it (it is full), mail
  /// goes on all the same, and a crash before the next write forgets this promise: mail that waits
  /// is worse, and the program's log tells of it. Called with `writer` held.
  private void promise(Taken taken) {
    var file = Objects.requireNonNull(ledger);
    List<Quota> promised;
    lock.lock();
    try {
      var now = time.now();
      closing = false; // Whoever sends after the end: it was not the end.
      begun = true;
      var lacking = taken.parts.stream().filter(part -> !isCovered(part, now)).toList();
      lacking.forEach(part -> part.promise(now));
      promised = lacking.stream().map(Quota.Part::quota).toList();
    } finally {
      lock.unlock();
    }
    file.changed();
    file.write();
    lock.lock();
    try {
      promised.forEach(Quota::written);
    } finally {
      lock.unlock();
    }
  }

  /// What the next hop surely did not take does not count.
  ///
  /// @param outcomes of those that were sent to
  void settle(Taken taken, List<@Nullable Outcome> outcomes) {
    int used = 0;
    for (var each : outcomes) {
      used += Attempt.Result.isUsed(each) ? 1 : 0;
    }
    if (used > 0) {
      wentOut(taken);
    }
    giveBack(taken, used == 0 ? 1 : 0, Math.max(0, taken.recipients - used));
  }

  /// Why no mail may be sent now; empty: one may.
  Optional<Lack> lack(Connector connector, boolean bulk) {
    if (connector.pool().unlimited()) {
      return Optional.empty();
    }
    var now = time.now();
    lock.lock();
    try {
      Lack lack = null;
      var each = keys(connector);
      for (var key : each.keySet()) {
        var quota = quota(each, key, now);
        int kept = kept(quota, bulk);
        int left = quota.left(now);
        if (left <= kept) {
          var until = quota.free(1 + kept, now);
          if (lack == null || until.isAfter(lack.until)) {
            lack = new Lack(until, usedUp(connector, key, quota.rate(), left > 0));
          }
        }
      }
      return Optional.ofNullable(lack);
    } finally {
      lock.unlock();
    }
  }

  private static int kept(Quota quota, boolean bulk) {
    return bulk ? quota.rate().count() / TENTH : 0;
  }

  private static Outcome.Deferred usedUp(Connector connector, Key key, Rate rate, boolean forBulk) {
    String text =
        (key.recipients ? "quota-recipients " : "quota ")
            + rate
            + " of connector "
            + connector.name()
            + " is used up"
            + (forBulk ? " but for a tenth, which bulk leaves to other mail" : "")
            + (key.who.equals(connector.name()) ? "" : " for account " + connector.login());
    return new Outcome.Deferred(Outcome.Stage.QUOTA, new EnhancedStatus(4, 7, 0), text, null);
  }

  private static Map<Key, Rate> keys(Connector connector) {
    var pool = connector.pool();
    String who = connector.quotaHolder();
    Map<Key, Rate> keys = new LinkedHashMap<>();
    pool.quota().forEach(rate -> keys.merge(new Key(who, false, rate.unit()), rate, Quotas::less));
    pool.quotaRecipients()
        .forEach(rate -> keys.merge(new Key(who, true, rate.unit()), rate, Quotas::less));
    return keys;
  }

  private static Rate less(Rate one, Rate other) {
    return one.count() < other.count() ? one : other;
  }

  private Quota quota(Map<Key, Rate> rates, Key key, Instant now) {
    var rate = rates.get(key);
    if (rate == null) {
      throw new IllegalStateException("no quota " + key);
    }
    var known = quotas.get(key);
    if (known != null) {
      known.allows(rate);
      return known;
    }
    if (quotas.size() >= MOST) {
      quotas.values().removeIf(quota -> quota.unused(now));
    }
    var quota = new Quota(rate);
    longest(key)
        .ifPresent(
            other -> {
              other.tell(quota);
              quota.used(quota.slot(now), other.underWay());
            });
    if (unclean && isShort(key)) {
      quota.exhaust(now);
    }
    quotas.put(key, quota);
    return quota;
  }

  /// The quota of the same, of the longest time: what is known of it counts for one that is new.
  private Optional<Quota> longest(Key than) {
    return Stream.of("day", "hour", "minute", "second")
        .map(unit -> quotas.get(new Key(than.who, than.recipients, unit)))
        .filter(Objects::nonNull)
        .findFirst();
  }

  /// The next hop did not take so much of what was taken of the quotas for it.
  ///
  /// @param mails 1 when it took nothing of the mail
  void giveBack(Taken taken, int mails, int recipients) {
    if (taken.parts.isEmpty()) {
      return;
    }
    lock.lock();
    try {
      taken.parts.forEach(part -> part.giveBack(mails, recipients));
    } finally {
      lock.unlock();
    }
  }

  /// Nothing more comes of it: what has not gone out does not count.
  void end(Taken taken) {
    lock.lock();
    try {
      taken.parts.forEach(Quota.Part::end);
    } finally {
      lock.unlock();
    }
  }

  /// How many mails may be sent by a connector now.
  ///
  /// @param most more are not asked for
  /// @param bulk whether they may be bulk
  int left(Connector connector, int most, boolean bulk) {
    if (connector.pool().unlimited()) {
      return most;
    }
    int left = most;
    for (var each : used(connector)) {
      left = Math.min(left, each.left - (bulk ? each.rate.count() / TENTH : 0));
    }
    return left;
  }

  /// What is used of all quotas of a connector, or of one of its accounts.
  public List<Used> used(Connector connector) {
    var now = time.now();
    lock.lock();
    try {
      List<Used> all = new ArrayList<>();
      var each = keys(connector);
      for (var key : each.keySet()) {
        var quota = quota(each, key, now);
        int left = quota.left(now);
        var free = left > 0 ? null : quota.free(1, now);
        all.add(new Used(key.who, key.recipients, quota.rate(), left, free));
      }
      return all;
    } finally {
      lock.unlock();
    }
  }

  /// Writes down exactly what was used.
  @Override
  public void close() {
    if (ledger == null) {
      return;
    }
    lock.lock();
    try {
      closing = true;
    } finally {
      lock.unlock();
    }
    ledger.changed();
    ledger.close();
  }
}
