package dev.poststation.queue;

import dev.poststation.config.Rate;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// How much of one quota of a provider is used: at no moment is more used within the time of the
/// quota than it allows, however the provider counts its hours. What is under way counts, and what
/// was used counts from when it went out until the whole of its slot, a 120th of that time, is
/// older than the time. Guarded by its [Quotas].
final class Quota {
  private static final int SLOTS = 120;

  /// What is promised at a time is a 50th of the quota.
  private static final int PROMISE = 50;

  /// Another one after a change of the configuration, of the same time.
  private Rate rate;

  private final long slotNanos;
  private final TreeMap<Long, Integer> used = new TreeMap<>();

  /// Taken, but nothing that the next hop could take went out yet.
  private int underWay;

  /// What is to be written down as used in the newest slot, and may be more than what is.
  private int promised;

  private long promisedSlot = Long.MIN_VALUE;

  /// Whether that is on the disk.
  private boolean written;

  Quota(Rate rate) {
    this.rate = rate;
    this.slotNanos = rate.per().toNanos() / SLOTS;
  }

  /// How much it allows from now on.
  void allows(Rate changed) {
    rate = changed;
  }

  Rate rate() {
    return rate;
  }

  /// What this one knows of is used of that one, too.
  void tell(Quota other) {
    used.forEach(
        (slot, count) -> {
          long end = Math.multiplyExact(slot + 1, slotNanos) - 1;
          other.used.merge(Math.floorDiv(end, other.slotNanos), count, Integer::sum);
        });
  }

  /// The slot of a time.
  long slot(Instant time) {
    return Math.floorDiv(
        Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000_000L), time.getNano()),
        slotNanos);
  }

  private void forget(long now) {
    used.headMap(now - SLOTS).clear();
    // A clock that was set back must not lock anybody out for longer than a full quota does.
    var later = used.tailMap(now, false);
    int sum = later.values().stream().mapToInt(Integer::intValue).sum();
    if (sum > 0) {
      later.clear();
      used.merge(now, sum, Integer::sum);
    }
  }

  /// What is left now.
  int left(Instant time) {
    forget(slot(time));
    return Math.max(0, rate.count() - sum());
  }

  private int sum() {
    return underWay + used.values().stream().mapToInt(Integer::intValue).sum();
  }

  /// When so much will be left, if nothing else is used until then.
  Instant free(int wanted, Instant time) {
    forget(slot(time));
    int missing = wanted + sum() - rate.count();
    long until = slot(time);
    for (var slot : used.entrySet()) {
      if (missing <= 0) {
        break;
      }
      missing -= slot.getValue();
      until = slot.getKey() + SLOTS + 1;
    }
    // What is under way may go out any moment.
    long latest = missing > 0 ? slot(time) + SLOTS + 1 : until;
    long nanos = Math.multiplyExact(latest, slotNanos);
    return Instant.ofEpochSecond(
        Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L));
  }

  /// Takes so much, which must be left: nobody else has it from now on.
  void take(int count) {
    underWay += count;
  }

  /// So much of what was taken does not go out.
  void leave(int count) {
    underWay -= count;
  }

  /// How much is under way.
  int underWay() {
    return underWay;
  }

  /// Whether so much more may go out in the slot of now, for it is on the disk as used.
  boolean covers(int count, Instant time) {
    long slot = slot(time);
    return written && slot == promisedSlot && used.getOrDefault(slot, 0) + count <= promised;
  }

  /// So much more, and what is promised along with it, is to be written down as used.
  void promise(int count, Instant time) {
    promisedSlot = slot(time);
    int now = used.getOrDefault(promisedSlot, 0) + count;
    int rest = rate.count() - sum() + underWay - count;
    promised = now + Math.max(0, Math.min(rate.count() / PROMISE - 1, rest));
    written = false;
  }

  /// What was promised is on the disk.
  void written() {
    written = true;
  }

  /// So much of what was taken goes out now.
  ///
  /// @return the slot that it counts in
  long out(int count, Instant time) {
    long slot = slot(time);
    underWay -= count;
    used.merge(slot, count, Integer::sum);
    return slot;
  }

  /// So much of what went out in a slot was refused. What is old, or was moved when the clock was
  /// set back, is not given back: it would be somebody else's.
  void giveBack(long slot, int count) {
    used.computeIfPresent(slot, (_, now) -> now > count ? now - count : null);
  }

  /// All of it was used just now, as far as is known.
  void exhaust(Instant time) {
    used.clear();
    used.put(slot(time), rate.count());
  }

  /// What was used and is not old, by slot. A promise stands though all of it was given back: it
  /// still covers what goes out.
  ///
  /// @param exactly without what was only promised
  Map<Long, Integer> used(boolean exactly, Instant time) {
    long now = slot(time);
    forget(now);
    var all = new TreeMap<>(used);
    if (!exactly && promisedSlot >= now - SLOTS) {
      all.merge(promisedSlot, promised, Math::max);
    }
    return all;
  }

  /// Takes up what was written down.
  void used(long slot, int count) {
    used.merge(slot, Math.min(count, rate.count()), Integer::sum);
  }

  /// Whether nothing is known that would be lost.
  boolean unused(Instant time) {
    forget(slot(time));
    return used.isEmpty() && underWay == 0;
  }

  /// What was taken of one quota for a mail. Guarded as the quota is.
  static final class Part {
    private final Quota quota;
    private final boolean recipients;
    private int count;

    /// The slot in which it went out; null: it has not.
    private @Nullable Long slot;

    /// @param recipients whether the quota counts these
    Part(Quota quota, boolean recipients, int count) {
      this.quota = quota;
      this.recipients = recipients;
      this.count = count;
    }

    Quota quota() {
      return quota;
    }

    void take() {
      quota.take(count);
    }

    /// Whether it may go out now, or has.
    boolean isCovered(Instant now) {
      return slot != null || quota.covers(count, now);
    }

    void promise(Instant now) {
      quota.promise(count, now);
    }

    void out(Instant now) {
      if (slot == null) {
        slot = quota.out(count, now);
      }
    }

    /// It goes out once more, to another host or in another way: it counts from then.
    void again(Instant now) {
      if (slot != null && slot != quota.slot(now)) {
        quota.giveBack(slot, count);
        quota.take(count);
        slot = null;
      }
    }

    void giveBack(int mails, int ofRecipients) {
      int back = Math.min(count, recipients ? ofRecipients : mails);
      count -= back;
      if (slot == null) {
        quota.leave(back);
      } else if (back > 0) {
        quota.giveBack(slot, back);
      }
    }

    /// What has not gone out does not count.
    void end() {
      if (slot == null) {
        giveBack(count, count);
      }
    }
  }
}
