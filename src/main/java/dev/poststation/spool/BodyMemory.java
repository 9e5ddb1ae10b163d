package dev.poststation.spool;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/// The budget for contents that stay in memory until their first delivery. A mail has its share
/// from when it comes in until it leaves the place `incoming`. Safe for any thread.
final class BodyMemory {
  private final long most;
  private final AtomicLong used = new AtomicLong();
  private final ConcurrentMap<Long, Integer> shares = new ConcurrentHashMap<>();

  BodyMemory(long most) {
    this.most = most;
  }

  /// Takes this much more, if there is room.
  boolean take(int octets) {
    if (used.addAndGet(octets) > most) {
      used.addAndGet(-octets);
      return false;
    }
    return true;
  }

  /// Gives back what no mail was named for.
  void giveBack(int octets) {
    used.addAndGet(-octets);
  }

  /// From now on what was taken belongs to this mail.
  void assign(long id, int octets) {
    shares.put(id, octets);
  }

  /// Gives back what belongs to a mail, if anything does.
  void release(long id) {
    Integer share = shares.remove(id);
    if (share != null) {
      giveBack(share);
    }
  }

  long used() {
    return used.get();
  }
}
